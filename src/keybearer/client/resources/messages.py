"""`client.messages`: the Messages API, for both clients. Each method is one line over a flow of `keybearer.api.messages`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, overload

from keybearer.client.resources.message_runs import AsyncMessageRuns, MessageRuns
from keybearer.client.resources.stream_managers import AsyncMessageStreamManager, MessageStreamManager
from keybearer.shell.streams import AsyncRawStream, RawStream
from keybearer.types.messages import Message, TokenCount
from keybearer.types.requests import CountParams, CreateParams

if TYPE_CHECKING:
    from keybearer.api.answer_format import Via
    from keybearer.client.resources.batches import AsyncBatches, Batches
    from keybearer.client.resources.parsed import AsyncParsedStreamManager, ParsedStreamManager
    from keybearer.prices import Estimate
    from keybearer.types.parsed import ParsedMessage

__all__ = ["AsyncMessages", "Messages"]

T = TypeVar("T")
"""The type of a structured answer."""


class Messages(MessageRuns):
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
                `context_management`, `mcp_servers`, `speed`, `billing_policy`, `compaction`, `max_tokens`, `stop_sequences`,
                `metadata`, `service_tier`, `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`,
                `fallbacks`, `fallback_credit_token`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `spend_limit`, `validate`, `extra_body`,
                `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call did not give a complete message.
        """
        if stream:
            return RawStream(self._driver.run(self._api.open(params)), self._driver.call_hook)
        return self._driver.run(self._api.create(params))

    @overload
    def parse(
        self, *, output_format: type[T], via: Via = ..., reask: int = ..., **params: Unpack[CreateParams]
    ) -> ParsedMessage[T]: ...
    @overload
    def parse(
        self, *, output_format: Any, via: Via = ..., reask: int = ..., **params: Unpack[CreateParams]
    ) -> ParsedMessage[Any]: ...
    def parse(
        self, *, output_format: Any, via: Via = "format", reask: int = 0, **params: Unpack[CreateParams]
    ) -> ParsedMessage[Any]:
        """Ask for a value of a type: the message's `parsed_output`.

        Args:
            output_format: The type: a msgspec Struct, dataclass, TypedDict, named tuple, pydantic model, or what is made of them:
                `list[T]`, `Literal`, unions, `Annotated` with limits.
            via: `format`: the service holds the answer to the type (`output_config.format`). `tool`: the model is made to call a tool
                whose input is the value, for models without structured outputs and types that the service does not compile.
            reask: How often to ask again at the most, with what is wrong, when the answer does not fit. The message's `usage` has
                the tokens of all.
            **params: As of `create`.

        Raises:
            UsageError: The type cannot be asked for; nothing was sent.
            AnswerError: The model refused (`AnswerRefused`), was cut (`AnswerCut`), or its answer does not fit (`AnswerInvalid`).
            KeybearerError: The call did not give a complete message.

        Example:
            class City(msgspec.Struct):
                name: str
                inhabitants: int

            message = client.messages.parse(model="claude-haiku-4-5", max_tokens=500, messages=[...], output_format=City)
            print(message.parsed_output.inhabitants)
        """
        from keybearer.api.parsing import parse

        flow = parse(self._api, params, output_format=output_format, via=via, reask=reask)
        return self._driver.run(flow)

    @overload
    def stream(self, *, output_format: None = ..., **params: Unpack[CreateParams]) -> MessageStreamManager: ...
    @overload
    def stream(
        self, *, output_format: type[T], via: Via = ..., **params: Unpack[CreateParams]
    ) -> ParsedStreamManager[T]: ...
    @overload
    def stream(
        self, *, output_format: Any, via: Via = ..., **params: Unpack[CreateParams]
    ) -> ParsedStreamManager[Any]: ...
    def stream(
        self, *, output_format: Any = None, via: Via = "format", **params: Unpack[CreateParams]
    ) -> MessageStreamManager:
        """Send a conversation and get the message as it is written.

        Args:
            output_format: The type of the answer, as of `parse`; the `parsed_snapshot()` of each text event is the value so far.
            via: As of `parse`.
            **params: The API's own parameters, by name; `keybearer.CreateParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `billing_policy`, `compaction`, `max_tokens`, `stop_sequences`,
                `metadata`, `service_tier`, `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`,
                `fallbacks`, `fallback_credit_token`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `spend_limit`, `validate`, `extra_body`,
                `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Example:
            with client.messages.stream(model="claude-haiku-4-5", max_tokens=500, messages=[...]) as stream:
                for text in stream.text_stream:
                    print(text, end="", flush=True)
                message = stream.get_final_message()
        """
        if output_format is None:
            return MessageStreamManager(self._api, self._driver, params)
        from keybearer.client.resources.parsed import ParsedStreamManager

        return ParsedStreamManager(self._api, self._driver, params, output_format, via)

    def count_tokens(self, **params: Unpack[CountParams]) -> TokenCount:
        """Count the tokens that a request has, without sending it to the model.

        Args:
            **params: The API's own parameters, by name; `keybearer.CountParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `billing_policy`, `compaction`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `spend_limit`, `validate`, `extra_body`,
                `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.count_tokens(params))

    def estimate(self, **params: Unpack[CreateParams]) -> Estimate:
        """Say what a request would cost, without sending it to the model: the service counts its tokens, which is free.

        Args:
            **params: As of `create`.

        Returns:
            The tokens, the least and the most in dollars, and a warning for each length near it above which every token costs more.

        Raises:
            KeybearerError: The request has a mistake, or its tokens could not be counted.
        """
        return self._driver.run(self._api.estimate(params))


class AsyncMessages(AsyncMessageRuns):
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
                `context_management`, `mcp_servers`, `speed`, `billing_policy`, `compaction`, `max_tokens`, `stop_sequences`,
                `metadata`, `service_tier`, `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`,
                `fallbacks`, `fallback_credit_token`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `spend_limit`, `validate`, `extra_body`,
                `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call did not give a complete message.
        """
        if stream:
            return AsyncRawStream(await self._driver.run(self._api.open(params)), self._driver.call_hook)
        return await self._driver.run(self._api.create(params))

    @overload
    async def parse(
        self, *, output_format: type[T], via: Via = ..., reask: int = ..., **params: Unpack[CreateParams]
    ) -> ParsedMessage[T]: ...
    @overload
    async def parse(
        self, *, output_format: Any, via: Via = ..., reask: int = ..., **params: Unpack[CreateParams]
    ) -> ParsedMessage[Any]: ...
    async def parse(
        self, *, output_format: Any, via: Via = "format", reask: int = 0, **params: Unpack[CreateParams]
    ) -> ParsedMessage[Any]:
        """Ask for a value of a type: the message's `parsed_output`.

        Args:
            output_format: The type: a msgspec Struct, dataclass, TypedDict, named tuple, pydantic model, or what is made of them:
                `list[T]`, `Literal`, unions, `Annotated` with limits.
            via: `format`: the service holds the answer to the type (`output_config.format`). `tool`: the model is made to call a tool
                whose input is the value, for models without structured outputs and types that the service does not compile.
            reask: How often to ask again at the most, with what is wrong, when the answer does not fit. The message's `usage` has
                the tokens of all.
            **params: As of `create`.

        Raises:
            UsageError: The type cannot be asked for; nothing was sent.
            AnswerError: The model refused (`AnswerRefused`), was cut (`AnswerCut`), or its answer does not fit (`AnswerInvalid`).
            KeybearerError: The call did not give a complete message.

        Example:
            class City(msgspec.Struct):
                name: str
                inhabitants: int

            message = await client.messages.parse(model="claude-haiku-4-5", max_tokens=500, messages=[...], output_format=City)
            print(message.parsed_output.inhabitants)
        """
        from keybearer.api.parsing import parse

        flow = parse(self._api, params, output_format=output_format, via=via, reask=reask)
        return await self._driver.run(flow)

    @overload
    def stream(self, *, output_format: None = ..., **params: Unpack[CreateParams]) -> AsyncMessageStreamManager: ...
    @overload
    def stream(
        self, *, output_format: type[T], via: Via = ..., **params: Unpack[CreateParams]
    ) -> AsyncParsedStreamManager[T]: ...
    @overload
    def stream(
        self, *, output_format: Any, via: Via = ..., **params: Unpack[CreateParams]
    ) -> AsyncParsedStreamManager[Any]: ...
    def stream(
        self, *, output_format: Any = None, via: Via = "format", **params: Unpack[CreateParams]
    ) -> AsyncMessageStreamManager:
        """Send a conversation and get the message as it is written.

        Args:
            output_format: The type of the answer, as of `parse`; the `parsed_snapshot()` of each text event is the value so far.
            via: As of `parse`.
            **params: The API's own parameters, by name; `keybearer.CreateParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `billing_policy`, `compaction`, `max_tokens`, `stop_sequences`,
                `metadata`, `service_tier`, `container`, `inference_geo`, `diagnostics`, `temperature`, `top_p`, `top_k`, `thread`,
                `fallbacks`, `fallback_credit_token`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `spend_limit`, `validate`, `extra_body`,
                `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Example:
            async with client.messages.stream(model="claude-haiku-4-5", max_tokens=500, messages=[...]) as stream:
                async for text in stream.text_stream:
                    print(text, end="", flush=True)
                message = await stream.get_final_message()
        """
        if output_format is None:
            return AsyncMessageStreamManager(self._api, self._driver, params)
        from keybearer.client.resources.parsed import AsyncParsedStreamManager

        return AsyncParsedStreamManager(self._api, self._driver, params, output_format, via)

    async def count_tokens(self, **params: Unpack[CountParams]) -> TokenCount:
        """Count the tokens that a request has, without sending it to the model.

        Args:
            **params: The API's own parameters, by name; `keybearer.CountParams` has their types and meanings:
                `messages` and `model`; `system`, `tools`, `tool_choice`, `thinking`, `output_config`, `cache_control`,
                `context_management`, `mcp_servers`, `speed`, `billing_policy`, `compaction`.
                What steers the call: `timeout`, `max_retries`, `betas`, `cache`, `media`, `spend_limit`, `validate`, `extra_body`,
                `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.count_tokens(params))

    async def estimate(self, **params: Unpack[CreateParams]) -> Estimate:
        """Say what a request would cost, without sending it to the model: the service counts its tokens, which is free.

        Args:
            **params: As of `create`.

        Returns:
            The tokens, the least and the most in dollars, and a warning for each length near it above which every token costs more.

        Raises:
            KeybearerError: The request has a mistake, or its tokens could not be counted.
        """
        return await self._driver.run(self._api.estimate(params))
