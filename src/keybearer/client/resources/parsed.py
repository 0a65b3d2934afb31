"""The managers of `client.messages.stream(..., output_format=T)`."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from keybearer.api.answer_format import AnswerFormat, Via, format_of
from keybearer.api.messages import MessagesAPI
from keybearer.client.resources.stream_managers import AsyncMessageStreamManager, MessageStreamManager
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.parsed_streams import AsyncParsedStream, ParsedStream
from keybearer.types.requests import CreateParams

__all__ = ["AsyncParsedStreamManager", "ParsedStreamManager"]

T = TypeVar("T")
"""The type that is asked for."""


class ParsedStreamManager(MessageStreamManager, Generic[T]):
    """Opens the stream when its `with` block is entered, and closes it at its end."""

    _opens = ParsedStream

    def __init__(self, api: MessagesAPI, driver: SyncDriver, params: CreateParams, wanted: Any, via: Via) -> None:
        self._wanted: AnswerFormat[T] = format_of(wanted, via)
        asked: Any = self._wanted.asked(params)
        super().__init__(api, driver, asked)

    def __enter__(self) -> ParsedStream[T]:
        stream = ParsedStream(self._driver.run(self._api.open(self._params)), self._driver.call_hook, self._wanted)
        self._stream = stream
        return stream


class AsyncParsedStreamManager(AsyncMessageStreamManager, Generic[T]):
    """Opens the stream when its `with` block is entered, and closes it at its end."""

    _opens = AsyncParsedStream

    def __init__(self, api: MessagesAPI, driver: AsyncDriver, params: CreateParams, wanted: Any, via: Via) -> None:
        self._wanted: AnswerFormat[T] = format_of(wanted, via)
        asked: Any = self._wanted.asked(params)
        super().__init__(api, driver, asked)

    async def __aenter__(self) -> AsyncParsedStream[T]:
        lease = await self._driver.run(self._api.open(self._params))
        stream = AsyncParsedStream(lease, self._driver.call_hook, self._wanted)
        self._stream = stream
        return stream
