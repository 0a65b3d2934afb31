"""Bytes of event streams, made by hand."""

from __future__ import annotations

import json
from typing import Any

START: dict[str, Any] = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 1},
    },
}
STOP: dict[str, Any] = {"type": "message_stop"}


def frame(event: dict[str, Any], end: str = "\n") -> bytes:
    """Return an event as the service writes it, with the line end asked for."""
    data = json.dumps(event, ensure_ascii=False)
    return f"event: {event['type']}{end}data: {data}{end}{end}".encode()


def frames(*events: dict[str, Any], end: str = "\n") -> bytes:
    """Return several events."""
    return b"".join(frame(event, end) for event in events)


def block_start(index: int, **block: Any) -> dict[str, Any]:
    """Return a content_block_start."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    """Return a content_block_delta."""
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def block_stop(index: int) -> dict[str, Any]:
    """Return a content_block_stop."""
    return {"type": "content_block_stop", "index": index}


def message_delta(stop_reason: str, output_tokens: int = 7, **more: Any) -> dict[str, Any]:
    """Return a message_delta."""
    return {
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason, "stop_sequence": None},
        "usage": {"output_tokens": output_tokens},
        **more,
    }


def text_message(*pieces: str) -> list[dict[str, Any]]:
    """Return the events of a message with one text block."""
    return [
        START,
        block_start(0, type="text", text=""),
        {"type": "ping"},
        *(delta(0, "text_delta", text=piece) for piece in pieces),
        block_stop(0),
        message_delta("end_turn"),
        STOP,
    ]


RICH: list[dict[str, Any]] = [
    START,
    block_start(0, type="thinking", thinking="", signature=""),
    delta(0, "thinking_delta", thinking="Let me se"),
    delta(0, "thinking_delta", thinking="e … ü"),
    delta(0, "signature_delta", signature="c2lnbmF0dXJl"),
    block_stop(0),
    {"type": "ping"},
    block_start(1, type="text", text=""),
    delta(1, "text_delta", text="Grüße, "),
    delta(1, "text_delta", text="世界 🌍!\n"),
    delta(1, "citations_delta", citation={"type": "char_location", "cited_text": "W", "document_index": 0, "new": [1]}),
    block_stop(1),
    block_start(2, type="tool_use", id="toolu_1", name="get_weather", input={}),
    delta(2, "input_json_delta", partial_json=""),
    delta(2, "input_json_delta", partial_json='{"city": "Lis'),
    delta(2, "input_json_delta", partial_json='bon", "days": [1, 2'),
    delta(2, "input_json_delta", partial_json="]}"),
    block_stop(2),
    {"type": "brand_new_event", "payload": {"a": 1}},
    message_delta("tool_use", 42),
    STOP,
]
"""Every kind of block, text that is not ASCII, and an event from the future."""
