"""`Client`: the blocking client. Its methods are one line over the flows of `keybearer.api.messages`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, Unpack, overload

from keybearer.client.base import BaseClient, StreamManager
from keybearer.client.checks import check_transport
from keybearer.client.settings import Settings
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.streams import MessageStream, RawStream
from keybearer.shell.transports.base import Transport
from keybearer.shell.transports.default import DefaultTransport
from keybearer.types.http import Reply
from keybearer.types.messages import Message, TokenCount
from keybearer.types.requests import CountParams, CreateParams

__all__ = ["Client", "MessageStreamManager", "Messages"]


class Client(BaseClient[Transport]):
    """A client that blocks. Threads may share it.

    Args:
        transport: What sends the requests. Default: http.client.
        **options: By name; `keybearer.ClientOptions` has their types and meanings: `api_key`, `credentials`, `base_url`, `model`,
            `timeout`, `max_retries`, `retry`, `requests_per_second`, `concurrency`, `on_overload`, `betas`, `default_headers`,
            `proxy`, `ca_file` and others.

    Raises:
        ConfigError: The base URL is one that a key may not be sent to.
        NoCredentials: There is no credential.

    Example:
        >>> client = Client(api_key="sk-ant-example", model="claude-haiku-4-5")
        >>> client.close()
    """

    messages: Messages

    def _connect(self, transport: Transport | None, settings: Settings) -> None:
        if transport is not None:
            check_transport(transport, awaited=False)
        self._transport = transport or DefaultTransport(settings.transport)
        self._driver = SyncDriver(self._transport, self._closing)
        self.messages = Messages(self)

    def close(self) -> None:
        """Close every connection. A closed client sends nothing more; a call that waits for its turn or its next attempt ends."""
        self._closing.close()
        self._calls.settings.close()
        while report := self._calls.settle():
            self._driver.notify(*report)
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _finished(self, message: Message, complete: bool) -> None:
        report = self._calls.finished(message, complete=complete)
        if report is not None:
            self._driver.notify(*report)

    def _run(self, flow: Any) -> Any:
        self._check_open(flow)
        return self._driver.run(flow)


class Messages:
    """`client.messages`: the Messages API."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._calls = client._calls  # noqa: SLF001 - the resource is the client's own part

    @overload
    def create(self, *, stream: Literal[False] = False, **params: Unpack[CreateParams]) -> Message: ...
    @overload
    def create(self, *, stream: Literal[True], **params: Unpack[CreateParams]) -> RawStream: ...
    @overload
    def create(self, *, stream: bool, **params: Unpack[CreateParams]) -> Message | RawStream: ...
    def create(self, *, stream: bool = False, **params: Unpack[CreateParams]) -> Message | RawStream:
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
            events: RawStream = self._open(RawStream, params)
            return events
        made: Message | Reply = self._client._run(self._calls.create(params))  # noqa: SLF001 - as above
        if isinstance(made, Message):
            return made
        with self._held(MessageStream, made, params) as whole:
            message: Message = whole.get_final_message()
            return message

    def stream(self, **params: Unpack[CreateParams]) -> MessageStreamManager:
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
            with client.messages.stream(model="claude-haiku-4-5", max_tokens=500, messages=[...]) as stream:
                for text in stream.text_stream:
                    print(text, end="", flush=True)
                message = stream.get_final_message()
        """
        return MessageStreamManager(self, params)

    def count_tokens(self, **params: Unpack[CountParams]) -> TokenCount:
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
        count: TokenCount = self._client._run(self._calls.count_tokens(params))  # noqa: SLF001 - as above
        return count

    def _open(self, kind: type[Any], params: CreateParams) -> Any:
        reply: Reply = self._client._run(self._calls.open(params))  # noqa: SLF001 - as above
        return self._held(kind, reply, params)

    def _held(self, kind: type[Any], reply: Reply, params: CreateParams) -> Any:
        return kind(
            reply,
            progress=self._calls.timeouts(params).progress,
            finished=self._client._finished,  # noqa: SLF001 - as above
            forgotten=self._calls.forgotten,
        )


class MessageStreamManager(StreamManager):
    """Opens the stream when its `with` block is entered, and closes it at its end."""

    _word = "with"
    _opens = MessageStream

    def __init__(self, messages: Messages, params: CreateParams) -> None:
        self._messages = messages
        self._params = params
        self._stream: MessageStream | None = None

    def __enter__(self) -> MessageStream:
        self._stream = self._messages._open(MessageStream, self._params)  # noqa: SLF001 - the manager is its part
        return self._stream

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    if not TYPE_CHECKING:  # told by a type checker in its own words

        def __iter__(self) -> NoReturn:
            self._not_yet()
