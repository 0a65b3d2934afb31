"""`with_raw_response` and `with_streaming_response`, held to the SDK's own."""

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
    """Its lines are written anew from its events; an answer that is no file is not written to one."""
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        with client.messages.with_streaming_response.create(**ASK, stream=True) as response:
            lines = list(response.iter_lines())
            assert (lines[0], lines[-3]) == ("event: message_start", "event: message_stop")
            assert json.loads(lines[1].removeprefix("data: "))["message"]["role"] == "assistant"
        with client.messages.with_streaming_response.create(**ASK) as response:
            with pytest.raises(UsageError, match="is no file"):
                response.stream_to_file("answer")


def _facts(response: Any) -> tuple[Any, ...]:
    """What both kinds of response say of the exchange."""
    request, reply = response.http_request, response.http_response
    return (
        response.status_code,
        response.method,
        str(response.url),
        response.retries_taken,
        response.request_id == response.headers["request-id"],
        request.headers["content-type"],
        reply.status_code,
        reply.json()["type"],
        reply.request.method,
        response.is_closed,
    )


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_a_raw_response_tells_of_the_exchange(sdk: Any, sim: Simulator) -> None:
    """Its request and its reply, how often it was sent again, and what it is parsed to: the method's answer, or a class."""
    sim.fail("error; status=529")
    with sdk.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        raw = client.messages.with_raw_response.create(**ASK)
        assert _facts(raw) == (
            200, "POST", f"{sim.base_url}/v1/messages", 1, True, "application/json", 200, "message", "POST", True,
        )  # fmt: skip
        assert isinstance(raw.parse(), sdk.types.Message)
        assert raw.parse(to=sdk.types.Message).id == raw.parse().id == json.loads(raw.text())["id"] == raw.json()["id"]
        with client.messages.with_raw_response.create(**ASK, stream=True).parse() as stream:
            assert stream.response.status_code == 200
            assert [event.type for event in stream][-1] == "message_stop"
        with client.messages.with_streaming_response.create(**ASK) as response:
            assert not response.is_closed
        assert response.is_closed


def test_a_raw_response_holds_no_credential(sim: Simulator) -> None:
    """Neither its request nor anything that it keeps."""
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        raw = client.messages.with_raw_response.create(**ASK)
        assert raw.http_request.headers["x-api-key"] == "***"
        with pytest.raises(UsageError, match="takes a class"):
            raw.parse(to=object)
    assert sim.api_key not in repr((raw, vars(raw), vars(raw._keeper), raw.http_request, raw.http_response))


def test_awaited_a_raw_response_is_parsed_with_or_without_an_await(sim: Simulator) -> None:
    """The SDK's `parse()` is awaited since 1.0, and was not before: both give the answer."""

    async def run() -> None:
        async with compat.AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
            raw = await client.messages.with_raw_response.create(**ASK)
            before, since = raw.parse(), await raw.parse()
            assert (before.id, before.content[0].type) == (since.id, "text")
            assert isinstance(before, compat.types.Message)
            assert type(since) is compat.types.Message
            assert repr(before) == repr(since)
            assert (await raw.json())["id"] == json.loads(await raw.text())["id"] == since.id
            page = await client.models.with_raw_response.list(limit=2)
            assert len([each async for each in page.parse()]) > 2
            listed = await client.beta.memory_stores.with_raw_response.list(limit=2)
            assert (await listed.parse()).data == []

    asyncio.run(run())


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_resources_of_the_table_have_both(sdk: Any, sim: Simulator) -> None:
    """Below a resource too, and on the client itself."""
    with sdk.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        made = client.beta.memory_stores.with_raw_response.create(name="notes")
        assert (made.status_code, made.parse().name, made.is_closed) == (200, "notes", True)
        where = made.parse().id
        with client.beta.memory_stores.with_streaming_response.retrieve(where) as response:
            assert response.json()["id"] == response.parse().id == where
        with client.beta.with_streaming_response.memory_stores.memories.list(where) as response:
            assert list(response.parse()) == []
        assert client.with_raw_response.beta.memory_stores.retrieve(where).parse().id == where
        assert client.skills.with_raw_response.list(limit=1).parse().data[0].id


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_awaited_resources_of_the_table_have_both(sdk: Any, sim: Simulator) -> None:
    """As above, awaited."""

    async def run() -> list[str]:
        async with sdk.AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
            made = await client.beta.memory_stores.with_raw_response.create(name="notes")
            where = (await made.parse()).id
            async with client.beta.memory_stores.with_streaming_response.retrieve(where) as response:
                found = (await response.json())["id"], (await response.parse()).id
            assert response.is_closed
            return [where, *found]

    assert len(set(asyncio.run(run()))) == 1
