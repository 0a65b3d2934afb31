"""Changes the form of a recorded reply: a message to a stream and back, and the paths of one folder to another's."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from keybearer.simulator.core.outgoing import render_event
from keybearer.simulator.core.reply import Event, encode
from keybearer.simulator.service.streaming import message_events

__all__ = ["completed_message", "message_of", "moved", "split_events", "stream_of"]

DELTA_TEXTS: Final = {"text_delta": "text", "input_json_delta": "partial_json", "thinking_delta": "thinking"}
"""Type of a delta to the field that holds its piece of a longer text."""


def split_events(body: bytes) -> list[bytes]:
    """Split a stream into its events, each with the empty line at its end."""
    return [event + b"\n\n" for event in body.replace(b"\r\n", b"\n").split(b"\n\n") if event.strip()]


def _data(event: bytes) -> Any:
    """Return the decoded data of an event; None if it is no JSON."""
    lines = [line.removeprefix(b"data:").strip() for line in event.split(b"\n") if line.startswith(b"data:")]
    try:
        return msgspec.json.decode(b"\n".join(lines))
    except msgspec.DecodeError:
        return None


def completed_message(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message with every field that a stream of it is made from."""
    counts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    usage = message.get("usage") or {}
    return {
        "id": "msg_unknown",
        "type": "message",
        "role": "assistant",
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        **message,
        "usage": {**dict.fromkeys(counts, 0), **{name: value for name, value in usage.items() if value is not None}},
    }


def stream_of(body: bytes) -> bytes | None:
    """Return the stream of a plain message; None for a body that is none."""
    try:
        message = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    if not isinstance(message, dict) or message.get("type") != "message":
        return None
    return b"".join(render_event(event) for event in message_events(completed_message(message)))


def message_of(stream: bytes) -> bytes | None:
    """Return the message of a whole stream; None for one that has no beginning or no end."""
    message: dict[str, Any] | None = None
    texts: dict[int, str] = {}
    ended = False
    for event in split_events(stream):
        data = _data(event)
        kind = data.get("type") if isinstance(data, dict) else None
        if kind == "message_start":
            message = {**data["message"], "content": []}
        elif message is None:
            continue
        elif kind == "content_block_start":
            message["content"].append(dict(data["content_block"]))
        elif kind == "content_block_delta":
            _add_delta(message["content"][-1], data["delta"], data["index"], texts)
        elif kind == "content_block_stop" and data["index"] in texts:
            message["content"][-1]["input"] = msgspec.json.decode(texts[data["index"]] or "{}")
        elif kind == "message_delta":
            message |= data["delta"]
            message["usage"] = {**message["usage"], **(data.get("usage") or {})}
        ended = ended or kind == "message_stop"
    return encode(message) if message is not None and ended else None


def _add_delta(block: dict[str, Any], delta: dict[str, Any], index: int, texts: dict[int, str]) -> None:
    match delta.get("type"):
        case "text_delta" | "thinking_delta" as kind:
            name = DELTA_TEXTS[kind]
            block[name] = block.get(name, "") + delta[name]
        case "input_json_delta":
            texts[index] = texts.get(index, "") + delta["partial_json"]
        case "signature_delta":
            block["signature"] = delta["signature"]
        case "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]


def moved(body: bytes, old: str, new: str, *, is_stream: bool) -> bytes:
    """Replace a folder by another one in a reply.

    A path may be cut between the deltas of a stream: the text of such a block goes into its first delta as a whole.

    Args:
        body: The reply's body.
        old: The folder where it was recorded.
        new: The folder where it is replayed.
        is_stream: Whether the body is a stream of events.

    Returns:
        The body with the new folder; the same bytes if the old one does not stand in it.
    """
    before, after = encode(old)[1:-1], encode(new)[1:-1]
    if not is_stream:
        return body.replace(before, after)
    events = split_events(body)
    pieces: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for number, event in enumerate(events):
        data = _data(event) if b"content_block_delta" in event else None
        delta = data.get("delta") if isinstance(data, dict) else None
        if isinstance(data, dict) and isinstance(delta, dict) and delta.get("type") in DELTA_TEXTS:
            piece = (number, str(delta[DELTA_TEXTS[delta["type"]]]))
            pieces.setdefault((data["index"], delta["type"]), []).append(piece)
    changed: dict[int, bytes] = {}
    for (index, kind), parts in pieces.items():
        name, whole = DELTA_TEXTS[kind], "".join(text for _, text in parts)
        inner = (before.decode(), after.decode()) if kind == "input_json_delta" else (old, new)
        if inner[0] in whole:
            delta = {"type": kind, name: whole.replace(*inner)}
            changed |= dict.fromkeys((number for number, _ in parts), b"")
            data = {"type": "content_block_delta", "index": index, "delta": delta}
            changed[parts[0][0]] = render_event(Event("content_block_delta", data))
    if not changed and before not in body:
        return body
    return b"".join(
        changed[number] if number in changed else event.replace(before, after) for number, event in enumerate(events)
    )
