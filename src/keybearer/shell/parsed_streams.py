"""Streams of a structured answer: the events of a message as it is written, and at its end the value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

from keybearer.api.answer_format import AnswerFormat
from keybearer.exchange.lease import Lease
from keybearer.flow import CallHook
from keybearer.shell.stream_base import BaseStream
from keybearer.shell.streams import AsyncMessageStream, MessageStream
from keybearer.types import events as ev
from keybearer.types.parsed import ParsedMessage

__all__ = ["AsyncParsedStream", "ParsedStream"]

T = TypeVar("T")
"""The type that was asked for."""


class _Parsing(BaseStream[ev.Event], Generic[T]):
    """Reads the value once, when the message is complete."""

    _wanted: AnswerFormat[T]
    _parsed: ParsedMessage[T] | None = None
    _misfit: Exception | None = None

    def _want(self, wanted: AnswerFormat[T]) -> None:
        self._wanted = wanted
        self._feed = self._reading(self._feed)

    def _reading(self, feed: Callable[[bytes], Iterator[Any]]) -> Callable[[bytes], Iterator[Any]]:
        def read(chunk: bytes) -> Iterator[Any]:
            for event in feed(chunk):
                yield ev.MessageStopEvent(self._final()) if type(event) is ev.MessageStopEvent else event

        return read

    def _ended(self) -> None:
        super()._ended()
        self._read_value()

    def _final(self) -> ParsedMessage[T]:
        self._ended()
        return self._read_value()

    def _read_value(self) -> ParsedMessage[T]:
        if self._misfit is not None:
            raise self._misfit
        if self._parsed is None:
            message = self._reader.message
            assert message is not None  # noqa: S101 - it is done
            try:
                self._parsed = self._wanted.read(message)
            except Exception as error:  # the `AnswerError`, or what a format of another kind raises
                self._misfit = error
                raise
        return self._parsed


class ParsedStream(_Parsing[T], MessageStream):
    """A structured answer as it is written: what `with client.messages.stream(..., output_format=T) as stream` gives.

    The `parsed_snapshot()` of its text events is the value so far, as JSON. Where the answer turns out to be no value of the type,
    whatever reads the stream to its end raises the `AnswerError`.
    """

    def __init__(self, lease: Lease, call_hook: Callable[[CallHook], None], wanted: AnswerFormat[T]) -> None:
        super().__init__(lease, call_hook)
        self._want(wanted)

    def get_final_message(self) -> ParsedMessage[T]:
        """Read the stream to its end and return the message, with its `parsed_output`.

        Raises:
            StreamError: The stream did not become a complete message.
            AnswerError: The message is no value of the type.
        """
        self.until_done()
        return self._final()


class AsyncParsedStream(_Parsing[T], AsyncMessageStream):
    """A structured answer as it is written: what `async with client.messages.stream(..., output_format=T) as stream` gives.

    The `parsed_snapshot()` of its text events is the value so far, as JSON. Where the answer turns out to be no value of the type,
    whatever reads the stream to its end raises the `AnswerError`.
    """

    def __init__(self, lease: Lease, call_hook: Callable[[CallHook], Awaitable[None]], wanted: AnswerFormat[T]) -> None:
        super().__init__(lease, call_hook)
        self._want(wanted)

    async def get_final_message(self) -> ParsedMessage[T]:
        """Read the stream to its end and return the message, with its `parsed_output`.

        Raises:
            StreamError: The stream did not become a complete message.
            AnswerError: The message is no value of the type.
        """
        await self.until_done()
        return self._final()
