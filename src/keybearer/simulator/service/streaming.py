"""Splits a finished message into the events of a stream.

The table says how each block type opens and which deltas follow. A type that is not in the table is sent whole in its
`content_block_start`, as the service sends server tools' results. `message_delta.usage` is cumulative.

Source: the API's "Streaming" page; the wheel's `Raw*Event` types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.reply import Event, encode
from keybearer.simulator.service.usage import served_tokens

__all__ = ["message_events"]

WORDS: Final = lazy(r"\s*\S+(?:\s+\S+){0,2}\s*?")
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


def _compaction(block: Block) -> tuple[Block, list[Block]]:
    summary = {name: block.get(name) for name in ("content", "encrypted_content")}
    return {**block, **dict.fromkeys(summary)}, [{"type": "compaction_delta", **summary}]


def _whole(block: Block) -> tuple[Block, list[Block]]:
    return block, []


OPENINGS: Final[dict[str, Callable[[Block], tuple[Block, list[Block]]]]] = {
    "text": _text,
    "thinking": _thinking,
    "tool_use": _tool_use,
    "server_tool_use": _tool_use,
    "mcp_tool_use": _tool_use,
    "compaction": _compaction,
}
"""Block type to the function that returns its opening block and its deltas."""


FINAL: Final = ("stop_reason", "stop_sequence", "stop_details", "container")
"""What `message_delta` says of the message."""
CUMULATIVE: Final = (
    "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens", "output_tokens_details",
    "server_tool_use", "iterations",
)  # fmt: skip
"""The figures of `message_delta.usage`."""
LATER: Final = ("output_tokens_details", "server_tool_use", "iterations")
"""The figures that `message_start` does not have yet."""


def message_events(message: dict[str, Any]) -> Iterator[Event]:
    """Yield the events that stream a message.

    Args:
        message: The whole message, as the plain endpoint would return it.

    Yields:
        `message_start` to `message_stop`, with one `ping` after the first block opens.
    """
    usage = message["usage"]
    yield Event("message_start", {"type": "message_start", "message": _opening(message)})
    for index, block in enumerate(message["content"]):
        start, deltas = OPENINGS.get(block["type"], _whole)(block)
        yield Event("content_block_start", {"type": "content_block_start", "index": index, "content_block": start})
        if index == 0:
            yield Event("ping", {"type": "ping"})
        for delta in deltas:
            yield Event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})
        yield Event("content_block_stop", {"type": "content_block_stop", "index": index})
    delta = {key: message[key] for key in FINAL if key in message}
    final = {"type": "message_delta", "delta": delta, "usage": {key: usage[key] for key in CUMULATIVE if key in usage}}
    if "context_management" in message:
        final["context_management"] = message["context_management"]
    yield Event("message_delta", final)
    yield Event("message_stop", {"type": "message_stop"})


def _opening(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message of `message_start`: without content and what is known at the end; its input is the first sampling's."""
    usage = {key: value for key, value in message["usage"].items() if key not in LATER}
    usage["input_tokens"] -= served_tokens(message["content"])
    usage["output_tokens"] = min(1, usage["output_tokens"])
    known = {key: value for key, value in message.items() if key != "context_management"}
    hop = next((block for block in message["content"] if block["type"] == "fallback"), None)
    if hop is not None:  # the model that was asked; the one that serves it is known later
        known["model"] = hop["from"]["model"]
    return {**known, "content": [], **{key: None for key in FINAL if key in message}, "usage": usage}
