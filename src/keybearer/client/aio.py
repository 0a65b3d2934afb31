"""`AsyncClient`: the awaited client. Its methods are one line over the flows of `keybearer.api.messages`."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, Unpack, overload

from keybearer.client.base import BaseClient, StreamManager
from keybearer.client.checks import check_transport
from keybearer.client.settings import Settings
from keybearer.shell.drivers import AsyncDriver
from keybearer.shell.streams import AsyncMessageStream, AsyncRawStream
from keybearer.shell.transports.base import AsyncTransport
from keybearer.shell.transports.default import DefaultAsyncTransport
from keybearer.types.http import Reply
from keybearer.types.messages import Message, TokenCount
from keybearer.types.requests import CountParams, CreateParams

__all__ = ["AsyncClient", "AsyncMessageStreamManager", "AsyncMessages"]


class AsyncClient(BaseClient[AsyncTransport]):
    """A client that is awaited, on asyncio or trio. Tasks may share it.

    Args:
        transport: What sends the requests. Default: aiohttp; on trio, httpx2.
        **options: By name; `keybearer.ClientOptions` has their types and meanings: `api_key`, `credentials`, `base_url`, `model`,
            `timeout`, `max_retries`, `retry`, `requests_per_second`, `concurrency`, `on_overload`, `betas`, `default_headers`,
            `proxy`, `ca_file` and others.

    Raises:
        ConfigError: The base URL is one that a key may not be sent to.
        NoCredentials: There is no credential.

    Example:
        >>> client = AsyncClient(api_key="sk-ant-example", model="claude-haiku-4-5")
    """

    messages: AsyncMessages

    def _connect(self, transport: AsyncTransport | None, settings: Settings) -> None:
        if transport is not None:
            check_transport(transport, awaited=True)
        self._transport = transport or DefaultAsyncTransport(settings.transport)
        self._driver = AsyncDriver(self._transport, self._closing)
        self.messages = AsyncMessages(self)

    async def close(self) -> None:
        """Close every connection. A closed client sends nothing more; a call that waits for its turn or its next attempt ends."""
        self._closing.close()
        self._calls.settings.close()
        while report := self._calls.settle():
            await self._driver.notify(*report)
        await self._transport.close()

    async def aclose(self) -> None:
        """Close every connection: `close` by the name that `contextlib.aclosing` and other libraries call."""
        await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _finished(self, message: Message, complete: bool) -> None:
        report = self._calls.finished(message, complete=complete)
        if report is not None:
            await self._driver.notify(*report)

    def _run(self, flow: Any) -> Coroutine[Any, Any, Any]:
        self._check_open(flow)
        return self._driver.run(flow)


class AsyncMessages:
    """`client.messages`: the Messages API."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._calls = client._calls  # noqa: SLF001 - the resource is the client's own part

    @overload
    async def create(self, *, stream: Literal[False] = False, **params: Unpack[CreateParams]) -> Message: ...
    @overload
    async def create(self, *, stream: Literal[True], **params: Unpack[CreateParams]) -> AsyncRawStream: ...
    @overload
    async def create(self, *, stream: bool, **params: Unpack[CreateParams]) -> Message | AsyncRawStream: ...
    async def create(self, *, stream: bool = False, **params: Unpack[CreateParams]) -> Message | AsyncRawStream:
        """Send a conversation and get the model's next message.

        An answer that may take more than ten minutes is streamed underneath, so that no idle connection is cut, unless the client was
        made with `stream_long_requests=False`.

        Args:
            stream: Give the raw events as they come, instead of the message.
            **params: The API's own parameters, by name; `keybearer.CreateParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `max_tokens`, `stop_sequences`, `metadata`, `service_tier`,
                `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`, `compaction`, `fallbacks`,
                `fallback_credit_token`, `billing_policy`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `validate`, `extra_body`, `extra_headers`,
                `extra_query`.

        Raises:
            KeybearerError: The call did not give a complete message.
        """
        if stream:
            events: AsyncRawStream = await self._open(AsyncRawStream, params)
            return events
        made: Message | Reply = await self._client._run(self._calls.create(params))  # noqa: SLF001 - as above
        if isinstance(made, Message):
            return made
        async with self._held(AsyncMessageStream, made, params) as whole:
            message: Message = await whole.get_final_message()
            return message

    def stream(self, **params: Unpack[CreateParams]) -> AsyncMessageStreamManager:
        """Send a conversation and get the message as it is written.

        Args:
            **params: The API's own parameters, by name; `keybearer.CreateParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `max_tokens`, `stop_sequences`, `metadata`, `service_tier`,
                `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`, `compaction`, `fallbacks`,
                `fallback_credit_token`, `billing_policy`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `validate`, `extra_body`, `extra_headers`,
                `extra_query`.

        Example:
            async with client.messages.stream(model="claude-haiku-4-5", max_tokens=500, messages=[...]) as stream:
                async for text in stream.text_stream:
                    print(text, end="", flush=True)
                message = await stream.get_final_message()
        """
        return AsyncMessageStreamManager(self, params)

    async def count_tokens(self, **params: Unpack[CountParams]) -> TokenCount:
        """Count the tokens that a request has, without sending it to the model.

        Args:
            **params: The API's own parameters, by name; `keybearer.CountParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `validate`, `extra_body`, `extra_headers`,
                `extra_query`.

        Raises:
            KeybearerError: The call failed.
        """
        count: TokenCount = await self._client._run(self._calls.count_tokens(params))  # noqa: SLF001 - as above
        return count

    async def _open(self, kind: type[Any], params: CreateParams) -> Any:
        reply: Reply = await self._client._run(self._calls.open(params))  # noqa: SLF001 - as above
        return self._held(kind, reply, params)

    def _held(self, kind: type[Any], reply: Reply, params: CreateParams) -> Any:
        return kind(
            reply,
            progress=self._calls.timeouts(params).progress,
            finished=self._client._finished,  # noqa: SLF001 - as above
            forgotten=self._calls.forgotten,
        )


class AsyncMessageStreamManager(StreamManager):
    """Opens the stream when its `with` block is entered, and closes it at its end."""

    _word = "async with"
    _opens = AsyncMessageStream

    def __init__(self, messages: AsyncMessages, params: CreateParams) -> None:
        self._messages = messages
        self._params = params
        self._stream: AsyncMessageStream | None = None

    async def __aenter__(self) -> AsyncMessageStream:
        self._stream = await self._messages._open(AsyncMessageStream, self._params)  # noqa: SLF001 - the manager is its part
        return self._stream

    async def __aexit__(self, *_: object) -> None:
        if self._stream is not None:
            await self._stream.close()

    if not TYPE_CHECKING:  # told by a type checker in its own words

        def __aiter__(self) -> NoReturn:
            self._not_yet()

        def __await__(self) -> NoReturn:
            self._not_yet()
