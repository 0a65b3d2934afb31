"""The bytes that the benchmark's server sends, rendered before anybody asks for them.

Every delta of a kind has the same length on the wire, so that a reader can be given exactly one event a read (see `bench.reads`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

__all__ = [
    "DELTA_CHARS",
    "FRAME",
    "TOOL_CHARS",
    "calls_reply",
    "calls_stream",
    "chunk",
    "epilogue",
    "plain_reply",
    "prologue",
    "text_frame",
    "timed_frame",
    "tool_frames",
]

DELTA_CHARS: Final = 20
"""The length of a text delta, in characters: about what the service sends."""

TOOL_CHARS: Final = 30
"""The length of a delta of a tool's input, in characters."""

_USAGE: Final = {
    "input_tokens": 25,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "output_tokens": 40,
    "service_tier": "standard",
}
_MESSAGE: Final[dict[str, Any]] = {
    "id": "msg_bench",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": _USAGE,
}
_HEADERS: Final = (
    "request-id: req_bench\r\nanthropic-organization-id: org_bench\r\n"
    "anthropic-ratelimit-requests-limit: 4000\r\nanthropic-ratelimit-requests-remaining: 3999\r\n"
    "anthropic-ratelimit-requests-reset: 2026-11-22T12:00:00Z\r\n"
)


def plain_reply(*, tool: bool = False) -> bytes:
    """Return a whole answer of one short text block, and a tool's call after it if that is asked for."""
    content: list[dict[str, Any]] = [{"type": "text", "text": "The quick brown fox jumps over the lazy dog. " * 4}]
    if tool:
        content.append(
            {"type": "tool_use", "id": "toolu_000000", "name": "read", "input": {"path": "notes.txt", "line": 7}}
        )
    return _whole(content, "tool_use" if tool else "end_turn")


def _whole(content: list[dict[str, Any]], stop_reason: str) -> bytes:
    body = json.dumps(_MESSAGE | {"content": content, "stop_reason": stop_reason}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{_HEADERS}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


INPUTS: Final[dict[str, dict[str, Any]]] = {"read_0": {"path": "notes.txt", "start": 7}}
"""What each tool is called with; another one with the number of its step."""


def _call(name: str, number: int) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": INPUTS.get(name, {"step": number})}


def calls_reply(name: str, numbers: Iterable[int]) -> bytes:
    """Return a whole answer that calls a tool, once for each number, which is in the call's id."""
    text = {"type": "text", "text": "I look at what is there, and go on from that."}
    return _whole([text, *(_call(name, number) for number in numbers)], "tool_use")


def calls_stream(name: str, count: int) -> list[bytes]:
    """Return a stream that calls a tool so many times: what it begins with, each call, what it ends with."""
    parts = [_head().encode() + b"\r\n\r\n" + chunk(_event({"type": "message_start", "message": _MESSAGE}))]
    for index in range(count):
        call = _call(name, index)
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call["input"])}
        parts.append(
            chunk(_event({"type": "content_block_start", "index": index, "content_block": call | {"input": {}}}))
            + chunk(_event({"type": "content_block_delta", "index": index, "delta": delta}))
            + chunk(_event({"type": "content_block_stop", "index": index}))
        )
    return [*parts, _end("tool_use")]


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _event(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


def _delta(kind: str, field: str, value: str) -> bytes:
    return _event({"type": "content_block_delta", "index": 0, "delta": {"type": kind, field: value}})


def text_frame() -> bytes:
    """Return a text delta as a chunk."""
    return chunk(_delta("text_delta", "text", "all work and no play"[:DELTA_CHARS].ljust(DELTA_CHARS)))


def timed_frame() -> tuple[bytes, bytes]:
    """Return what stands before and after the 20 digits of the time in a text delta that says when it was sent."""
    before, _, after = chunk(_delta("text_delta", "text", "0" * DELTA_CHARS)).partition(b"0" * DELTA_CHARS)
    return before, after


def tool_frames(kilobytes: int, *, prose: bool = False) -> list[bytes]:
    """Return the deltas of a tool input of that many KB, each with `TOOL_CHARS` characters of its JSON text.

    Args:
        kilobytes: The length of the JSON text, about.
        prose: One long string, as of a tool that writes a file, in place of a list of objects, as of one that makes edits.
    """
    size = kilobytes * 1000
    if prose:
        text = json.dumps({"path": "notes.txt", "content": "One line of a file to write.\n" * (size // 30)})
    else:
        edits = [
            {"line": number, "old": "colour", "new": f"color {number}", "sure": True} for number in range(size // 66)
        ]
        text = json.dumps({"path": "notes.txt", "edits": edits})
    pieces = [text[at : at + TOOL_CHARS] for at in range(0, len(text), TOOL_CHARS)]
    return [chunk(_delta("input_json_delta", "partial_json", piece)) for piece in pieces]


def _head() -> str:
    return f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{_HEADERS}transfer-encoding: chunked"


FRAME: Final = len(text_frame())
"""The length of a text delta's chunk."""


def prologue(*, tool: bool = False) -> bytes:
    """Return the reply's head, the message's start and its block's; a whole number of `FRAME`s long."""
    block = (
        {"type": "tool_use", "id": "toolu_1", "name": "write", "input": {}} if tool else {"type": "text", "text": ""}
    )
    events = chunk(_event({"type": "message_start", "message": _MESSAGE})) + chunk(
        _event({"type": "content_block_start", "index": 0, "content_block": block})
    )
    head = f"{_head()}\r\nx-pad: "
    rest = len(head) + 4 + len(events)
    return (head + "." * (-rest % FRAME) + "\r\n\r\n").encode() + events


def epilogue(*, tool: bool = False) -> bytes:
    """Return the block's end, the message's and the body's."""
    return chunk(_event({"type": "content_block_stop", "index": 0})) + _end("tool_use" if tool else "end_turn")


def _end(stop_reason: str) -> bytes:
    delta = {"stop_reason": stop_reason, "stop_sequence": None}
    return (
        chunk(_event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 4000}}))
        + chunk(_event({"type": "message_stop"}))
        + b"0\r\n\r\n"
    )
