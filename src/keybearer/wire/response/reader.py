"""Reads a stream: bytes in, events out, and at the end a message or a typed error.

Strategy: this is the part that sync and async streams share. It connects decoder and accumulator; the streams only read chunks and
feed them.

Contract: `feed` and `feed_raw` return the events in order, and raise at the first mistake in the stream; `close` raises unless the
message is complete. Every error has the message so far. Nothing after `message_stop` is read, in the same chunk or in a later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from keybearer.errors import StreamError, StreamTimedOut, StreamTruncated, TimedOut, TransportError
from keybearer.types import events as ev
from keybearer.types.http import AWS_EVENT_STREAM, Headers, media_type
from keybearer.types.messages import Message
from keybearer.wire.response.accumulate import MessageAccumulator
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.limits import StreamLimits

__all__ = ["StreamReader"]


if TYPE_CHECKING:
    from keybearer.wire.response.aws_frames import FramedEvents


def _decoder(headers: Headers | None, limits: StreamLimits | None) -> EventDecoder | FramedEvents:
    """Return what decodes a stream, by its media type."""
    if headers is not None and media_type(headers) == AWS_EVENT_STREAM:
        from keybearer.wire.response.aws_frames import FramedEvents

        return FramedEvents(limits)
    return EventDecoder(limits)


class StreamReader:
    """Read one event stream.

    Args:
        headers: The reply's headers.
        limits: The limits of the stream.
        strict: Whether a stream without `message_stop` is an error even if a stop reason came and every block has ended.

    Attributes:
        accumulator: Builds the message from the events returned so far.
        thread: The digest of the conversation that the service keeps with the message; None when it keeps none.
    """

    def __init__(
        self, headers: Headers | None = None, *, limits: StreamLimits | None = None, strict: bool = True
    ) -> None:
        self._decoder = _decoder(headers, limits)
        self.accumulator = MessageAccumulator(headers, limits=limits, strict=strict)
        self.thread: str | None = None
        self._held: list[ev.RawEvent] = []  # decoded by `read_preamble`, not returned yet
        self._failure: StreamError | None = None  # the error after them, if `read_preamble` found one
        self._rest: Iterator[ev.RawEvent] = iter(())  # else the events after them

    def __repr__(self) -> str:
        return f"<StreamReader: {self.events} events, {'complete' if self.done else 'not complete'}>"

    @property
    def done(self) -> bool:
        """Whether the message is complete."""
        return self.accumulator.done

    @property
    def events(self) -> int:
        """How many events were returned."""
        return self.accumulator.events

    @property
    def message(self) -> Message | None:
        """The message, as far as it came; complete once `done`."""
        message = self.accumulator.message
        return message if message is None or self.thread is None else message.with_thread(self.thread)

    def read_preamble(self, chunk: bytes) -> bool:
        """Feed bytes until the stream has content. The next `feed` or `feed_raw` returns the events that came.

        Args:
            chunk: The next bytes; `b""` at the end.

        Returns:
            Whether there is content: an event other than `message_start` and `ping`.

        Raises:
            StreamError: The stream broke the protocol, reported an error or ended before any content.
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
            for _ in self.feed_raw(b""):  # raises the error of the stream, if there was one
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
        """Feed the next bytes; return the events that they complete, as the service sent them."""
        return self._read(chunk, helpers=False)

    def feed(self, chunk: bytes) -> Iterator[ev.Event]:
        """Feed the next bytes; return the events that they complete, and the helper events."""
        return self._read(chunk, helpers=True)

    def _read(self, chunk: bytes, *, helpers: bool) -> Iterator[Any]:
        return iter(()) if self.done else self.accumulator.read(self._decoded, chunk, helpers=helpers)

    def close(self) -> None:
        """End the stream.

        Raises:
            StreamTruncated: The message is not complete.
            StreamAPIError: Lines that belong to no event report an error.
            StreamProtocolError: The bytes were no event stream.
        """
        self._decoder.close()
        self.accumulator.close(stray=self._decoder.stray, done_mark=self._decoder.done_mark)

    def cut(self, failure: TransportError) -> StreamTruncated:
        """Return the error for a stream that the transport failed to read to its end."""
        cls = StreamTimedOut if isinstance(failure, TimedOut) else StreamTruncated
        error = cls(
            f"The stream was cut after {self.accumulator.events} events: {failure.message}",
            hint="What came is in error.partial; send the request again for the whole.",
        )
        if isinstance(error, StreamTimedOut):
            error.phase = failure.phase
        return self.accumulator.with_partial(error)
