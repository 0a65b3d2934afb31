"""AWS's binary framing of events (`application/vnd.amazon.eventstream`), as the runtime of Bedrock sends it.

A message is two lengths and their CRC, headers, a payload, and the CRC of all of it.

Source: the "Amazon event stream encoding" of AWS's documentation; `botocore/eventstream.py` reads it.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from keybearer.simulator.core.reply import encode
from keybearer.simulator.platforms.refusal import exception_name

__all__ = ["Reframed", "frame"]

TEXT: Final = 7
"""The type of a header's value that is text."""

PADDING: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return a message."""
    packed = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", TEXT, len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(packed) + len(payload), len(packed))
    whole = prelude + struct.pack("!I", zlib.crc32(prelude)) + packed + payload
    return whole + struct.pack("!I", zlib.crc32(whole))


def _event(name: str, data: bytes) -> bytes:
    if name == "error":
        error = msgspec.json.decode(data)["error"]
        headers = {
            ":message-type": "exception",
            ":exception-type": exception_name(error["type"]),
            ":content-type": "application/json",
        }
        return frame(headers, encode({"message": error["message"]}))
    if name == "message_stop":
        metrics = {"inputTokenCount": 0, "outputTokenCount": 0, "invocationLatency": 1, "firstByteLatency": 1}
        data = encode({**msgspec.json.decode(data), "amazon-bedrock-invocationMetrics": metrics})
    chunk: dict[str, Any] = {"bytes": base64.b64encode(data).decode(), "p": PADDING[: len(data) % len(PADDING)]}
    headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, encode(chunk))


class Reframed:
    """Turns the bytes of server-sent events into frames, one for each event."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> bytes:
        """Return the frames of the events that are whole by now."""
        *whole, self._kept = (self._kept + data).split(b"\n\n")
        return b"".join(self._framed(event) for event in whole)

    def rest(self) -> bytes:
        """Return the beginning of the frame of an event that was cut, as the network would have."""
        cut, self._kept = self._kept, b""
        if not cut:
            return b""
        framed = self._framed(cut + b'"') or frame({":event-type": "chunk", ":message-type": "event"}, cut)
        return framed[: len(framed) // 2]

    @staticmethod
    def _framed(event: bytes) -> bytes:
        fields = dict(line.split(b": ", 1) for line in event.split(b"\n") if b": " in line)
        if b"data" not in fields or b"event" not in fields:
            return b""
        try:
            return _event(fields[b"event"].decode(), fields[b"data"])
        except msgspec.DecodeError:
            return frame({":event-type": "chunk", ":message-type": "event"}, fields[b"data"])
