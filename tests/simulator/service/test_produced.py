"""What a stream had produced when it ended early: the prompt whole, and the output that was written."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.core.outgoing import render_event
from keybearer.simulator.service.produced import produced_usage
from keybearer.simulator.service.streaming import message_events

USAGE: dict[str, Any] = {
    "input_tokens": 100,
    "cache_creation_input_tokens": 7,
    "cache_read_input_tokens": 9,
    "output_tokens": 14,
    "cache_creation": {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 0},
}
TEXT = {"type": "text", "text": "one two three four five six seven eight nine ten"}
CALL = {"type": "tool_use", "id": "t", "name": "find", "input": {"place": "the other end of the town"}}


def stream(*blocks: dict[str, Any], **usage: Any) -> list[bytes]:
    """Render the events of a message."""
    message = {
        "id": "msg_1",
        "model": "m",
        "content": list(blocks),
        "stop_reason": "end_turn",
        "usage": {**USAGE, **usage},
    }
    return [render_event(event) for event in message_events(message)]


def test_output_grows_with_what_was_written() -> None:
    """Before the first delta nothing is billed but the prompt; then the text so far; from `message_delta` on the whole."""
    events = stream(TEXT)
    seen = [produced_usage(USAGE, b"".join(events[:count])) for count in range(len(events) + 1)]
    assert [each["output_tokens"] for each in seen] == [0, 0, 0, 0, 4, 7, 11, 12, 12, 14, 14]
    assert {(each["input_tokens"], each["cache_read_input_tokens"]) for each in seen} == {(100, 9)}


def test_a_half_written_event_does_not_count() -> None:
    """An event that was cut in its middle cannot be read."""
    events = stream(TEXT)
    assert produced_usage(USAGE, b"".join(events[:5]) + events[5][:40])["output_tokens"] == 7


def test_calls_count_by_their_json() -> None:
    """A call's name and its arguments so far are output."""
    events = stream(CALL)
    assert produced_usage(USAGE, b"".join(events[:3]))["output_tokens"] == 1
    assert produced_usage(USAGE, b"".join(events[:6]))["output_tokens"] == 11


@pytest.mark.parametrize("written", [b"\x1f\x8b\x00garbage", b"SSH-2.0-OpenSSH_9.6\r\n"])
def test_what_cannot_be_read_is_billed_whole(written: bytes) -> None:
    """A fault that changes the bytes strikes a reply that was carried out."""
    assert produced_usage(USAGE, written) == USAGE


def test_the_services_tools_count_as_they_were_called() -> None:
    """A search that was written is paid, with its result as input; one that was not is not."""
    found = {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"title": "x" * 400}]}
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    whole = {**USAGE, "input_tokens": 250, "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0}}
    events = stream(search, found, TEXT, **whole)
    before, after = (produced_usage(whole, b"".join(events[:count])) for count in (1, 8))
    assert before["server_tool_use"]["web_search_requests"] == 0
    assert after["server_tool_use"]["web_search_requests"] == 1
    assert before["input_tokens"] < after["input_tokens"] == 250


def test_attempts_that_were_not_begun_cost_nothing() -> None:
    """Of a request whose model refused, each attempt that was begun is billed, the last by its output so far."""
    row = {"input_tokens": 50, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0, "output_tokens": 7}
    row["cache_creation"] = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}  # type: ignore[assignment]
    rows = [{"type": "message", **row}, {"type": "fallback_message", "model": "claude-haiku-4-5", **row}]
    whole = {**USAGE, "input_tokens": 100, "iterations": rows}
    hop = {"type": "fallback", "from": {"model": "a"}, "to": {"model": "claude-haiku-4-5"}}
    events = stream({"type": "text", "text": "No no no no."}, hop, TEXT, **whole)
    first, second = (produced_usage(whole, b"".join(events[:count])) for count in (2, 9))
    assert (first["input_tokens"], first["output_tokens"], len(first["iterations"])) == (50, 0, 1)
    assert (second["input_tokens"], second["output_tokens"], len(second["iterations"])) == (100, 7, 2)


def test_a_compaction_was_made_before_the_first_event() -> None:
    """Its entry is billed whole, however early the stream was cut."""
    entry = {"type": "compaction", "input_tokens": 9_000, "output_tokens": 40}
    assert produced_usage({**USAGE, "iterations": [entry]}, b"")["iterations"] == [entry]


def test_a_chunk_of_a_chat_completion_counts_too() -> None:
    """The other API's stream is measured by its chunks; a finish reason ends it."""
    chunk = b'data: {"choices":[{"delta":{"content":"four"},"finish_reason":null}]}\n\n'
    ended = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
    assert produced_usage(USAGE, chunk * 3)["output_tokens"] == 3
    assert produced_usage(USAGE, chunk * 3 + ended) == USAGE
