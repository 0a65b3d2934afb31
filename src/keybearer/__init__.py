"""keybearer: a native Claude (Anthropic Messages API) client.

    from keybearer import Client

    with Client() as client:
        message = client.messages.create(
            model="claude-haiku-4-5",
            max_tokens=500,
            messages=[{"role": "user", "content": "Hello"}],
        )
        print(message.text)

Every name here is loaded when it is first used, so that importing keybearer stays cheap. The stream's event types are in
`keybearer.types.events`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybearer._version import __version__

if TYPE_CHECKING:
    from keybearer.client.aio import AsyncClient as AsyncClient
    from keybearer.client.media import document as document
    from keybearer.client.media import image as image
    from keybearer.client.official import AsyncSDKCredentials as AsyncSDKCredentials
    from keybearer.client.official import SDKCredentials as SDKCredentials
    from keybearer.client.settings import ClientOptions as ClientOptions
    from keybearer.client.sync import Client as Client
    from keybearer.errors import APIError as APIError
    from keybearer.errors import AuthenticationFailed as AuthenticationFailed
    from keybearer.errors import CircuitOpen as CircuitOpen
    from keybearer.errors import ConfigError as ConfigError
    from keybearer.errors import Conflict as Conflict
    from keybearer.errors import ConnectionFailed as ConnectionFailed
    from keybearer.errors import CredentialError as CredentialError
    from keybearer.errors import CredentialInvalid as CredentialInvalid
    from keybearer.errors import DeadlineExceeded as DeadlineExceeded
    from keybearer.errors import InvalidRequest as InvalidRequest
    from keybearer.errors import KeybearerError as KeybearerError
    from keybearer.errors import NoCredentials as NoCredentials
    from keybearer.errors import NotFound as NotFound
    from keybearer.errors import Overloaded as Overloaded
    from keybearer.errors import PermissionDenied as PermissionDenied
    from keybearer.errors import PromptTooLong as PromptTooLong
    from keybearer.errors import QuotaExceeded as QuotaExceeded
    from keybearer.errors import RateLimited as RateLimited
    from keybearer.errors import RequestInvalid as RequestInvalid
    from keybearer.errors import RequestTooLarge as RequestTooLarge
    from keybearer.errors import ServerError as ServerError
    from keybearer.errors import StreamAPIError as StreamAPIError
    from keybearer.errors import StreamError as StreamError
    from keybearer.errors import StreamProtocolError as StreamProtocolError
    from keybearer.errors import StreamTimedOut as StreamTimedOut
    from keybearer.errors import StreamTruncated as StreamTruncated
    from keybearer.errors import TimedOut as TimedOut
    from keybearer.errors import TransportError as TransportError
    from keybearer.errors import UnexpectedResponse as UnexpectedResponse
    from keybearer.errors import UsageError as UsageError
    from keybearer.policy.retry import RetryPolicy as RetryPolicy
    from keybearer.shell.signals import defer_signals as defer_signals
    from keybearer.shell.streams import AsyncMessageStream as AsyncMessageStream
    from keybearer.shell.streams import AsyncRawStream as AsyncRawStream
    from keybearer.shell.streams import MessageStream as MessageStream
    from keybearer.shell.streams import RawStream as RawStream
    from keybearer.shell.transport import AsyncTransport as AsyncTransport
    from keybearer.shell.transport import Transport as Transport
    from keybearer.shell.transport import TransportOptions as TransportOptions
    from keybearer.types.content import CompactionBlock as CompactionBlock
    from keybearer.types.content import ContainerUploadBlock as ContainerUploadBlock
    from keybearer.types.content import ContentBlock as ContentBlock
    from keybearer.types.content import MCPToolResultBlock as MCPToolResultBlock
    from keybearer.types.content import MCPToolUseBlock as MCPToolUseBlock
    from keybearer.types.content import RedactedThinkingBlock as RedactedThinkingBlock
    from keybearer.types.content import ServerToolResultBlock as ServerToolResultBlock
    from keybearer.types.content import ServerToolUseBlock as ServerToolUseBlock
    from keybearer.types.content import TextBlock as TextBlock
    from keybearer.types.content import ThinkingBlock as ThinkingBlock
    from keybearer.types.content import ToolUseBlock as ToolUseBlock
    from keybearer.types.content import UnknownBlock as UnknownBlock
    from keybearer.types.http import Headers as Headers
    from keybearer.types.http import Reply as Reply
    from keybearer.types.http import Request as Request
    from keybearer.types.http import Timeouts as Timeouts
    from keybearer.types.limits import RateLimits as RateLimits
    from keybearer.types.messages import Message as Message
    from keybearer.types.messages import StopReason as StopReason
    from keybearer.types.messages import TokenCount as TokenCount
    from keybearer.types.requests import CountParams as CountParams
    from keybearer.types.requests import CreateParams as CreateParams
    from keybearer.types.requests import MessageParam as MessageParam
    from keybearer.types.requests import RequestOptions as RequestOptions
    from keybearer.types.secret import Secret as Secret
    from keybearer.types.tools_param import ToolParam as ToolParam
    from keybearer.types.usage import Usage as Usage
    from keybearer.wire.accumulate import MessageAccumulator as MessageAccumulator
    from keybearer.wire.events import EventDecoder as EventDecoder
    from keybearer.wire.limits import StreamLimits as StreamLimits
    from keybearer.wire.lint import lint as lint
    from keybearer.wire.sse import ServerSentEvent as ServerSentEvent
    from keybearer.wire.sse import SSEParser as SSEParser
    from keybearer.wire.turns import Problem as Problem

__all__ = [
    "APIError",
    "AsyncClient",
    "AsyncMessageStream",
    "AsyncRawStream",
    "AsyncSDKCredentials",
    "AsyncTransport",
    "AuthenticationFailed",
    "CircuitOpen",
    "Client",
    "ClientOptions",
    "CompactionBlock",
    "ConfigError",
    "Conflict",
    "ConnectionFailed",
    "ContainerUploadBlock",
    "ContentBlock",
    "CountParams",
    "CreateParams",
    "CredentialError",
    "CredentialInvalid",
    "DeadlineExceeded",
    "EventDecoder",
    "Headers",
    "InvalidRequest",
    "KeybearerError",
    "MCPToolResultBlock",
    "MCPToolUseBlock",
    "Message",
    "MessageAccumulator",
    "MessageParam",
    "MessageStream",
    "NoCredentials",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "Problem",
    "PromptTooLong",
    "QuotaExceeded",
    "RateLimited",
    "RateLimits",
    "RawStream",
    "RedactedThinkingBlock",
    "Reply",
    "Request",
    "RequestInvalid",
    "RequestOptions",
    "RequestTooLarge",
    "RetryPolicy",
    "SDKCredentials",
    "SSEParser",
    "Secret",
    "ServerError",
    "ServerSentEvent",
    "ServerToolResultBlock",
    "ServerToolUseBlock",
    "StopReason",
    "StreamAPIError",
    "StreamError",
    "StreamLimits",
    "StreamProtocolError",
    "StreamTimedOut",
    "StreamTruncated",
    "TextBlock",
    "ThinkingBlock",
    "TimedOut",
    "Timeouts",
    "TokenCount",
    "ToolParam",
    "ToolUseBlock",
    "Transport",
    "TransportError",
    "TransportOptions",
    "UnexpectedResponse",
    "UnknownBlock",
    "Usage",
    "UsageError",
    "__version__",
    "defer_signals",
    "document",
    "image",
    "lint",
]

_HOME = {
    "RateLimits": "types.limits",
    "Problem": "wire.turns",
    "lint": "wire.lint",
    "defer_signals": "shell.signals",
    "image": "client.media",
    "document": "client.media",
    "AsyncClient": "client.aio",
    "AsyncMessageStream": "shell.streams",
    "AsyncRawStream": "shell.streams",
    "AsyncSDKCredentials": "client.official",
    "AsyncTransport": "shell.transport",
    "Client": "client.sync",
    "ClientOptions": "client.settings",
    "CompactionBlock": "types.content",
    "ContainerUploadBlock": "types.content",
    "ContentBlock": "types.content",
    "CountParams": "types.requests",
    "CreateParams": "types.requests",
    "EventDecoder": "wire.events",
    "Headers": "types.http",
    "MCPToolResultBlock": "types.content",
    "MCPToolUseBlock": "types.content",
    "Message": "types.messages",
    "MessageAccumulator": "wire.accumulate",
    "MessageParam": "types.requests",
    "MessageStream": "shell.streams",
    "RawStream": "shell.streams",
    "RedactedThinkingBlock": "types.content",
    "Reply": "types.http",
    "Request": "types.http",
    "RequestOptions": "types.requests",
    "RetryPolicy": "policy.retry",
    "SDKCredentials": "client.official",
    "SSEParser": "wire.sse",
    "Secret": "types.secret",
    "ServerSentEvent": "wire.sse",
    "ServerToolResultBlock": "types.content",
    "ServerToolUseBlock": "types.content",
    "StopReason": "types.messages",
    "StreamLimits": "wire.limits",
    "TextBlock": "types.content",
    "ThinkingBlock": "types.content",
    "Timeouts": "types.http",
    "TokenCount": "types.messages",
    "ToolParam": "types.tools_param",
    "ToolUseBlock": "types.content",
    "Transport": "shell.transport",
    "TransportOptions": "shell.transport",
    "UnknownBlock": "types.content",
    "Usage": "types.usage",
}
"""Public name to the module that it lives in; what is not here is an error, and lives in `keybearer.errors`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'keybearer' has no attribute {name!r}")
    import importlib

    module = importlib.import_module("keybearer." + _HOME.get(name, "errors"))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__
