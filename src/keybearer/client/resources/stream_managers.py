"""The managers of `client.messages.stream(...)`: each opens its stream when its block is entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from keybearer.api.messages import MessagesAPI
from keybearer.errors import UsageError
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.streams import AsyncMessageStream, MessageStream
from keybearer.types.requests import CreateParams

__all__ = ["AsyncMessageStreamManager", "MessageStreamManager", "StreamManager"]


class StreamManager:
    """The base of the stream managers: it tells a caller who uses a manager as the stream what to write instead."""

    _word: ClassVar[str]
    _call: ClassVar[str] = "client.messages.stream(...) as stream"
    _opens: ClassVar[type]
    _stream: Any = None
    _through: Any = None

    def __repr__(self) -> str:
        state = "not opened" if self._stream is None else repr(self._stream)
        return f"<{type(self).__name__}: {state}>"

    def pass_through(self, through: Callable[..., Any]) -> None:
        """Give the events of the stream through a generator of yours, once it is open."""
        self._through = through

    def _not_yet(self) -> NoReturn:
        raise UsageError(
            f"This is not the stream yet: it is opened by `{self._word}`.",
            hint=f"Write: {self._word} {self._call}: ...",
        )

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __getattr__(self, name: str) -> Any:
            if name == "headers" or (not name.startswith("_") and hasattr(self._opens, name)):
                self._not_yet()
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class MessageStreamManager(StreamManager):
    """Opens the stream when its `with` block is entered, and closes it at its end."""

    _word = "with"
    _opens: ClassVar[type] = MessageStream

    def __init__(self, api: MessagesAPI, driver: SyncDriver, params: CreateParams) -> None:
        self._api, self._driver, self._params = api, driver, params
        self._stream: MessageStream | None = None

    def __enter__(self) -> MessageStream:
        lease = self._driver.run(self._api.open(self._params))
        self._stream = MessageStream(lease, self._driver.call_hook)
        if self._through is not None:
            self._stream.pass_through(self._through)
        return self._stream

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __iter__(self) -> NoReturn:
            self._not_yet()


class AsyncMessageStreamManager(StreamManager):
    """Opens the stream when its `with` block is entered, and closes it at its end."""

    _word = "async with"
    _opens: ClassVar[type] = AsyncMessageStream

    def __init__(self, api: MessagesAPI, driver: AsyncDriver, params: CreateParams) -> None:
        self._api, self._driver, self._params = api, driver, params
        self._stream: AsyncMessageStream | None = None

    async def __aenter__(self) -> AsyncMessageStream:
        lease = await self._driver.run(self._api.open(self._params))
        self._stream = AsyncMessageStream(lease, self._driver.call_hook)
        if self._through is not None:
            self._stream.pass_through(self._through)
        return self._stream

    async def __aexit__(self, *_: object) -> None:
        if self._stream is not None:
            await self._stream.close()

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __enter__(self) -> NoReturn:
            self._not_yet()

        def __exit__(self, *_: object) -> None:
            """Python looks for it before it enters."""

        def __aiter__(self) -> NoReturn:
            self._not_yet()

        def __await__(self) -> NoReturn:
            self._not_yet()
