"""`client.messages` of a compat client: what its streams give is what the official SDK's give."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest

from keybearer import Client, compat
from keybearer.simulator import Simulator

ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 60,
    "messages": [{"role": "user", "content": "Write 20 words"}],
}


def raw(client: Any) -> list[str]:
    """Return the types of the events of `create(stream=True)`."""
    return [event.type for event in client.messages.create(**ASK, stream=True)]


def managed(client: Any) -> list[str]:
    """Return the types of the events of `stream(...)`, and read its text to the end."""
    with client.messages.stream(**ASK) as stream:
        found = [event.type for event in stream]
        assert stream.get_final_message().usage.output_tokens
    return found


async def raw_async(client: Any) -> list[str]:
    """Return the types of the events of an awaited `create(stream=True)`."""
    return [event.type async for event in await client.messages.create(**ASK, stream=True)]


async def managed_async(client: Any) -> list[str]:
    """Return the types of the events of an `async with` stream."""
    async with client.messages.stream(**ASK) as stream:
        found = [event.type async for event in stream]
        assert await stream.get_final_text()
    return found


@pytest.mark.parametrize("events", [raw, managed])
def test_a_stream_gives_the_events_of_the_sdks(sim: Simulator, events: Any) -> None:
    """The service sends pings, and neither gives one."""
    found = []
    for library in (compat, anthropic):
        with library.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
            found.append(events(client))
    assert found[0] == found[1]
    assert "ping" not in found[0]
    assert "message_start" in found[0]
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        assert "ping" in raw(client)


@pytest.mark.parametrize("events", [raw_async, managed_async])
def test_an_awaited_stream_gives_the_events_of_the_sdks(sim: Simulator, events: Any) -> None:
    """As the other one."""

    async def both() -> None:
        found = []
        for library in (compat, anthropic):
            async with library.AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
                found.append(await events(client))
        assert found[0] == found[1]
        assert "ping" not in found[0]

    asyncio.run(both())
