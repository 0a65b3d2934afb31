# The resources of a compat client for type checkers: keybearer's own, whose parameters may be sentinels. There is no module of this
# name: at run time the resources are made by `keybearer.compat.arguments.translating`.

from typing import Literal, Unpack, overload

from keybearer.client.resources import generated
from keybearer.client.resources.messages import AsyncMessages as KeybearerAsyncMessages
from keybearer.client.resources.messages import AsyncMessageStreamManager, MessageStreamManager
from keybearer.client.resources.messages import Messages as KeybearerMessages
from keybearer.compat.options import MovedCountParams, MovedCreateParams
from keybearer.compat.sentinels import NotGiven, Omit
from keybearer.compat.streamed import StreamedMethods
from keybearer.shell.streams import AsyncRawStream, RawStream
from keybearer.types.messages import Message, TokenCount

class Messages(KeybearerMessages):
    with_streaming_response: StreamedMethods
    @overload
    def create(
        self, *, stream: Literal[False] | NotGiven | Omit = ..., **params: Unpack[MovedCreateParams]
    ) -> Message: ...
    @overload
    def create(self, *, stream: Literal[True], **params: Unpack[MovedCreateParams]) -> RawStream: ...
    @overload
    def create(self, *, stream: bool, **params: Unpack[MovedCreateParams]) -> Message | RawStream: ...
    def stream(self, **params: Unpack[MovedCreateParams]) -> MessageStreamManager: ...
    def count_tokens(self, **params: Unpack[MovedCountParams]) -> TokenCount: ...

class AsyncMessages(KeybearerAsyncMessages):
    with_streaming_response: StreamedMethods
    @overload
    async def create(
        self, *, stream: Literal[False] | NotGiven | Omit = ..., **params: Unpack[MovedCreateParams]
    ) -> Message: ...
    @overload
    async def create(self, *, stream: Literal[True], **params: Unpack[MovedCreateParams]) -> AsyncRawStream: ...
    @overload
    async def create(self, *, stream: bool, **params: Unpack[MovedCreateParams]) -> Message | AsyncRawStream: ...
    def stream(self, **params: Unpack[MovedCreateParams]) -> AsyncMessageStreamManager: ...
    async def count_tokens(self, **params: Unpack[MovedCountParams]) -> TokenCount: ...

class Beta(generated.Beta):
    messages: Messages

class AsyncBeta(generated.AsyncBeta):
    messages: AsyncMessages
