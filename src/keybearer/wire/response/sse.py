"""Server-sent events: bytes in, events out.

Strategy: a push parser for the whole grammar of the WHATWG HTML standard, section 9.2.6, over one growing buffer. Each byte is
visited a fixed number of times, however the chunks are cut.

Contract: lines end with CR, LF or CRLF. A byte order mark at the start is dropped. Several `data` lines are joined with LF. An event
without a `data` line is not dispatched. `id` persists. An event that the stream's end cuts off is not dispatched; `pending` says that
there is one. Bytes that are not UTF-8 raise a `StreamProtocolError`; the standard would replace them, which would change the answer.

Limits: one event may have `max_event` bytes, with its comments and line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keybearer.errors import StreamProtocolError
from keybearer.wire.response.limits import StreamLimits

__all__ = ["SSEParser", "ServerSentEvent"]

_BOM = b"\xef\xbb\xbf"

_FIELD: Final = re.compile(
    rb"(?:data|event|id|retry)?:|(?:d(?:a(?:ta?)?)?|e(?:v(?:e(?:nt?)?)?)?|id?|r(?:e(?:t(?:ry?)?)?)?)?$"
)
"""The beginning of a line of an event stream: a field, a comment, or a field's name that the stream's end cut off."""

_STRAY: Final = 4_000
"""How many bytes are kept of lines that belong to no event, for an error message."""


def stray(data: bytes | bytearray) -> bytes:
    """Return the lines of a stream's last bytes that are not lines of an event."""
    head = bytes(data[:_STRAY]).removeprefix(_BOM)
    return b"\n".join(line for line in head.splitlines() if not _FIELD.match(line) and not _BOM.startswith(line))


class ServerSentEvent(Struct, frozen=True):
    """One server-sent event.

    Attributes:
        event: Its type; `message` if the stream gives none.
        data: Its data lines, joined with LF.
        id: The last event id of the stream so far; empty without one.
        retry: The reconnection time that this event sets, in milliseconds; None without one.
    """

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None


class SSEParser:
    r"""Parse a stream of server-sent events.

    Args:
        max_event: The most bytes of one event.
        at_start: Whether the first bytes fed are the stream's first, where a byte order mark is allowed.

    Source: WHATWG HTML standard, section 9.2.6.

    Example:
        >>> parser = SSEParser()
        >>> list(parser.feed(b"event: ping\ndata: {}\n"))
        []
        >>> list(parser.feed(b"\n"))
        [ServerSentEvent(event='ping', data='{}', id='', retry=None)]
    """

    def __init__(self, *, max_event: int = StreamLimits().event_bytes, at_start: bool = True) -> None:
        self._max_event = max_event
        self._buffer = bytearray()
        self._scanned = 0  # no line end before this offset of the buffer
        self._started = not at_start
        self._skip_lf = False  # the last line ended with a CR: an LF right after it belongs to that line end
        self._size = 0  # bytes of the event so far
        self._event = b""
        self._data: list[bytes] = []
        self._id = ""
        self._retry: int | None = None
        self._stray = b""

    def __repr__(self) -> str:
        return f"<SSEParser: {len(self._buffer)} bytes held back, {'inside an event' if self.pending else 'between events'}>"

    @property
    def pending(self) -> bool:
        """Whether part of an event has come, but not its end."""
        return bool(self._buffer or self._data or self._event)

    def feed(self, chunk: bytes | bytearray | memoryview) -> Iterator[ServerSentEvent]:
        """Feed the next bytes; return an iterator over the events that they complete.

        Events are parsed as the iterator is read. Those that are not read are returned by the next call's iterator.

        Raises:
            StreamProtocolError: While the iterator is read: an event is over the limit or is not UTF-8.
        """
        self._buffer += chunk
        return self._events()

    @property
    def stray(self) -> bytes:
        """The first lines that belong to no event, for an error message. The standard ignores them."""
        return self._stray

    def close(self) -> None:
        """End the stream. An event that its end cuts off is dropped, as the standard says."""
        self._keep(stray(self._buffer))
        self._buffer.clear()
        self._data.clear()
        self._event = b""

    def _events(self) -> Iterator[ServerSentEvent]:
        while (line := self._line()) is not None:
            self._size += len(line) + 1
            if self._size > self._max_event:
                raise too_large(self._max_event)
            if line:
                self._field(line)
                continue
            self._size = 0
            event = self._dispatch()
            if event is not None:
                yield event
        if self._size + len(self._buffer) > self._max_event:
            raise too_large(self._max_event)

    def _line(self) -> bytes | None:
        """Remove the next complete line from the buffer and return it; None without one."""
        buffer = self._buffer
        if not self._started:
            if len(buffer) < len(_BOM) and _BOM.startswith(buffer):
                return None
            if buffer.startswith(_BOM):
                del buffer[: len(_BOM)]
            self._started = True
        if self._skip_lf and buffer:
            if buffer[0] == 0x0A:
                del buffer[0]
                self._scanned = 0
            self._skip_lf = False
        end = _line_end(buffer, self._scanned)
        if end < 0:
            self._scanned = len(buffer)
            return None
        self._skip_lf = buffer[end] == 0x0D
        line = bytes(buffer[:end])
        del buffer[: end + 1]
        self._scanned = 0
        return line

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = _text(value)
        elif name == b"retry":
            self._retry = int(value[:18]) if value.isdigit() else self._retry
        elif name:  # an empty name is a comment; any other name is ignored, as the standard says
            self._keep(line)

    def _keep(self, line: bytes) -> None:
        if len(self._stray) < _STRAY and line.strip():
            self._stray += line[:_STRAY] + b"\n"

    def _dispatch(self) -> ServerSentEvent | None:
        event, data, retry = self._event, self._data, self._retry
        self._event, self._data, self._retry = b"", [], None
        if not data:
            return None
        return ServerSentEvent(_text(event) or "message", _text(b"\n".join(data)), self._id, retry)


def _line_end(buffer: bytearray, at: int) -> int:
    """Return the index of the first CR or LF at or after an offset; -1 without one."""
    width = 256  # growing windows: for text with CRs only, each search for an LF stays short
    while at < len(buffer):
        lf = buffer.find(b"\n", at, at + width)
        cr = buffer.find(b"\r", at, at + width if lf < 0 else lf)
        if cr >= 0 or lf >= 0:
            return cr if cr >= 0 else lf
        at += width
        width *= 2
    return -1


def too_large(limit: int) -> StreamProtocolError:
    """Return the error for an event over the limit, in bytes."""
    return StreamProtocolError(
        f"A server-sent event is larger than {limit} bytes.",
        hint="If the service is right to send it, raise stream_limits.event_bytes in llm.yaml, or "
        "Client(stream_limits=StreamLimits(event_bytes=...)).",
    )


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        problem = f"A server-sent event is not UTF-8: {error.reason} at byte {error.start}."
    raise StreamProtocolError(problem)
