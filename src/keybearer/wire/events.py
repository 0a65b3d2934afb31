"""Bytes of a stream to typed events.

Strategy: three ways, from the fastest to the most careful, that give the same events.
  1. A run of events in the service's usual shape (`event: ...`, `data: {...}`, blank line): the data lines are sliced out
     and decoded by one typed decoder, with no work in Python for each event but the loop that reads it.
  2. An event that this decoder refuses, because it is of a rarer or unknown type or has an unknown field, is decoded to plain
     JSON and built with everything in it (`keybearer.wire.parse`).
  3. Bytes of any other shape (CR line ends, comments, several data lines) go through the whole grammar, `SSEParser`.

Contract: `feed` gives the events in order and raises where the bytes go wrong, after the events before that place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from keybearer.errors import StreamProtocolError
from keybearer.types.events import FastEvent, RawEvent
from keybearer.wire import parse
from keybearer.wire.json import loads
from keybearer.wire.limits import StreamLimits
from keybearer.wire.sse import SSEParser, too_large

__all__ = ["EventDecoder"]

_fast: Final = msgspec.json.Decoder(FastEvent)
_decode: Final[Callable[[bytes | str], RawEvent]] = _fast.decode
_decode_lines: Final[Callable[[bytes], list[FastEvent]]] = _fast.decode_lines


class EventDecoder:
    r"""Decode the bytes of an event stream.

    Args:
        limits: What the stream may hold.

    Example:
        >>> decoder = EventDecoder()
        >>> list(decoder.feed(b'event: ping\ndata: {"type": "ping"}\n\n'))
        [PingEvent()]
    """

    def __init__(self, limits: StreamLimits | None = None) -> None:
        self._max_event = (limits or StreamLimits()).event_bytes
        self._buffer = bytearray()  # bytes that do not yet end with a blank line
        self._scanned = 0  # no blank line begins before this offset of the buffer
        self._grammar: SSEParser | None = None
        self._only_grammar = False  # a CR was seen: where lines end is the grammar's business from now on
        self._begun = False  # whether the place of a byte order mark has passed

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
        if self._buffer or not chunk.endswith(b"\n\n"):
            self._buffer += chunk
            end = self._buffer.rfind(b"\n\n", self._scanned) + 2
            if end < 2:
                self._scanned = max(0, len(self._buffer) - 1)
                if len(self._buffer) > self._max_event:
                    raise too_large(self._max_event)
                return ()
            chunk = bytes(self._buffer[:end])
            del self._buffer[:end]
            self._scanned = max(0, len(self._buffer) - 1)
        return self._run(chunk)

    def close(self) -> None:
        """End the stream; an event that was cut off is dropped, as the standard says."""
        self._buffer.clear()
        if self._grammar is not None:
            self._grammar.close()

    def _run(self, run: bytes) -> Iterable[RawEvent]:
        """Decode a run of whole events: it ends with a blank line and has no CR."""
        start = run.find(b"\n") + 1
        end = run.find(b"\n", start)
        if len(run) > self._max_event or not (run.startswith(b"event: ") and run.startswith(b"data: {", start)):
            return self._by_grammar(run)
        self._begun = True
        if end == len(run) - 2:
            data = run[start + 6 : end]
            try:
                return (_decode(data),)
            except (msgspec.DecodeError, UnicodeDecodeError):
                return (_one(data, run[7 : start - 1]),)
        lines = run.split(b"\n")
        names, datas = lines[:-1:3], lines[1:-1:3]
        count, names_text, datas_text = len(datas), b"\n".join(names), b"\n".join(datas)
        usual = (
            len(lines) == 3 * count + 1
            and not any(lines[2::3])
            and names_text.count(b"\nevent: ") == count - 1
            and datas_text.count(b"\ndata: {") == count - 1
        )
        if not usual:
            return self._by_grammar(run)
        try:
            return _decode_lines(datas_text.replace(b"\ndata: ", b"\n")[6:])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return (_one(data[6:], name[7:]) for name, data in zip(names, datas, strict=True))

    def _by_grammar(self, chunk: bytes) -> Iterator[RawEvent]:
        if self._grammar is None:
            self._grammar = SSEParser(max_event=self._max_event, at_start=not self._begun)
        for sent in self._grammar.feed(chunk):
            yield _one(sent.data, sent.event)


def _one(data: bytes | str, name: bytes | str) -> RawEvent:
    """Decode one event: the typed way, else with everything that came in it.

    Args:
        data: Its JSON text.
        name: The name that the stream gave it; used only when the JSON has no `type`.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        source = loads(data)
        if not isinstance(source, dict):
            raise ValueError("it is not an object")  # noqa: TRY301 - one translation below
        if "type" not in source:
            source["type"] = name if isinstance(name, str) else name.decode(errors="replace")
        return parse.event(source)
    except ValueError as error:
        shown = data[:200] if isinstance(data, str) else data[:200].decode(errors="replace")
        problem = StreamProtocolError(f"An event of the stream cannot be read: {error}. It begins: {shown!r}")
    raise problem
