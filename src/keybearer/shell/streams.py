"""The sync and async streams that a caller gets.

Strategy: `StreamReader` (keybearer.wire.response.reader) decodes events and builds the message; the classes here only read bytes, one
blocking, one awaiting. Every way of reading (`for event in stream`, `text_stream`, `get_final_message()`) uses the same iterator, so
they can be mixed and nothing is read twice or lost.

Contract: the stream is read to the message's end or raises a typed error with the partial message. Leaving the context closes the
connection, wherever reading stopped. A message's usage is reported once, however the stream ends. Time limits count the time of
waiting for the service, not the caller's work between two reads.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

from keybearer.errors import StreamError, TransportError
from keybearer.exchange.lease import Lease
from keybearer.flow import CallHook
from keybearer.shell.stream_base import E_, BaseStream
from keybearer.shell.transports.base import AsyncByteStream, ByteStream
from keybearer.types import events as ev
from keybearer.types.messages import Message

if TYPE_CHECKING:
    # A type variable with a default, which the typing module has from Python 3.13 on: `RawStream` alone is one of raw events.
    from typing_extensions import TypeVar as TypeVarWithDefault

    R_ = TypeVarWithDefault("R_", default=ev.RawEvent)
else:
    R_ = TypeVar("R_")

__all__ = ["AsyncMessageStream", "AsyncRawStream", "MessageStream", "RawStream"]


def _text_of(message: Message) -> str:
    return message.text


class _Stream(BaseStream[E_]):
    """A stream that blocks."""

    def __init__(self, lease: Lease, call_hook: Callable[[CallHook], None]) -> None:
        super().__init__(lease, call_hook)
        self._body: ByteStream
        self._iterator: Iterator[E_] = self._events()

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

    def pass_through(self, through: Callable[[Iterator[E_]], Iterator[E_]]) -> None:
        """Give the events through a generator of yours, which sees each before whoever reads the stream does."""
        self._iterator = through(self._iterator)

    def close(self) -> None:
        """Close the stream; its connection is closed too unless the body was read to its end."""
        if not self._closed:
            self._closed = True
            self._lease.release()
            self._body.close()
        self._report()

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
                self._lease.release()
                self._body.finish()
            self._ended()
        except StreamError as error:
            self._failure = error  # a caller that reads on gets the same error again
            raise
        except GeneratorExit:
            self._lease.abandon()
            raise
        except BaseException as error:
            self._cancelled = error
            raise
        finally:
            self.close()

    def _read(self) -> bytes:
        begun = time.monotonic()
        try:
            self._check_progress()
            return self._body.read()
        except TransportError as error:
            raise self._reader.cut(error) from error
        finally:
            self._waited += time.monotonic() - begun


class RawStream(_Stream[R_]):
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
        """Read the stream to its end.

        Raises:
            StreamError: The stream did not become a complete message.
        """
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
        """Read the stream to its end and return the answer's text.

        Raises:
            StreamError: The stream did not become a complete message.
        """
        return _text_of(self.get_final_message())


class _AsyncStream(BaseStream[E_]):
    """A stream that is awaited."""

    def __init__(self, lease: Lease, call_hook: Callable[[CallHook], Awaitable[None]]) -> None:
        super().__init__(lease, call_hook)
        self._body: AsyncByteStream
        self._iterator: AsyncGenerator[E_, None] = self._events()
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

    def pass_through(self, through: Callable[[AsyncIterator[E_]], AsyncGenerator[E_, None]]) -> None:
        """Give the events through a generator of yours, which sees each before whoever reads the stream does."""
        self._iterator = through(self._iterator)
        self._opened.append(self._iterator)

    async def close(self) -> None:
        """Close the stream; its connection is closed too unless the body was read to its end."""
        if not self._closed:
            self._closed = True
            self._lease.release()
            try:
                await self._body.close()
            finally:
                for each in self._opened:  # trio warns of a generator that is left to the garbage collector
                    if not each.ag_running:  # it may be what closes the stream
                        await each.aclose()
        if (report := self._report()) is not None:
            await report

    async def aclose(self) -> None:
        """Close the stream: `close` by the name that `contextlib.aclosing` and other libraries call."""
        await self.close()

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
                self._lease.release()
                await self._body.finish()
            self._ended()
        except StreamError as error:
            self._failure = error  # a caller that reads on gets the same error again
            raise
        except BaseException as error:
            self._cancelled = error
            raise
        finally:
            await self.close()

    async def _read(self) -> bytes:
        begun = time.monotonic()
        try:
            self._check_progress()
            return await self._body.read()
        except TransportError as error:
            raise self._reader.cut(error) from error
        finally:
            self._waited += time.monotonic() - begun


class AsyncRawStream(_AsyncStream[R_]):
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
        """Read the stream to its end.

        Raises:
            StreamError: The stream did not become a complete message.
        """
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
        """Read the stream to its end and return the answer's text.

        Raises:
            StreamError: The stream did not become a complete message.
        """
        return _text_of(await self.get_final_message())
