"""`with_streaming_response`, held to the SDK's own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import anthropic
import pytest

from keybearer import compat
from keybearer.errors import UsageError
from keybearer.simulator import Simulator

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_an_answer_is_read_in_every_way(sdk: Any, sim: Simulator) -> None:
    """As bytes, text, JSON, lines and pieces; its headers, and what it is parsed to. The SDK's own does the same."""
    with sdk.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        with client.messages.with_streaming_response.create(**ASK) as response:
            assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
            assert json.loads(response.read())["id"] == response.parse().id
        with client.with_streaming_response.messages.create(**ASK) as response:
            assert json.loads("\n".join(response.iter_lines()))["type"] == "message"
        with client.messages.with_streaming_response.create(**ASK) as response:
            assert response.json()["role"] == "assistant"
        with client.messages.with_streaming_response.create(**ASK) as response:
            assert '"message"' in "".join(response.iter_text())
        with client.messages.with_streaming_response.create(**ASK, stream=True) as response:
            assert [event.type for event in response.parse()][-1] == "message_stop"


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_awaited_it_is_the_same(sdk: Any, sim: Simulator) -> None:
    """Each method is awaited, `parse` too."""

    async def run() -> list[str]:
        async with sdk.AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
            async with client.messages.with_streaming_response.create(**ASK) as response:
                lines = [line async for line in response.iter_lines()]
            async with client.messages.with_streaming_response.create(**ASK) as response:
                kind = (await response.parse()).type
            async with client.messages.with_streaming_response.create(**ASK) as response:
                return [json.loads("\n".join(lines))["type"], kind, json.loads(await response.text())["role"]]

    assert asyncio.run(run()) == ["message", "message", "assistant"]


def test_a_stream_says_where_its_events_are(sim: Simulator) -> None:
    """Its bytes were decoded already."""
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        with client.messages.with_streaming_response.create(**ASK, stream=True) as response:
            with pytest.raises(UsageError, match="parse"):
                list(response.iter_lines())
        with client.messages.with_streaming_response.create(**ASK) as response:
            with pytest.raises(UsageError, match="is no file"):
                response.stream_to_file("answer")
