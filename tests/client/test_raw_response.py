"""`with_raw_response`: the answer with the HTTP reply that brought it, for each resource, awaited or not."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest

from keybearer import AsyncClient, Client, Message
from keybearer import errors as e
from keybearer.simulator import Simulator

ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 10,
    "messages": [{"role": "user", "content": "Say 'hi'"}],
}


@pytest.fixture
def client(sim: Simulator) -> Any:
    """A client of the simulator."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        yield client


@pytest.fixture
def official(sim: Simulator) -> Any:
    """The official client of the same simulator."""
    with anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as official:
        yield official


def test_the_reply_is_the_official_sdk_s(client: Client, official: anthropic.Anthropic) -> None:
    """The same headers, status and answer; the names of the SDK."""
    theirs = official.messages.with_raw_response.create(**ASK)
    ours = client.messages.with_raw_response.create(**ASK)
    assert ours.headers.keys() == {name.lower() for name in theirs.headers}
    assert (ours.status_code, ours.parse().text) == (theirs.status_code, theirs.parse().content[0].text)
    assert ours.request_id == ours.parse().request_id
    assert isinstance(ours.parse(), Message)


def test_each_resource_has_it(client: Client, sim: Simulator) -> None:
    """Pages, files, batches and streams; the resource below another; and an error is raised as ever."""
    assert client.models.with_raw_response.list(limit=2).parse().data[0].id
    made = client.files.with_raw_response.upload(file=b"x")
    assert (made.status_code, made.headers["content-type"]) == (200, "application/json")
    row = {"custom_id": "a", "params": ASK}
    assert client.messages.with_raw_response.batches.create(requests=[row]).request_id
    with client.messages.with_raw_response.create(**ASK, stream=True).parse() as stream:
        assert [event.type for event in stream][-1] == "message_stop"
    with pytest.raises(e.NotFound):
        client.models.with_raw_response.retrieve("no-such-model")
    with pytest.raises(AttributeError, match="creat"):
        client.messages.with_raw_response.creat(**ASK)
    assert client.messages.with_raw_response.create.__doc__ == client.messages.create.__doc__
    assert sim.requests[-1].status == 404


def test_the_reply_is_that_of_the_last_attempt(client: Client, sim: Simulator) -> None:
    """After an error that was tried again, the headers are those of the answer; each call has its own."""
    sim.fail("error; status=529")
    raw = client.messages.with_raw_response.create(**ASK)
    assert (raw.status_code, raw.request_id) == (200, sim.requests[-1].request_id)
    assert client.messages.with_raw_response.create(**ASK).request_id != raw.request_id


def test_awaited_it_is_the_same(sim: Simulator) -> None:
    """A hundred at once, each with its own reply; a list is awaited for its first page."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            raws = await asyncio.gather(*(client.messages.with_raw_response.create(**ASK) for _ in range(100)))
            assert len({raw.request_id for raw in raws}) == 100
            assert all(raw.request_id == raw.parse().request_id for raw in raws)
            page = await client.models.with_raw_response.list(limit=2)
            assert (page.status_code, len(page.parse().data)) == (200, 2)

    asyncio.run(main())
