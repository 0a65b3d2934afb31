"""Streams as a caller holds them, sync and async: they read chunks and hand them to the reader, and that is all.

Strategy: `StreamReader` (keybearer.wire.stream) knows everything about events and messages; the classes here only wait for
bytes, in two ways. Every way of reading (`for event in stream`, `text_stream`, `get_final_message()`) takes from the one iterator,
so they can be mixed and nothing is read twice or lost.

Contract: the stream is read to the message's end or raises a typed error with the partial message; leaving the context closes the
connection, wherever the reading stopped.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any, Generic, Self, TypeVar

from keybearer.errors import StreamError, TransportError
from keybearer.shell.transport import AsyncByteStream, ByteStream, no_progress
from keybearer.types import events as ev
from keybearer.types.http import Headers, Reply
from keybearer.types.messages import Message
from keybearer.wire.stream import StreamReader

__all__ = ["AsyncMessageStream", "AsyncRawStream", "MessageStream", "RawStream"]

E_ = TypeVar("E_")


class _Base(Generic[E_]):
    """What both kinds of stream know."""

    _raw = False  # whether it gives the events as the service sent them

    def __init__(
        self, reply: Reply, *, progress: float | None = None, finished: Callable[[Message], Any] | None = None
    ) -> None:
        self._reader: StreamReader = reply.reader
        self._body: Any = reply.stream
        self._release = reply.release
        self._forgotten = reply.forgotten
        self._failure: StreamError | None = None
        self._finished = finished
        self._closed = False
        self._progress_limit = progress
        self._progress, self._progress_at = 0, time.monotonic()
        self._feed: Callable[[bytes], Iterator[Any]] = self._reader.feed_raw if self._raw else self._reader.feed
        self.headers: Headers = reply.headers

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("request-id")

    @property
    def current_message(self) -> Message | None:
        """The message as far as it came; None before its start did. Built anew at each read."""
        return self._reader.message

    def __repr__(self) -> str:
        state = "failed" if self._failure is not None else "closed" if self._closed else "open"
        state = "complete" if self._reader.done else state
        return f"<{type(self).__name__}: {state}, {self._reader.events} events, request_id={self.request_id!r}>"

    def _leave(self) -> None:
        """Give the request's place back, once."""
        release, self._release = self._release, None
        if release is not None:
            release()

    def __del__(self) -> None:
        if self._release is not None and self._forgotten is not None:
            self._release = None
            self._forgotten()  # a stream that nobody closed

    def _check_progress(self) -> None:
        """Refuse to wait for ever on a stream of pings."""
        now, seen = time.monotonic(), self._reader.accumulator.progress
        if seen != self._progress:
            self._progress, self._progress_at = seen, now
        elif self._progress_limit is not None and now - self._progress_at > self._progress_limit:
            raise no_progress(self._progress_limit)

    def _ended(self) -> None:
        """Raise unless the stream was read to its message's end."""
        if self._failure is not None:
            raise self._failure
        if not self._reader.done:
            raise StreamError(
                "The stream was closed before its message was complete.",
                partial=self._reader.message,
                hint="Read it to its end inside the `with` block.",
            )

    def _final(self) -> Message:
        self._ended()
        message = self._reader.message
        assert message is not None  # noqa: S101 - it is done
        return message


def _text_of(message: Message) -> str:
    return message.text


class _Stream(_Base[E_]):
    """A stream that blocks."""

    def __init__(
        self, reply: Reply, *, progress: float | None = None, finished: Callable[[Message], Any] | None = None
    ) -> None:
        super().__init__(reply, progress=progress, finished=finished)
        self._body: ByteStream
        self._iterator = self._events()

    def __iter__(self) -> Iterator[E_]:
        return self._going_on()

    def __next__(self) -> E_:
        return next(self._going_on())

    def _going_on(self) -> Iterator[E_]:
        if self._failure is not None or self._closed:
            self._ended()
        return self._iterator

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream; its connection is closed too unless the body was read to its end."""
        if not self._closed:
            self._closed = True
            self._leave()
            self._body.close()

    def _events(self) -> Iterator[E_]:
        reader, accumulator = self._reader, self._reader.accumulator
        try:
            yield from self._feed(b"")  # what came before the stream was handed over
            while not accumulator.done and not self._closed:
                chunk = self._read()
                if not chunk:
                    reader.close()
                    break
                yield from self._feed(chunk)
            if not self._closed:
                self._closed = True
                self._leave()
                self._body.finish()
            self._ended()
            if self._finished is not None:
                self._finished(self._final())
        except StreamError as error:
            self._failure = error  # whoever reads on is told the same again
            raise
        finally:
            self.close()

    def _read(self) -> bytes:
        try:
            self._check_progress()
            return self._body.read()
        except TransportError as error:
            raise self._reader.cut(error) from error


class RawStream(_Stream[ev.RawEvent]):
    """The events as the service sent them: what `messages.create(stream=True)` gives."""

    _raw = True


class MessageStream(_Stream[ev.Event]):
    """A message as it is written: what `with client.messages.stream(...) as stream` gives.

    Iterate over it for events, over `text_stream` for text, or ask for the finished message.
    """

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of the answer, as it comes."""
        return (event.text for event in self._going_on() if type(event) is ev.TextEvent)

    @property
    def current_message_snapshot(self) -> Message | None:
        """The official SDK's name of `current_message`."""
        return self.current_message

    def until_done(self) -> None:
        """Read the stream to its end."""
        for _ in self._going_on():
            pass

    def get_final_message(self) -> Message:
        """Read the stream to its end and return the message.

        Raises:
            StreamError: The stream did not become a complete message.
        """
        self.until_done()
        return self._final()

    def get_final_text(self) -> str:
        """Read the stream to its end and return the answer's text."""
        return _text_of(self.get_final_message())


class _AsyncStream(_Base[E_]):
    """A stream that is awaited."""

    def __init__(
        self, reply: Reply, *, progress: float | None = None, finished: Callable[[Message], Any] | None = None
    ) -> None:
        super().__init__(reply, progress=progress, finished=finished)
        self._body: AsyncByteStream
        self._iterator = self._events()
        self._opened: list[Any] = [self._iterator]  # every generator that was made

    def __aiter__(self) -> AsyncIterator[E_]:
        return self._going_on()

    async def __anext__(self) -> E_:
        return await anext(self._going_on())

    def _going_on(self) -> AsyncIterator[E_]:
        if self._failure is not None or self._closed:
            self._ended()
        return self._iterator

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the stream; its connection is closed too unless the body was read to its end."""
        if not self._closed:
            self._closed = True
            self._leave()
            try:
                await self._body.close()
            finally:
                for each in self._opened:  # trio warns of a generator that is left to the garbage collector
                    if not each.ag_running:  # it may be what closes the stream
                        await each.aclose()

    async def _events(self) -> AsyncGenerator[E_, None]:
        reader, accumulator = self._reader, self._reader.accumulator
        try:
            for event in self._feed(b""):  # what came before the stream was handed over
                yield event
            while not accumulator.done and not self._closed:
                chunk = await self._read()
                if not chunk:
                    reader.close()
                    break
                for event in self._feed(chunk):
                    yield event
            if not self._closed:
                self._closed = True
                self._leave()
                await self._body.finish()
            self._ended()
            if self._finished is not None:
                await self._finished(self._final())
        except StreamError as error:
            self._failure = error  # whoever reads on is told the same again
            raise
        finally:
            await self.close()

    async def _read(self) -> bytes:
        try:
            self._check_progress()
            return await self._body.read()
        except TransportError as error:
            raise self._reader.cut(error) from error


class AsyncRawStream(_AsyncStream[ev.RawEvent]):
    """The events as the service sent them: what `await messages.create(stream=True)` gives."""

    _raw = True


class AsyncMessageStream(_AsyncStream[ev.Event]):
    """A message as it is written: what `async with client.messages.stream(...) as stream` gives.

    Iterate over it for events, over `text_stream` for text, or ask for the finished message.
    """

    @property
    def text_stream(self) -> AsyncIterator[str]:
        """The text of the answer, as it comes."""
        texts = self._texts()
        self._opened.append(texts)
        return texts

    async def _texts(self) -> AsyncGenerator[str, None]:
        async for event in self._going_on():
            if type(event) is ev.TextEvent:
                yield event.text

    @property
    def current_message_snapshot(self) -> Message | None:
        """The official SDK's name of `current_message`."""
        return self.current_message

    async def until_done(self) -> None:
        """Read the stream to its end."""
        async for _ in self._going_on():
            pass

    async def get_final_message(self) -> Message:
        """Read the stream to its end and return the message.

        Raises:
            StreamError: The stream did not become a complete message.
        """
        await self.until_done()
        return self._final()

    async def get_final_text(self) -> str:
        """Read the stream to its end and return the answer's text."""
        return _text_of(await self.get_final_message())
