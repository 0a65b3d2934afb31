"""keybearer: a native Claude (Anthropic Messages API) client.

    from keybearer import Client

    with Client() as client:
        message = client.messages.create(
            model="claude-haiku-4-5",
            max_tokens=500,
            messages=[{"role": "user", "content": "Hello"}],
        )
        print(message.text)

Every name is loaded when it is first used, so that importing keybearer stays cheap.
The stream's event types are in `keybearer.types.events`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybearer._version import __version__ as __version__

# Each public name stands once, here: type checkers read these lines, and so does `_read_modules`.
if TYPE_CHECKING or not str(__file__).endswith(".py"):  # without the source there is nothing to read: load everything
    from keybearer import prices as prices
    from keybearer.api.answer_format import AnswerFormat as AnswerFormat
    from keybearer.api.media import document as document
    from keybearer.api.media import image as image
    from keybearer.client.aio import AsyncClient as AsyncClient
    from keybearer.client.official import AsyncSDKCredentials as AsyncSDKCredentials
    from keybearer.client.official import SDKCredentials as SDKCredentials
    from keybearer.client.options import ClientOptions as ClientOptions
    from keybearer.client.sync import Client as Client
    from keybearer.config.redis_server import RedisServer as RedisServer
    from keybearer.conversation.cache_difference import CacheDifference as CacheDifference
    from keybearer.conversation.cache_difference import explain_cache as explain_cache
    from keybearer.conversation.conversation import Conversation as Conversation
    from keybearer.conversation.findings import lint as lint
    from keybearer.conversation.repair import repair as repair
    from keybearer.errors import AnswerCut as AnswerCut
    from keybearer.errors import AnswerError as AnswerError
    from keybearer.errors import AnswerInvalid as AnswerInvalid
    from keybearer.errors import AnswerRefused as AnswerRefused
    from keybearer.errors import APIError as APIError
    from keybearer.errors import AuthenticationFailed as AuthenticationFailed
    from keybearer.errors import CircuitOpen as CircuitOpen
    from keybearer.errors import ConfigError as ConfigError
    from keybearer.errors import Conflict as Conflict
    from keybearer.errors import ConnectionFailed as ConnectionFailed
    from keybearer.errors import ConversationError as ConversationError
    from keybearer.errors import CredentialError as CredentialError
    from keybearer.errors import CredentialInvalid as CredentialInvalid
    from keybearer.errors import DeadlineExceeded as DeadlineExceeded
    from keybearer.errors import InvalidRequest as InvalidRequest
    from keybearer.errors import KeybearerError as KeybearerError
    from keybearer.errors import LintError as LintError
    from keybearer.errors import NoCredentials as NoCredentials
    from keybearer.errors import NotFound as NotFound
    from keybearer.errors import Overloaded as Overloaded
    from keybearer.errors import PermissionDenied as PermissionDenied
    from keybearer.errors import PromptTooLong as PromptTooLong
    from keybearer.errors import QuotaExceeded as QuotaExceeded
    from keybearer.errors import RateLimited as RateLimited
    from keybearer.errors import RedisUnavailable as RedisUnavailable
    from keybearer.errors import RequestTooLarge as RequestTooLarge
    from keybearer.errors import ServerError as ServerError
    from keybearer.errors import SpendLimitExceeded as SpendLimitExceeded
    from keybearer.errors import StreamAPIError as StreamAPIError
    from keybearer.errors import StreamError as StreamError
    from keybearer.errors import StreamProtocolError as StreamProtocolError
    from keybearer.errors import StreamTimedOut as StreamTimedOut
    from keybearer.errors import StreamTruncated as StreamTruncated
    from keybearer.errors import TimedOut as TimedOut
    from keybearer.errors import TransportError as TransportError
    from keybearer.errors import UnexpectedResponse as UnexpectedResponse
    from keybearer.errors import UsageError as UsageError
    from keybearer.observe.telemetry import Telemetry as Telemetry
    from keybearer.policy.retry import RetryPolicy as RetryPolicy
    from keybearer.providers.platform import Platform as Platform
    from keybearer.shell.conversation_file import ConversationFile as ConversationFile
    from keybearer.shell.downloads import AsyncDownload as AsyncDownload
    from keybearer.shell.downloads import AsyncRows as AsyncRows
    from keybearer.shell.downloads import Download as Download
    from keybearer.shell.downloads import Rows as Rows
    from keybearer.shell.event_streams import AsyncEventStream as AsyncEventStream
    from keybearer.shell.event_streams import EventStream as EventStream
    from keybearer.shell.ledger import Ledger as Ledger
    from keybearer.shell.mcp_toolset import MCPToolset as MCPToolset
    from keybearer.shell.pages import AsyncPage as AsyncPage
    from keybearer.shell.pages import Page as Page
    from keybearer.shell.parsed_streams import AsyncParsedStream as AsyncParsedStream
    from keybearer.shell.parsed_streams import ParsedStream as ParsedStream
    from keybearer.shell.signals import defer_signals as defer_signals
    from keybearer.shell.spend_limit import SpendLimit as SpendLimit
    from keybearer.shell.streams import AsyncMessageStream as AsyncMessageStream
    from keybearer.shell.streams import AsyncRawStream as AsyncRawStream
    from keybearer.shell.streams import MessageStream as MessageStream
    from keybearer.shell.streams import RawStream as RawStream
    from keybearer.shell.transports.base import AsyncTransport as AsyncTransport
    from keybearer.shell.transports.base import Transport as Transport
    from keybearer.shell.transports.base import TransportOptions as TransportOptions
    from keybearer.tools.calls import Allow as Allow
    from keybearer.tools.calls import CallOutcome as CallOutcome
    from keybearer.tools.calls import Deny as Deny
    from keybearer.tools.calls import Edit as Edit
    from keybearer.tools.calls import Later as Later
    from keybearer.tools.calls import ToolFailure as ToolFailure
    from keybearer.tools.calls import ToolResultEvent as ToolResultEvent
    from keybearer.tools.options import RunParams as RunParams
    from keybearer.tools.result import ParsedRunResult as ParsedRunResult
    from keybearer.tools.result import RunResult as RunResult
    from keybearer.tools.tool import Tool as Tool
    from keybearer.tools.tool import ToolCall as ToolCall
    from keybearer.tools.tool import ToolError as ToolError
    from keybearer.tools.tool import tool as tool
    from keybearer.types.batches import BatchRow as BatchRow
    from keybearer.types.batches import MessageBatch as MessageBatch
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
    from keybearer.types.files import FileMetadata as FileMetadata
    from keybearer.types.http import Headers as Headers
    from keybearer.types.http import Reply as Reply
    from keybearer.types.http import Request as Request
    from keybearer.types.http import Timeouts as Timeouts
    from keybearer.types.messages import Message as Message
    from keybearer.types.messages import StopReason as StopReason
    from keybearer.types.messages import TokenCount as TokenCount
    from keybearer.types.models import ModelInfo as ModelInfo
    from keybearer.types.observing import Observer as Observer
    from keybearer.types.parsed import ParsedMessage as ParsedMessage
    from keybearer.types.rate_limits import RateLimits as RateLimits
    from keybearer.types.record import Record as Record
    from keybearer.types.requests import CountParams as CountParams
    from keybearer.types.requests import CreateParams as CreateParams
    from keybearer.types.requests import MessageParam as MessageParam
    from keybearer.types.requests import RequestOptions as RequestOptions
    from keybearer.types.secret import Secret as Secret
    from keybearer.types.skills import Skill as Skill
    from keybearer.types.skills import SkillVersion as SkillVersion
    from keybearer.types.tools_param import ToolParam as ToolParam
    from keybearer.types.usage import Usage as Usage
    from keybearer.wire.request.turns import Problem as Problem
    from keybearer.wire.response.accumulate import MessageAccumulator as MessageAccumulator
    from keybearer.wire.response.events import EventDecoder as EventDecoder
    from keybearer.wire.response.limits import StreamLimits as StreamLimits
    from keybearer.wire.response.sse import ServerSentEvent as ServerSentEvent
    from keybearer.wire.response.sse import SSEParser as SSEParser


def __getattr__(name: str) -> Any:
    if "_MODULES" not in globals():
        globals()["_MODULES"] = _read_modules()
    modules: dict[str, str] = globals()["_MODULES"]
    if name == "__all__":
        return sorted(modules)
    if name not in modules:
        raise AttributeError(f"module 'keybearer' has no attribute {name!r}")
    import importlib

    if modules[name] == "keybearer":  # a module of its own
        return importlib.import_module(f"keybearer.{name}")
    value = globals()[name] = getattr(importlib.import_module(modules[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))


def _read_modules() -> dict[str, str]:
    """Return the module of each public name, read from the import lines above."""
    import linecache
    import re

    source = "".join(linecache.getlines(__file__, globals()))  # also from a zip file
    lines = re.findall(r"^    from (keybearer[\w.]*) import \w+ as (\w+)$", source, re.MULTILINE)
    return {"__version__": "keybearer._version"} | {name: module for module, name in lines}
