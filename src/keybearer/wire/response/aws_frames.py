"""AWS's binary framing of events (`application/vnd.amazon.eventstream`), which Bedrock's runtime sends in place of SSE.

Strategy: a push parser finds the frames: two lengths and their CRC, headers, a payload, and the CRC of all of it. The payload of a
`chunk` is JSON whose `bytes` are an event of the API in base64; an exception becomes the API's `error` event.

Contract: bytes in any cuts give the same frames. A CRC that is wrong, or a length that cannot be, raises after the frames before it.

Source: the "Amazon event stream encoding" of AWS's documentation; `lib/bedrock/_stream_decoder.py` of the `anthropic` 2.14.0 wheel;
the exceptions of `ResponseStream` in botocore's model of bedrock-runtime.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from keybearer.errors import StreamProtocolError
from keybearer.errors.sanitize import excerpt, sanitize
from keybearer.types.events import ErrorEvent, RawEvent, UnknownEvent
from keybearer.wire.response.events import event_of
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.sse import too_large

__all__ = ["EXCEPTIONS", "Frame", "FrameParser", "FramedEvents"]

PRELUDE: Final = struct.Struct("!III")
AROUND: Final = 16
"""The bytes of a frame around its headers and its payload: the prelude, and the CRC at the end."""

MOST_HEADERS: Final = 128 << 10
"""The most bytes of a frame's headers."""

_CRC: Final = struct.Struct("!I")
_LENGTH: Final = struct.Struct("!H")
_NUMBERS: Final = {2: struct.Struct("!b"), 3: struct.Struct("!h"), 4: struct.Struct("!i"), 5: struct.Struct("!q")}
_TIMESTAMP: Final = struct.Struct("!q")

EXCEPTIONS: Final[dict[str, str]] = {
    "internalServerException": "api_error",
    "modelStreamErrorException": "api_error",
    "modelTimeoutException": "timeout_error",
    "serviceUnavailableException": "overloaded_error",
    "throttlingException": "rate_limit_error",
    "validationException": "invalid_request_error",
}
"""The exceptions in a stream to the API's error types; any other is an `api_error`."""


class Frame(NamedTuple):
    """One message of the framing.

    Attributes:
        headers: Its headers: texts, bytes, numbers, booleans.
        payload: Its payload.
    """

    headers: dict[str, Any]
    payload: bytes


class FrameParser:
    """Find the frames in bytes.

    Args:
        most: The most bytes of one frame.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._buffer = bytearray()

    @property
    def pending(self) -> bytes:
        """The beginning of a frame that is not complete."""
        return bytes(self._buffer)

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Feed the next bytes; give the frames that they complete. Read them all before the next call.

        Raises:
            StreamProtocolError: The bytes are no frame, or a frame is over the limit.
        """
        buffer = self._buffer
        buffer += chunk
        begin = 0
        try:
            while len(buffer) - begin >= PRELUDE.size:
                total, headers, crc = PRELUDE.unpack_from(buffer, begin)
                self._check(buffer, begin, total, headers, crc)
                if len(buffer) - begin < total:
                    break
                whole = bytes(buffer[begin : begin + total])
                begin += total
                yield _frame(whole, headers)
        finally:
            del buffer[:begin]

    def clear(self) -> None:
        """Drop what is pending."""
        self._buffer.clear()

    def _check(self, buffer: bytearray, begin: int, total: int, headers: int, crc: int) -> None:
        """Check a prelude."""
        if zlib.crc32(buffer[begin : begin + 8]) != crc:
            raise _broken(
                f"the CRC of a frame's lengths is wrong; it begins: '{excerpt(bytes(buffer[begin : begin + 80]))}'"
            )
        if headers > MOST_HEADERS or total < AROUND + headers:
            raise _broken(f"a frame of {total} bytes says that its headers have {headers}")
        if total > self._most:
            raise too_large(self._most)


def _frame(whole: bytes, headers: int) -> Frame:
    if zlib.crc32(whole[:-4]) != _CRC.unpack_from(whole, len(whole) - 4)[0]:
        raise _broken("the CRC of a frame is wrong: bytes were changed or lost on the way")
    end = PRELUDE.size + headers
    try:
        named = dict(_headers(whole[PRELUDE.size : end]))
    except (struct.error, UnicodeDecodeError, IndexError, ValueError):
        named = None
    if named is None:
        raise _broken("the headers of a frame cannot be read")
    return Frame(named, whole[end:-4])


def _headers(data: bytes) -> Iterator[tuple[str, Any]]:
    at = 0
    while at < len(data):
        size = data[at]
        name, kind = data[at + 1 : at + 1 + size].decode(), data[at + 1 + size]
        at += 2 + size
        if kind in {0, 1}:
            yield name, kind == 0
        elif kind in _NUMBERS:
            yield name, _NUMBERS[kind].unpack_from(data, at)[0]
            at += _NUMBERS[kind].size
        elif kind == 8:
            yield name, _TIMESTAMP.unpack_from(data, at)[0]
            at += 8
        elif kind == 9:
            yield name, uuid.UUID(bytes=data[at : at + 16])
            at += 16
        elif kind in {6, 7}:
            length = _LENGTH.unpack_from(data, at)[0]
            value = data[at + 2 : at + 2 + length]
            if len(value) < length:
                raise ValueError("a value goes on after the headers")
            yield name, value.decode() if kind == 7 else value
            at += 2 + length
        else:
            raise ValueError("an unknown type of value")


def _broken(problem: str) -> StreamProtocolError:
    return StreamProtocolError(f"The stream broke AWS's framing of events: {problem}.")


class _Chunk(msgspec.Struct):
    data: bytes = msgspec.field(name="bytes")


_decode: Final = msgspec.json.Decoder(_Chunk).decode


class FramedEvents:
    """Decode the bytes of a framed stream; used as `EventDecoder` is.

    Args:
        limits: What the stream may hold.

    Attributes:
        stray: Set by `close`: empty, for what is no frame has raised.
        done_mark: False: it belongs to server-sent events.
    """

    stray: bytes = b""
    done_mark: bool = False

    def __init__(self, limits: StreamLimits | None = None) -> None:
        # An event is in base64, with some padding, beside a few headers.
        most = (limits or StreamLimits()).event_bytes
        self._frames = FrameParser(most * 4 // 3 + MOST_HEADERS + 4096)

    def __repr__(self) -> str:
        return f"<FramedEvents: {len(self._frames.pending)} bytes held back>"

    def feed(self, chunk: bytes) -> Iterator[RawEvent]:
        """Feed the next bytes; give the events that they complete. Read them all before the next call.

        Raises:
            StreamProtocolError: While the events are read: bad framing, bad JSON, or an event over the limit.
        """
        for frame in self._frames.feed(chunk):
            yield _event(frame)

    def close(self) -> None:
        """End the stream. A frame that its end cuts off is dropped."""
        self._frames.clear()


def _event(frame: Frame) -> RawEvent:
    headers = frame.headers
    kind = headers.get(":message-type", "event")
    if kind == "error":
        return _error(str(headers.get(":error-code", "")), str(headers.get(":error-message", "")))
    if kind == "exception":
        return _error(str(headers.get(":exception-type", "")), _message(frame.payload))
    if headers.get(":event-type") != "chunk":
        return UnknownEvent.of({"type": str(headers.get(":event-type", "")), "data": excerpt(frame.payload)})
    try:
        data = _decode(frame.payload).data
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = _broken(f"a chunk has no event in base64: {sanitize(str(error), 200)}")
    else:
        return event_of(data, "message")
    raise problem


def _error(code: str, message: str) -> ErrorEvent:
    kind = EXCEPTIONS.get(code, "api_error")
    error = {"type": kind, "message": message or code, "details": {"error_code": code}}
    return ErrorEvent.of({"type": "error", "error": error})


def _message(payload: bytes) -> str:
    """Return the message in an exception's payload; the payload where it has none."""
    try:
        body = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = None
    named = (body.get(name) for name in ("message", "Message", "originalMessage")) if isinstance(body, dict) else ()
    return next((text for text in named if isinstance(text, str) and text), excerpt(payload))
