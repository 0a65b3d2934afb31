"""`client.models`: against the official SDK on one simulator, and what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest

from keybearer import AsyncClient, AsyncPage, Client, ModelInfo
from keybearer import errors as e
from keybearer.credentials.credential import Credential
from keybearer.credentials.sources.static import StaticKey
from keybearer.flow import Flow
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
    with pytest.raises(e.UsageError, match="non-empty value for `model_id`"):
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


def test_answers_are_kept_for_a_while(client: Client, sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five minutes; asked anew with `refresh`, for the reply's headers, with other options, and after an error."""
    with pytest.raises(e.NotFound):
        client.models.retrieve("no-such-model")
    with pytest.raises(e.NotFound):
        client.models.retrieve("no-such-model")
    assert len(sim.requests) == 2
    first = client.models.retrieve("claude-haiku-4-5")
    assert client.models.retrieve("claude-haiku-4-5") is first
    client.models.list().data.clear()
    assert client.models.list().data
    assert len(sim.requests) == 4
    assert client.models.retrieve("claude-haiku-4-5", refresh=True) == first
    assert client.models.with_raw_response.retrieve("claude-haiku-4-5").status_code == 200
    client.models.retrieve("claude-haiku-4-5", workspace_id="wrkspc_1")
    assert len(sim.requests) == 7
    monkeypatch.setattr("keybearer.api.models.KEPT_FOR", 0.0)
    client.models.retrieve("claude-haiku-4-5")
    assert len(sim.requests) == 8


class Changing:
    """A provider whose key changes."""

    def __init__(self) -> None:
        self.key = "sk-ant-a"

    def current(self) -> Flow[Credential]:
        """Return the key of now."""
        return StaticKey(self.key, source="a test").current()

    def rejected(self, credential: Credential) -> None:
        """Do nothing."""


def test_no_credential_gets_what_another_was_given() -> None:
    """A provider whose token changes, and another base URL, ask anew; few answers are kept."""
    asked: list[bytes] = []

    def script(peer: Peer) -> None:
        while head := peer.request():
            asked.append(head)
            peer.reply(b'{"id": "m", "type": "model"}')

    keys = Changing()
    with raw_server(script) as server, raw_server(script) as other:
        with Client(credentials=keys, base_url=server.url) as client:
            client.models.retrieve("m")
            client.models.retrieve("m")
            assert len(asked) == 1
            keys.key = "sk-ant-b"
            client.models.retrieve("m")
            assert len(asked) == 2
            client.with_options(base_url=other.url).models.retrieve("m")
            assert len(asked) == 3
            for number in range(200):
                client.models.retrieve(f"m{number}")
            kept: Any = client.models._api.kept
            assert len(kept.answers) == 64


def test_awaited_answers_are_kept_too(sim: Simulator) -> None:
    """By `retrieve` and by `list`, whose page is asked for when it is awaited."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            for _ in range(3):
                assert (await client.models.retrieve("claude-haiku-4-5")).id
                assert [model async for model in client.models.list()]
            assert len(sim.requests) == 2
            assert (await client.models.with_raw_response.retrieve("claude-haiku-4-5")).status_code == 200

    asyncio.run(main())
