"""Bytes of a stream to typed events.

Strategy: three ways, from the fastest to the most careful, that give the same events.
  1. A run of deltas in the service's usual shape (`event: content_block_delta`, `data: {...}`, blank line): what stands between
     their JSON texts is replaced by line ends and all are decoded by one typed decoder, with no work in Python for each event
     but the loop that reads it.
  2. Any other event of that shape, and a delta that this decoder refuses because it has an unknown type or field, is decoded
     to plain JSON and built with everything in it (`keybearer.wire.response.parse`).
  3. Bytes of any other shape (CR line ends, comments, several data lines) go through the whole grammar, `SSEParser`.

Contract: `feed` gives the events in order and raises where the bytes go wrong, after the events before that place. What
gateways send beside events is read over: `data: [DONE]`, which ends a stream of another API, and an event that has neither a
name nor data. An object that says an error and has no `type` is the `error` event that it would be.
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

__all__ = ["EventDecoder"]

_DELTA: Final = b"event: content_block_delta\ndata: "
_BETWEEN: Final = b"\n\n" + _DELTA
_USUAL: Final = re.compile(rb"(?:event: [^\n]*\ndata: \{[^\n]*\n\n)*")
"""A run of events in the service's usual shape, whatever they are; nothing at all is one too."""

_DONE: Final = "[DONE]"

_PIECE: Final = 16 << 10
"""How much of a run is decoded at a time, in bytes: the events of a larger one are so many objects at once that the garbage collector
looks through them again and again, which was a third of what reading a stream cost."""

_fast: Final = msgspec.json.Decoder(FastEvent)
_decode: Final[Callable[[bytes | str], RawEvent]] = _fast.decode
_decode_lines: Final[Callable[[bytes], list[FastEvent]]] = _fast.decode_lines


class EventDecoder:
    r"""Decode the bytes of an event stream.

    Args:
        limits: What the stream may hold.

    Attributes:
        done_mark: Whether `data: [DONE]` came.

    Example:
        >>> decoder = EventDecoder()
        >>> list(decoder.feed(b'event: ping\ndata: {"type": "ping"}\n\n'))
        [PingEvent()]
    """

    def __init__(self, limits: StreamLimits | None = None) -> None:
        self._max_event = (limits or StreamLimits()).event_bytes
        self._buffer = bytearray()  # an event that is not whole yet: there is no blank line in it
        self._grammar: SSEParser | None = None
        self._only_grammar = False  # a CR was seen: where lines end is the grammar's business from now on
        self._begun = False  # whether the place of a byte order mark has passed
        self._stray = b""
        self.done_mark = False

    def __repr__(self) -> str:
        return f"<EventDecoder: {len(self._buffer)} bytes held back, {'inside an event' if self.pending else 'between events'}>"

    @property
    def pending(self) -> bool:
        """Whether part of an event has come that is not complete yet."""
        return bool(self._buffer) or (self._grammar is not None and self._grammar.pending)

    def feed(self, chunk: bytes) -> Iterable[RawEvent]:
        """Take the next bytes and give the events that they complete. Read them all before the next call.

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
        """Decode the whole events of a chunk piece by piece, after the one that began before it; keep the one that it begins."""
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
            if end < 2:  # no event ends there: this one is longer, or not whole yet
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
        """The beginning of what came and belongs to no event: a body of another kind. Known once the stream was closed."""
        return self._stray

    def close(self) -> None:
        """End the stream; an event that was cut off is dropped, as the standard says."""
        if self._grammar is not None:
            self._grammar.close()
            self._stray = self._grammar.stray
        self._stray = self._stray or stray(self._buffer)
        self._buffer.clear()

    def _run(self, run: bytes) -> Iterable[RawEvent]:
        """Decode a run of whole events: it ends with a blank line and has no CR."""
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
                yield _one(sent.data or "{}", sent.event)


def _parts(run: bytes) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the first delta, what is from there to the last one, and the rest."""
    first = 0 if run.startswith(_DELTA) else run.find(_BETWEEN) + 2
    if first == 1:
        return run, b"", b""
    last = max(first, run.rfind(_BETWEEN) + 2)
    end = run.find(b"\n\n", last) + 2
    return run[:first], run[first:end], run[end:]


def _deltas(run: bytes) -> Iterable[RawEvent] | None:
    """Decode a run that is nothing but deltas in their usual shape; None when it is not, or when the decoder refuses one."""
    if not run:
        return ()
    end = len(run) - 2
    try:
        if run.find(b"\n", len(_DELTA)) == end:
            return (_decode(run[len(_DELTA) : end]),)
        lines = run[len(_DELTA) : end].replace(_BETWEEN, b"\n")
        # As many line ends as marks that were replaced: no line of any other kind is among them.
        count = (end - len(_DELTA) - len(lines)) // (len(_BETWEEN) - 1)
        if lines.count(b"\n") != count:
            return None
        events = _decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return events if len(events) == count + 1 else None


def _each(run: bytes) -> Iterator[RawEvent]:
    """Decode events in their usual shape one by one."""
    for event in run[:-2].split(b"\n\n") if run else ():
        name, _, data = event.partition(b"\ndata: ")
        yield _one(data, name.removeprefix(b"event: "))


def _one(data: bytes | str, name: bytes | str) -> RawEvent:
    """Decode one event: the typed way, else with everything that came in it.

    Args:
        data: Its JSON text.
        name: The name that the stream gave it; used only when the JSON has no `type`.
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
            pass  # not UTF-8: no event is what it seems then
        elif named == "error":  # a gateway's, in words of its own
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
