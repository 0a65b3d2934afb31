# The resources of a compat client for type checkers: keybearer's own, whose parameters may be sentinels. There is no module of this
# name: at run time the resources are made by `keybearer.compat.arguments.translating`.

from collections.abc import Iterable
from typing import Any, Literal, TypeVar, Unpack, overload

from keybearer.api.answer_format import Via
from keybearer.client.resources import generated
from keybearer.client.resources.messages import AsyncMessages as KeybearerAsyncMessages
from keybearer.client.resources.messages import Messages as KeybearerMessages
from keybearer.client.resources.parsed import AsyncParsedStreamManager, ParsedStreamManager
from keybearer.client.resources.stream_managers import AsyncMessageStreamManager, MessageStreamManager
from keybearer.compat.answering import ResponseMethods, StreamedMethods
from keybearer.compat.lib.tools._beta_runner import (
    BetaAsyncStreamingToolRunner,
    BetaAsyncToolRunner,
    BetaStreamingToolRunner,
    BetaToolRunner,
)
from keybearer.compat.options import Absent, MovedCountParams, MovedCreateParams, MovedRunnerParams
from keybearer.compat.sentinels import NotGiven, Omit
from keybearer.shell.streams import AsyncRawStream, RawStream
from keybearer.tools.toolset import AnyTool
from keybearer.types.messages import Message, TokenCount
from keybearer.types.parsed import ParsedMessage

_T = TypeVar("_T")

class Messages(KeybearerMessages):
    with_raw_response: ResponseMethods  # type: ignore[assignment] # the SDK's own answers
    with_streaming_response: StreamedMethods
    @overload
    def create(
        self, *, stream: Literal[False] | NotGiven | Omit = ..., **params: Unpack[MovedCreateParams]
    ) -> Message: ...
    @overload
    def create(self, *, stream: Literal[True], **params: Unpack[MovedCreateParams]) -> RawStream: ...
    @overload
    def create(self, *, stream: bool, **params: Unpack[MovedCreateParams]) -> Message | RawStream: ...
    @overload
    def parse(
        self, *, output_format: type[_T], via: Via = ..., reask: int = ..., **params: Unpack[MovedCreateParams]
    ) -> ParsedMessage[_T]: ...
    @overload
    def parse(
        self, *, output_format: Any = ..., via: Via = ..., reask: int = ..., **params: Unpack[MovedCreateParams]
    ) -> ParsedMessage[Any]: ...
    @overload
    def stream(
        self, *, output_format: Absent | None = ..., **params: Unpack[MovedCreateParams]
    ) -> MessageStreamManager: ...
    @overload
    def stream(
        self, *, output_format: type[_T], via: Via = ..., **params: Unpack[MovedCreateParams]
    ) -> ParsedStreamManager[_T]: ...
    @overload
    def stream(
        self, *, output_format: Any, via: Via = ..., **params: Unpack[MovedCreateParams]
    ) -> ParsedStreamManager[Any]: ...
    def count_tokens(self, *, output_format: Any = ..., **params: Unpack[MovedCountParams]) -> TokenCount: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: type[_T],
        stream: Literal[False] | Absent = ...,
        max_iterations: int | Absent = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaToolRunner[_T]: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: Absent | None = ...,
        stream: Literal[False] | Absent = ...,
        max_iterations: int | Absent = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaToolRunner[None]: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: Any = ...,
        stream: Literal[True],
        max_iterations: int | Absent = ...,
        run_tools_eagerly: bool = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaStreamingToolRunner[Any]: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: Any = ...,
        stream: bool,
        max_iterations: int | Absent = ...,
        run_tools_eagerly: bool = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaToolRunner[Any] | BetaStreamingToolRunner[Any]: ...

class AsyncMessages(KeybearerAsyncMessages):
    with_raw_response: ResponseMethods  # type: ignore[assignment] # the SDK's own answers
    with_streaming_response: StreamedMethods
    @overload
    async def create(
        self, *, stream: Literal[False] | NotGiven | Omit = ..., **params: Unpack[MovedCreateParams]
    ) -> Message: ...
    @overload
    async def create(self, *, stream: Literal[True], **params: Unpack[MovedCreateParams]) -> AsyncRawStream: ...
    @overload
    async def create(self, *, stream: bool, **params: Unpack[MovedCreateParams]) -> Message | AsyncRawStream: ...
    @overload
    async def parse(
        self, *, output_format: type[_T], via: Via = ..., reask: int = ..., **params: Unpack[MovedCreateParams]
    ) -> ParsedMessage[_T]: ...
    @overload
    async def parse(
        self, *, output_format: Any = ..., via: Via = ..., reask: int = ..., **params: Unpack[MovedCreateParams]
    ) -> ParsedMessage[Any]: ...
    @overload
    def stream(
        self, *, output_format: Absent | None = ..., **params: Unpack[MovedCreateParams]
    ) -> AsyncMessageStreamManager: ...
    @overload
    def stream(
        self, *, output_format: type[_T], via: Via = ..., **params: Unpack[MovedCreateParams]
    ) -> AsyncParsedStreamManager[_T]: ...
    @overload
    def stream(
        self, *, output_format: Any, via: Via = ..., **params: Unpack[MovedCreateParams]
    ) -> AsyncParsedStreamManager[Any]: ...
    async def count_tokens(self, *, output_format: Any = ..., **params: Unpack[MovedCountParams]) -> TokenCount: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: type[_T],
        stream: Literal[False] | Absent = ...,
        max_iterations: int | Absent = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaAsyncToolRunner[_T]: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: Absent | None = ...,
        stream: Literal[False] | Absent = ...,
        max_iterations: int | Absent = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaAsyncToolRunner[None]: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: Any = ...,
        stream: Literal[True],
        max_iterations: int | Absent = ...,
        run_tools_eagerly: bool = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaAsyncStreamingToolRunner[Any]: ...
    @overload
    def tool_runner(
        self,
        *,
        tools: Iterable[AnyTool],
        output_format: Any = ...,
        stream: bool,
        max_iterations: int | Absent = ...,
        run_tools_eagerly: bool = ...,
        **params: Unpack[MovedRunnerParams],
    ) -> BetaAsyncToolRunner[Any] | BetaAsyncStreamingToolRunner[Any]: ...

class Beta(generated.Beta):
    messages: Messages

class AsyncBeta(generated.AsyncBeta):
    messages: AsyncMessages
