"""Bytes of a stream to typed events.

Strategy: there are three paths, from the fastest to the most general. They give the same events.
  1. A run of deltas in the service's usual form (`event: content_block_delta`, `data: {...}`, blank line): the bytes between their
     JSON texts are replaced by line ends, and one typed decoder decodes them all, without Python code for each event.
  2. Any other event of that form, and a delta that this decoder refuses because its type or a field is unknown: it is decoded to plain
     JSON and built with every field (`keybearer.wire.response.parse`).
  3. Bytes of any other form (CR line ends, comments, several data lines): `SSEParser` parses them by the whole grammar.

Contract: `feed` returns the events in order. Bad bytes raise an error after the events before them. Two things that gateways send are
ignored: `data: [DONE]`, which ends a stream of another API, and an event with neither a name nor data. A JSON object without a `type`
that reports an error is read as an `error` event.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from keybearer.errors import StreamProtocolError
from keybearer.errors.sanitize import excerpt, sanitize
from keybearer.types.events import ErrorEvent, FastEvent, RawEvent, UnknownEvent
from keybearer.wire.json import loads
from keybearer.wire.response import parse
from keybearer.wire.response.errors import is_error_body
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.sse import SSEParser, stray, too_large

__all__ = ["EventDecoder", "event_of"]

_DELTA: Final = b"event: content_block_delta\ndata: "
_BETWEEN: Final = b"\n\n" + _DELTA
_USUAL: Final = re.compile(rb"(?:event: [^\n]*\ndata: \{[^\n]*\n\n)*")
"""A run of events, of any type, in the service's usual form; it may be empty."""

_DONE: Final = "[DONE]"

_PIECE: Final = 16 << 10
"""How much of a run is decoded at a time, in bytes. With more, so many event objects live at once that the garbage collector scans
them repeatedly, which took a third of the time of reading a stream."""

_fast: Final = msgspec.json.Decoder(FastEvent)
_decode: Final[Callable[[bytes | str], RawEvent]] = _fast.decode
_decode_lines: Final[Callable[[bytes], list[FastEvent]]] = _fast.decode_lines


class EventDecoder:
    r"""Decode the bytes of an event stream.

    Args:
        limits: What the stream may hold.

    Attributes:
        done_mark: Whether `data: [DONE]`, the end mark of another API, came.

    Example:
        >>> decoder = EventDecoder()
        >>> list(decoder.feed(b'event: ping\ndata: {"type": "ping"}\n\n'))
        [PingEvent()]
    """

    def __init__(self, limits: StreamLimits | None = None) -> None:
        self._max_event = (limits or StreamLimits()).event_bytes
        self._buffer = bytearray()  # the beginning of an event, without its blank line
        self._grammar: SSEParser | None = None
        self._only_grammar = False  # a CR was seen: from there on, only `SSEParser` finds the line ends
        self._begun = False  # whether bytes were decoded, after which no byte order mark is allowed
        self._stray = b""
        self.done_mark = False

    def __repr__(self) -> str:
        return f"<EventDecoder: {len(self._buffer)} bytes held back, {'inside an event' if self.pending else 'between events'}>"

    @property
    def pending(self) -> bool:
        """Whether part of an event has come, but not its end."""
        return bool(self._buffer) or (self._grammar is not None and self._grammar.pending)

    def feed(self, chunk: bytes) -> Iterable[RawEvent]:
        """Feed the next bytes; return the events that they complete. Read them all before the next call.

        Raises:
            StreamProtocolError: Here or while the events are read: bad JSON, bad UTF-8, or an event over the limit.
        """
        if self._only_grammar:
            return self._by_grammar(chunk)
        if b"\r" in chunk:
            self._only_grammar = True
            chunk = bytes(self._buffer) + chunk
            self._buffer.clear()
            return self._by_grammar(chunk)
        if not self._buffer and len(chunk) <= _PIECE and chunk.endswith(b"\n\n"):
            return self._run(chunk)
        return self._in_pieces(chunk)

    def _in_pieces(self, chunk: bytes) -> Iterator[RawEvent]:
        """Decode the complete events of a chunk, the first of which may have begun in an earlier one; keep an incomplete last one."""
        begin = 0
        if self._buffer:
            if self._buffer.endswith(b"\n") and chunk.startswith(b"\n"):
                begin = 1
            elif (at := chunk.find(b"\n\n")) >= 0:
                begin = at + 2
            if begin:
                run = bytes(self._buffer) + chunk[:begin]
                self._buffer.clear()
                yield from self._run(run)
        while begin or not self._buffer:
            end = chunk.rfind(b"\n\n", begin, begin + _PIECE) + 2
            if end < 2:  # no event ends there: it is longer, or not complete yet
                end = chunk.find(b"\n\n", begin + _PIECE - 1) + 2
            if end < 2:
                break
            yield from self._run(chunk[begin:end])
            begin = end
        self._buffer += chunk[begin:]
        if len(self._buffer) > self._max_event:
            raise too_large(self._max_event)

    @property
    def stray(self) -> bytes:
        """The first lines that belong to no event, such as a body of another type. Set by `close`."""
        return self._stray

    def close(self) -> None:
        """End the stream. An event that its end cuts off is dropped, as the standard says."""
        if self._grammar is not None:
            self._grammar.close()
            self._stray = self._grammar.stray
        self._stray = self._stray or stray(self._buffer)
        self._buffer.clear()

    def _run(self, run: bytes) -> Iterable[RawEvent]:
        """Decode a run of complete events, which ends with a blank line and has no CR."""
        if len(run) > self._max_event:
            return self._by_grammar(run)
        head, deltas, tail = _parts(run)
        events = _deltas(deltas)
        if events is not None and not head and not tail:
            self._begun = True
            return events
        others = run if events is None else head + tail
        if not _USUAL.fullmatch(others):
            return self._by_grammar(run)
        self._begun = True
        return _each(run) if events is None else itertools.chain(_each(head), events, _each(tail))

    def _by_grammar(self, chunk: bytes) -> Iterator[RawEvent]:
        if self._grammar is None:
            self._grammar = SSEParser(max_event=self._max_event, at_start=not self._begun)
        for sent in self._grammar.feed(chunk):
            if sent.data.strip() == _DONE:
                self.done_mark = True
            elif sent.event != "message" or sent.data.strip():
                yield event_of(sent.data or "{}", sent.event)


def _parts(run: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a run into the part before the first delta, the part up to the end of the last delta, and the rest."""
    first = 0 if run.startswith(_DELTA) else run.find(_BETWEEN) + 2
    if first == 1:
        return run, b"", b""
    last = max(first, run.rfind(_BETWEEN) + 2)
    end = run.find(b"\n\n", last) + 2
    return run[:first], run[first:end], run[end:]


def _deltas(run: bytes) -> Iterable[RawEvent] | None:
    """Decode a run of deltas in their usual form; return None if anything else is in it, or if the decoder refuses one."""
    if not run:
        return ()
    end = len(run) - 2
    try:
        if run.find(b"\n", len(_DELTA)) == end:
            return (_decode(run[len(_DELTA) : end]),)
        lines = run[len(_DELTA) : end].replace(_BETWEEN, b"\n")
        # With as many line ends as replaced separators, there is no other line in the run.
        count = (end - len(_DELTA) - len(lines)) // (len(_BETWEEN) - 1)
        if lines.count(b"\n") != count:
            return None
        events = _decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return events if len(events) == count + 1 else None


def _each(run: bytes) -> Iterator[RawEvent]:
    """Decode events in their usual form one by one."""
    for event in run[:-2].split(b"\n\n") if run else ():
        name, _, data = event.partition(b"\ndata: ")
        yield event_of(data, name.removeprefix(b"event: "))


def event_of(data: bytes | str, name: bytes | str) -> RawEvent:
    """Decode one event by the typed decoder, or build it from plain JSON with every field.

    Args:
        data: Its JSON text.
        name: Its name in the stream, which is used only if the JSON has no `type`.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    named = name if isinstance(name, str) else name.decode(errors="replace")
    try:
        source = loads(data)
        if not isinstance(source, dict):
            raise ValueError("it is not an object")  # noqa: TRY301 - one translation below
        if not isinstance(source.get("type"), str):
            source["type"] = "error" if named == "message" and is_error_body(source) else named
        return parse.event(source)
    except ValueError as error:
        text = _text(data)
        if text is None:
            pass  # not UTF-8: raised below, whatever its name is
        elif named == "error":  # a gateway's, as plain text
            return ErrorEvent.of({"type": "error", "error": text})
        elif named not in parse.EVENTS and named != "message":
            return UnknownEvent.of({"type": named, "data": text})
        what = sanitize(str(error), 200)
        problem = StreamProtocolError(f"An event of the stream cannot be read: {what}. It begins: '{excerpt(data)}'.")
    raise problem


def _text(data: bytes | str) -> str | None:
    try:
        return data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError:
        return None
