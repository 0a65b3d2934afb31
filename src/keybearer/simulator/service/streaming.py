"""Splits a finished message into the events of a stream.

The table says how each block type opens and which deltas follow. A type that is not in the table is sent whole in its
`content_block_start`, as the service sends server tools' results. `message_delta.usage` is cumulative.

Source: the API's "Streaming" page; the wheel's `Raw*Event` types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from keybearer.simulator.core.reply import Event, encode

__all__ = ["message_events"]

WORDS: Final = re.compile(r"\s*\S+(?:\s+\S+){0,2}\s*?")
JSON_DELTA_CHARACTERS: Final = 24

Block = dict[str, Any]


def _split_text(text: str) -> list[str]:
    """Split a text into deltas of about three words."""
    deltas: list[str] = []
    position = 0
    for match in WORDS.finditer(text):
        deltas.append(text[position : match.end()])
        position = match.end()
    if position < len(text):
        deltas.append(text[position:])
    return deltas


def _text(block: Block) -> tuple[Block, list[Block]]:
    deltas: list[Block] = [{"type": "text_delta", "text": piece} for piece in _split_text(block["text"])]
    opening: Block = {"type": "text", "text": ""}
    if block.get("citations"):
        opening["citations"] = []
        deltas += [{"type": "citations_delta", "citation": citation} for citation in block["citations"]]
    return opening, deltas


def _thinking(block: Block) -> tuple[Block, list[Block]]:
    deltas: list[Block] = [{"type": "thinking_delta", "thinking": piece} for piece in _split_text(block["thinking"])]
    deltas.append({"type": "signature_delta", "signature": block["signature"]})
    return {"type": "thinking", "thinking": "", "signature": ""}, deltas


def _tool_use(block: Block) -> tuple[Block, list[Block]]:
    cut = getattr(block, "partial_json", None)
    text = encode(block["input"]).decode() if cut is None else cut
    pieces = [""] + [text[at : at + JSON_DELTA_CHARACTERS] for at in range(0, len(text), JSON_DELTA_CHARACTERS)]
    return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


def _whole(block: Block) -> tuple[Block, list[Block]]:
    return block, []


OPENINGS: Final[dict[str, Callable[[Block], tuple[Block, list[Block]]]]] = {
    "text": _text,
    "thinking": _thinking,
    "tool_use": _tool_use,
    "server_tool_use": _tool_use,
    "mcp_tool_use": _tool_use,
}
"""Block type to the function that returns its opening block and its deltas."""


def message_events(message: dict[str, Any]) -> Iterator[Event]:
    """Yield the events that stream a message.

    Args:
        message: The whole message, as the plain endpoint would return it.

    Yields:
        `message_start` to `message_stop`, with one `ping` after the first block opens.
    """
    usage = message["usage"]
    opening = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    opening["usage"] = {**usage, "output_tokens": min(1, usage["output_tokens"])}
    opening["usage"].pop("output_tokens_details", None)
    yield Event("message_start", {"type": "message_start", "message": opening})
    for index, block in enumerate(message["content"]):
        start, deltas = OPENINGS.get(block["type"], _whole)(block)
        yield Event("content_block_start", {"type": "content_block_start", "index": index, "content_block": start})
        if index == 0:
            yield Event("ping", {"type": "ping"})
        for delta in deltas:
            yield Event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})
        yield Event("content_block_stop", {"type": "content_block_stop", "index": index})
    delta = {key: message[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    cumulative = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    final = {key: usage[key] for key in cumulative}
    if "output_tokens_details" in usage:
        final["output_tokens_details"] = usage["output_tokens_details"]
    yield Event("message_delta", {"type": "message_delta", "delta": delta, "usage": final})
    yield Event("message_stop", {"type": "message_stop"})
