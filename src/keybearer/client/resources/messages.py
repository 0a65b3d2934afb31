"""`client.messages`: the Messages API, for both clients. Each method is one line over a flow of `keybearer.api.messages`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NoReturn, Unpack, overload

from keybearer.api.messages import MessagesAPI
from keybearer.client.resources.raw import AsyncResourceBase, ResourceBase
from keybearer.errors import UsageError
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.streams import AsyncMessageStream, AsyncRawStream, MessageStream, RawStream
from keybearer.types.messages import Message, TokenCount
from keybearer.types.requests import CountParams, CreateParams

if TYPE_CHECKING:
    from keybearer.client.resources.batches import AsyncBatches, Batches
    from keybearer.client.resources.runs import AsyncRunStreamManager, RunStreamManager
    from keybearer.tools.options import RunCallParams
    from keybearer.tools.result import RunResult

__all__ = ["AsyncMessageStreamManager", "AsyncMessages", "MessageStreamManager", "Messages"]


class Messages(ResourceBase[MessagesAPI]):
    """`client.messages`: the Messages API."""

    @cached_property
    def batches(self) -> Batches:
        """The Message Batches API."""
        from keybearer.api.batches import BatchesAPI
        from keybearer.client.resources.batches import Batches

        return self._made(Batches)(BatchesAPI(self._api.defaults, self._api.exchange), self._driver)

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
                `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call did not give a complete message.
        """
        if stream:
            return RawStream(self._driver.run(self._api.open(params)), self._driver.call_hook)
        return self._driver.run(self._api.create(params))

    def stream(self, **params: Unpack[CreateParams]) -> MessageStreamManager:
        """Send a conversation and get the message as it is written.

        Args:
            **params: The API's own parameters, by name; `keybearer.CreateParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `max_tokens`, `stop_sequences`, `metadata`, `service_tier`,
                `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`, `compaction`, `fallbacks`,
                `fallback_credit_token`, `billing_policy`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `validate`, `extra_body`, `extra_headers`,
                `extra_query`, `workspace_id`, `user_profile_id`.

        Example:
            with client.messages.stream(model="claude-haiku-4-5", max_tokens=500, messages=[...]) as stream:
                for text in stream.text_stream:
                    print(text, end="", flush=True)
                message = stream.get_final_message()
        """
        return MessageStreamManager(self._api, self._driver, params)

    def run(self, **params: Unpack[RunCallParams]) -> RunResult:
        """Ask the model, run the tools that it calls, and send it their results, until it has ended.

        Args:
            **params: As of `create`; `tools` takes functions and `@tool`s too. How the run is to go; `keybearer.RunParams` has types
                and meanings: `max_turns`, `token_limit`, `time_limit`, `max_parallel`, `tool_timeout`, `run_tools_eagerly`, `approve`,
                `approve_all`, `decisions`, `on_tool_error`, `on_max_tokens`, `on_context_full`, `on_unknown`, `journal`, `resume`.

        Raises:
            UsageError: A tool or an option cannot be used, or the journal is another run's.
            KeybearerError: A request failed; `run` of the error is what the run has come to.
        """
        from keybearer.client.resources.runs import run

        return run(self._api, self._driver, params)

    def run_stream(self, **params: Unpack[RunCallParams]) -> RunStreamManager:
        """Run tools as `run` does, and get each reply as it is written, with the results of its calls between the replies.

        Args:
            **params: As of `run`.

        Example:
            with client.messages.run_stream(model="claude-haiku-4-5", max_tokens=500, messages=[...], tools=[search]) as run:
                for event in run:
                    print(event)
            print(run.result.text)
        """
        from keybearer.client.resources.runs import RunStreamManager

        return RunStreamManager(self._api, self._driver, params)

    def count_tokens(self, **params: Unpack[CountParams]) -> TokenCount:
        """Count the tokens that a request has, without sending it to the model.

        Args:
            **params: The API's own parameters, by name; `keybearer.CountParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `validate`, `extra_body`, `extra_headers`,
                `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.count_tokens(params))


class AsyncMessages(AsyncResourceBase[MessagesAPI]):
    """`client.messages`: the Messages API."""

    @cached_property
    def batches(self) -> AsyncBatches:
        """The Message Batches API."""
        from keybearer.api.batches import BatchesAPI
        from keybearer.client.resources.batches import AsyncBatches

        return self._made(AsyncBatches)(BatchesAPI(self._api.defaults, self._api.exchange), self._driver)

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
                `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call did not give a complete message.
        """
        if stream:
            return AsyncRawStream(await self._driver.run(self._api.open(params)), self._driver.call_hook)
        return await self._driver.run(self._api.create(params))

    def stream(self, **params: Unpack[CreateParams]) -> AsyncMessageStreamManager:
        """Send a conversation and get the message as it is written.

        Args:
            **params: The API's own parameters, by name; `keybearer.CreateParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `max_tokens`, `stop_sequences`, `metadata`, `service_tier`,
                `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`, `compaction`, `fallbacks`,
                `fallback_credit_token`, `billing_policy`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `validate`, `extra_body`, `extra_headers`,
                `extra_query`, `workspace_id`, `user_profile_id`.

        Example:
            async with client.messages.stream(model="claude-haiku-4-5", max_tokens=500, messages=[...]) as stream:
                async for text in stream.text_stream:
                    print(text, end="", flush=True)
                message = await stream.get_final_message()
        """
        return AsyncMessageStreamManager(self._api, self._driver, params)

    async def run(self, **params: Unpack[RunCallParams]) -> RunResult:
        """Ask the model, run the tools that it calls, and send it their results, until it has ended.

        Args:
            **params: As of `create`; `tools` takes functions and `@tool`s too. How the run is to go; `keybearer.RunParams` has types
                and meanings: `max_turns`, `token_limit`, `time_limit`, `max_parallel`, `tool_timeout`, `run_tools_eagerly`, `approve`,
                `approve_all`, `decisions`, `on_tool_error`, `on_max_tokens`, `on_context_full`, `on_unknown`, `journal`, `resume`.

        Raises:
            UsageError: A tool or an option cannot be used, or the journal is another run's.
            KeybearerError: A request failed; `run` of the error is what the run has come to.
        """
        from keybearer.client.resources.runs import run_async

        return await run_async(self._api, self._driver, params)

    def run_stream(self, **params: Unpack[RunCallParams]) -> AsyncRunStreamManager:
        """Run tools as `run` does, and get each reply as it is written, with the results of its calls between the replies.

        Args:
            **params: As of `run`.

        Example:
            async with client.messages.run_stream(model="claude-haiku-4-5", max_tokens=500, messages=[...], tools=[search]) as run:
                async for event in run:
                    print(event)
            print(run.result.text)
        """
        from keybearer.client.resources.runs import AsyncRunStreamManager

        return AsyncRunStreamManager(self._api, self._driver, params)

    async def count_tokens(self, **params: Unpack[CountParams]) -> TokenCount:
        """Count the tokens that a request has, without sending it to the model.

        Args:
            **params: The API's own parameters, by name; `keybearer.CountParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `validate`, `extra_body`, `extra_headers`,
                `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.count_tokens(params))


class StreamManager:
    """The base of both stream managers: it tells a caller who uses a manager as the stream what to write instead."""

    _word: ClassVar[str]
    _opens: ClassVar[type]
    _stream: Any = None

    def __repr__(self) -> str:
        state = "not opened" if self._stream is None else repr(self._stream)
        return f"<{type(self).__name__}: {state}>"

    def _not_yet(self) -> NoReturn:
        raise UsageError(
            f"This is not the stream yet: it is opened by `{self._word}`.",
            hint=f"Write: {self._word} client.messages.stream(...) as stream: ...",
        )

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __getattr__(self, name: str) -> Any:
            if name == "headers" or (not name.startswith("_") and hasattr(self._opens, name)):
                self._not_yet()
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class MessageStreamManager(StreamManager):
    """Opens the stream when its `with` block is entered, and closes it at its end."""

    _word = "with"
    _opens = MessageStream

    def __init__(self, api: MessagesAPI, driver: SyncDriver, params: CreateParams) -> None:
        self._api, self._driver, self._params = api, driver, params
        self._stream: MessageStream | None = None

    def __enter__(self) -> MessageStream:
        lease = self._driver.run(self._api.open(self._params))
        self._stream = MessageStream(lease, self._driver.call_hook)
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
    _opens = AsyncMessageStream

    def __init__(self, api: MessagesAPI, driver: AsyncDriver, params: CreateParams) -> None:
        self._api, self._driver, self._params = api, driver, params
        self._stream: AsyncMessageStream | None = None

    async def __aenter__(self) -> AsyncMessageStream:
        lease = await self._driver.run(self._api.open(self._params))
        self._stream = AsyncMessageStream(lease, self._driver.call_hook)
        return self._stream

    async def __aexit__(self, *_: object) -> None:
        if self._stream is not None:
            await self._stream.close()

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __aiter__(self) -> NoReturn:
            self._not_yet()

        def __await__(self) -> NoReturn:
            self._not_yet()
