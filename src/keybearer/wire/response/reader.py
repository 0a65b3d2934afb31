"""A stream as its reader sees it: bytes in, events out, and at the end a message or a typed error.

Strategy: what sync and async streams share. Decoder and accumulator are driven here; the shells only read and hand chunks over.

Contract: `feed*` give the events in order and raise where the stream goes wrong; `close` raises unless the message is complete. Every
error carries the message so far. What comes after `message_stop` is not read, in the same chunk or in a later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from keybearer.errors import StreamError, StreamTimedOut, StreamTruncated, TimedOut, TransportError
from keybearer.types import events as ev
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.response.accumulate import MessageAccumulator
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.limits import StreamLimits

__all__ = ["StreamReader"]


class StreamReader:
    """Read one event stream.

    Args:
        headers: The reply's headers.
        limits: What the stream may hold.
        strict: Whether an orderly end after a stop reason, without `message_stop`, is still an error.

    Attributes:
        accumulator: What the events given so far make.
    """

    def __init__(
        self, headers: Headers | None = None, *, limits: StreamLimits | None = None, strict: bool = True
    ) -> None:
        self._decoder = EventDecoder(limits)
        self.accumulator = MessageAccumulator(headers, limits=limits, strict=strict)
        self._held: list[ev.RawEvent] = []  # decoded by `read_preamble`, not given yet
        self._failure: StreamError | None = None  # what came after them,
        self._rest: Iterator[ev.RawEvent] = iter(())  # or what is still to be decoded

    def __repr__(self) -> str:
        return f"<StreamReader: {self.events} events, {'complete' if self.done else 'not complete'}>"

    @property
    def done(self) -> bool:
        """Whether the message is complete."""
        return self.accumulator.done

    @property
    def events(self) -> int:
        """How many events were given."""
        return self.accumulator.events

    @property
    def message(self) -> Message | None:
        """The message: complete once `done`, else as far as it came."""
        return self.accumulator.message

    def read_preamble(self, chunk: bytes) -> bool:
        """Take bytes before the caller sees anything, until the stream has content; the next `feed` gives what came.

        Args:
            chunk: The next bytes; `b""` at the end.

        Returns:
            Whether there is content: an event that is neither the message's start nor a ping.

        Raises:
            StreamError: The stream went wrong, or ended, before any content.
        """
        events = iter(self._decoder.feed(chunk)) if chunk else iter(())
        try:
            first = next((each for each in events if self._is_content(each)), None)
        except StreamError as error:
            self._failure = error
            first = None
        if first is not None and not isinstance(first, ev.ErrorEvent):
            self._rest = events
            return True
        if first is not None or self._failure is not None or not chunk:
            for _ in self.feed_raw(b""):  # raises where the stream went wrong
                pass
            self.close()
        return False

    def _is_content(self, event: ev.RawEvent) -> bool:
        self._held.append(event)
        return not isinstance(event, ev.MessageStartEvent | ev.PingEvent)

    def _decoded(self, chunk: bytes) -> Iterable[ev.RawEvent]:
        return self._decoder.feed(chunk) if not self._held and self._failure is None else self._with_held(chunk)

    def _with_held(self, chunk: bytes) -> Iterator[ev.RawEvent]:
        held, rest = self._held, self._rest
        self._held, self._rest = [], iter(())
        yield from held
        if self._failure is not None:
            raise self._failure
        yield from rest
        yield from self._decoder.feed(chunk)

    def feed_raw(self, chunk: bytes) -> Iterator[ev.RawEvent]:
        """Take the next bytes and give the events as the service sent them."""
        return self._read(chunk, helpers=False)

    def feed(self, chunk: bytes) -> Iterator[ev.Event]:
        """Take the next bytes and give the events with the helper events that are made from them."""
        return self._read(chunk, helpers=True)

    def _read(self, chunk: bytes, *, helpers: bool) -> Iterator[Any]:
        return iter(()) if self.done else self.accumulator.read(self._decoded, chunk, helpers=helpers)

    def close(self) -> None:
        """Say that the bytes have ended.

        Raises:
            StreamTruncated: The message is not complete.
            StreamAPIError: What came in place of events, or after the last of them, says an error.
            StreamProtocolError: What came is no event stream.
        """
        self._decoder.close()
        self.accumulator.close(stray=self._decoder.stray, done_mark=self._decoder.done_mark)

    def cut(self, failure: TransportError) -> StreamTruncated:
        """Return the error for a stream that the transport could not read to its end."""
        cls = StreamTimedOut if isinstance(failure, TimedOut) else StreamTruncated
        error = cls(
            f"The stream was cut after {self.accumulator.events} events: {failure.message}",
            hint="What came is in error.partial; send the request again for the whole.",
        )
        if isinstance(error, StreamTimedOut):
            error.phase = failure.phase
        return self.accumulator.with_partial(error)
