"""`client.models`: against the official SDK on one simulator, and what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest

from keybearer import AsyncClient, AsyncPage, Client, ModelInfo
from keybearer import errors as e
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server


@pytest.fixture
def client(sim: Simulator) -> Any:
    """A client of the simulator."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        yield client


def test_the_list_is_the_official_sdk_s(client: Client, sim: Simulator) -> None:
    """The same models, in the same order, with nothing lost of what came."""
    with anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as sdk:
        official = sdk.models.list(limit=1000)
    page = client.models.list()
    assert [model.id for model in page] == [model.id for model in official.data]
    assert page.has_more is False
    for ours, theirs in zip(page.data, official.data, strict=True):
        assert ours.to_dict() == theirs.to_dict(mode="json", exclude_unset=True) | {"created_at": ours.created_at} | {
            name: value for name, value in ours.to_dict().items() if name.endswith("_at")
        }
        assert (ours.max_tokens, ours.max_input_tokens) == (theirs.max_tokens, theirs.max_input_tokens)


def test_pages_follow_one_another(client: Client) -> None:
    """`last_id` of a page asks for the next; all of them together are the list."""
    every, after, pages = [], None, 0
    while True:
        page = client.models.list(limit=3, after_id=after)
        assert len(page.data) <= 3
        every += [model.id for model in page.data]
        pages += 1
        if not page.has_more:
            break
        after = page.last_id
    assert every == [model.id for model in client.models.list()]
    assert pages > 1


def test_the_stages_of_life_are_asked_for(client: Client) -> None:
    """Each of several stages is a query parameter of its own."""
    assert {model.lifecycle for model in client.models.list(lifecycle=["retired"])} == {"retired"}
    shown = {model.lifecycle for model in client.models.list(lifecycle=["active", "retired"])}
    assert shown == {"active", "retired"}


def test_one_model(client: Client, sim: Simulator) -> None:
    """By id or alias; awaited, it is the same; an unknown one is a NotFound, and a strange name stays in the path."""
    model = client.models.retrieve("claude-haiku-4-5")
    assert (model.type, bool(model.display_name)) == ("model", True)
    assert ModelInfo.from_json(model.to_json()) == model

    async def awaited() -> tuple[ModelInfo, AsyncPage[ModelInfo]]:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as other:
            return await other.models.retrieve("claude-haiku-4-5"), await other.models.list()

    one, page = asyncio.run(awaited())
    assert (one, page.data) == (model, client.models.list().data)
    for strange in ("no-such-model", "a/b?c#d"):
        with pytest.raises(e.NotFound):
            client.models.retrieve(strange)


def test_what_is_no_argument_is_refused_before_anything_is_sent(client: Client, sim: Simulator) -> None:
    """A call without a body takes no option of a body's; an empty id would be the list."""
    options: Any = {"cache": "auto"}
    with pytest.raises(TypeError, match="'cache' is no option of this call"):
        client.models.list(**options)
    with pytest.raises(e.UsageError, match="model_id is empty"):
        client.models.retrieve("")
    with pytest.raises(e.UsageError, match="timeout"):
        client.models.list(timeout=-1)
    wrong: Any = {"extra_query": "limit=5"}
    with pytest.raises(e.UsageError, match="extra_query is of type str; it takes a mapping"):
        client.models.list(**wrong)
    assert sim.requests == []


@pytest.mark.parametrize("body", [b"{}", b'{"data": 5}', b"[]", b"<html>"])
def test_an_answer_that_is_no_page_is_no_empty_page(body: bytes) -> None:
    """A gateway that knows no models says so; it does not look like a service without any."""

    def answer(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    with raw_server(answer) as server, Client(api_key="sk-ant-test", base_url=server.url, max_retries=0) as client:
        with pytest.raises(e.UnexpectedResponse):
            client.models.list()
