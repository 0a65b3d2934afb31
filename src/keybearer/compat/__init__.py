"""The official SDK's names: a program that uses it changes its import (docs/compat.md).

    import keybearer.compat as anthropic
    from keybearer.compat import Anthropic, RateLimitError
    from keybearer.compat.types import MessageParam, ToolUseBlock

Strategy: the clients are keybearer's own, with the SDK's arguments and defaults; errors and types are keybearer's own under the SDK's
names. Every name is loaded when it is first used.

Contract: a name that stands for nothing here can be imported and raises one clear error when it is used (`unavailable`), or is missing
with the reason in `missing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybearer.compat import types as types

# Each public name stands once, here: type checkers read these lines, and so does `_read_modules`.
if TYPE_CHECKING or not str(__file__).endswith(".py"):  # without the source there is nothing to read: load everything
    from keybearer._version import __version__ as __version__
    from keybearer.compat._exceptions import AnthropicError as AnthropicError
    from keybearer.compat._exceptions import APIConnectionError as APIConnectionError
    from keybearer.compat._exceptions import APIError as APIError
    from keybearer.compat._exceptions import APIResponseValidationError as APIResponseValidationError
    from keybearer.compat._exceptions import APIStatusError as APIStatusError
    from keybearer.compat._exceptions import APITimeoutError as APITimeoutError
    from keybearer.compat._exceptions import APIWebhookValidationError as APIWebhookValidationError
    from keybearer.compat._exceptions import AuthenticationError as AuthenticationError
    from keybearer.compat._exceptions import BadRequestError as BadRequestError
    from keybearer.compat._exceptions import ClientClosedRequestError as ClientClosedRequestError
    from keybearer.compat._exceptions import ConflictError as ConflictError
    from keybearer.compat._exceptions import ContentTooLargeError as ContentTooLargeError
    from keybearer.compat._exceptions import CredentialsError as CredentialsError
    from keybearer.compat._exceptions import DeadlineExceededError as DeadlineExceededError
    from keybearer.compat._exceptions import GatewayTimeoutError as GatewayTimeoutError
    from keybearer.compat._exceptions import HTTPNotImplementedError as HTTPNotImplementedError
    from keybearer.compat._exceptions import IdentityTokenFileError as IdentityTokenFileError
    from keybearer.compat._exceptions import InternalServerError as InternalServerError
    from keybearer.compat._exceptions import NotFoundError as NotFoundError
    from keybearer.compat._exceptions import OverloadedError as OverloadedError
    from keybearer.compat._exceptions import PaymentRequiredError as PaymentRequiredError
    from keybearer.compat._exceptions import PermissionDeniedError as PermissionDeniedError
    from keybearer.compat._exceptions import PreconditionFailedError as PreconditionFailedError
    from keybearer.compat._exceptions import RateLimitError as RateLimitError
    from keybearer.compat._exceptions import RequestHeaderFieldsTooLargeError as RequestHeaderFieldsTooLargeError
    from keybearer.compat._exceptions import RequestTimeoutError as RequestTimeoutError
    from keybearer.compat._exceptions import RequestTooLargeError as RequestTooLargeError
    from keybearer.compat._exceptions import RetryableError as RetryableError
    from keybearer.compat._exceptions import ServiceUnavailableError as ServiceUnavailableError
    from keybearer.compat._exceptions import UnprocessableEntityError as UnprocessableEntityError
    from keybearer.compat._models import BaseModel as BaseModel
    from keybearer.compat._models import RequestOptions as RequestOptions
    from keybearer.compat._response import APIResponse as APIResponse
    from keybearer.compat._response import AsyncAPIResponse as AsyncAPIResponse
    from keybearer.compat._streaming import AsyncStream as AsyncStream
    from keybearer.compat._streaming import Stream as Stream
    from keybearer.compat.client import Anthropic as Anthropic
    from keybearer.compat.client import AsyncAnthropic as AsyncAnthropic
    from keybearer.compat.client import AsyncClient as AsyncClient
    from keybearer.compat.client import Client as Client
    from keybearer.compat.files import file_from_path as file_from_path
    from keybearer.compat.lib.credentials import AccessToken as AccessToken
    from keybearer.compat.lib.credentials import AccessTokenAuth as AccessTokenAuth
    from keybearer.compat.lib.credentials import AccessTokenProvider as AccessTokenProvider
    from keybearer.compat.lib.credentials import AsyncAccessTokenProvider as AsyncAccessTokenProvider
    from keybearer.compat.lib.credentials import BaseURLBoundProvider as BaseURLBoundProvider
    from keybearer.compat.lib.credentials import CredentialResult as CredentialResult
    from keybearer.compat.lib.credentials import CredentialsFile as CredentialsFile
    from keybearer.compat.lib.credentials import EnvToken as EnvToken
    from keybearer.compat.lib.credentials import IdentityTokenFile as IdentityTokenFile
    from keybearer.compat.lib.credentials import IdentityTokenProvider as IdentityTokenProvider
    from keybearer.compat.lib.credentials import InMemoryConfig as InMemoryConfig
    from keybearer.compat.lib.credentials import StaticToken as StaticToken
    from keybearer.compat.lib.credentials import TokenCache as TokenCache
    from keybearer.compat.lib.credentials import WorkloadIdentityCredentials as WorkloadIdentityCredentials
    from keybearer.compat.lib.credentials import WorkloadIdentityError as WorkloadIdentityError
    from keybearer.compat.lib.credentials import default_credentials as default_credentials
    from keybearer.compat.lib.credentials import exchange_federation_assertion as exchange_federation_assertion
    from keybearer.compat.lib.streaming import AsyncMessageStream as AsyncMessageStream
    from keybearer.compat.lib.streaming import AsyncMessageStreamManager as AsyncMessageStreamManager
    from keybearer.compat.lib.streaming import BetaAsyncMessageStream as BetaAsyncMessageStream
    from keybearer.compat.lib.streaming import BetaAsyncMessageStreamManager as BetaAsyncMessageStreamManager
    from keybearer.compat.lib.streaming import BetaContentBlockStopEvent as BetaContentBlockStopEvent
    from keybearer.compat.lib.streaming import BetaInputJsonEvent as BetaInputJsonEvent
    from keybearer.compat.lib.streaming import BetaMessageStopEvent as BetaMessageStopEvent
    from keybearer.compat.lib.streaming import BetaMessageStream as BetaMessageStream
    from keybearer.compat.lib.streaming import BetaMessageStreamEvent as BetaMessageStreamEvent
    from keybearer.compat.lib.streaming import BetaMessageStreamManager as BetaMessageStreamManager
    from keybearer.compat.lib.streaming import BetaTextEvent as BetaTextEvent
    from keybearer.compat.lib.streaming import ContentBlockStopEvent as ContentBlockStopEvent
    from keybearer.compat.lib.streaming import InputJsonEvent as InputJsonEvent
    from keybearer.compat.lib.streaming import MessageStopEvent as MessageStopEvent
    from keybearer.compat.lib.streaming import MessageStream as MessageStream
    from keybearer.compat.lib.streaming import MessageStreamEvent as MessageStreamEvent
    from keybearer.compat.lib.streaming import MessageStreamManager as MessageStreamManager
    from keybearer.compat.lib.streaming import ParsedBetaContentBlockStopEvent as ParsedBetaContentBlockStopEvent
    from keybearer.compat.lib.streaming import ParsedBetaMessageStopEvent as ParsedBetaMessageStopEvent
    from keybearer.compat.lib.streaming import ParsedBetaMessageStreamEvent as ParsedBetaMessageStreamEvent
    from keybearer.compat.lib.streaming import ParsedBetaTextEvent as ParsedBetaTextEvent
    from keybearer.compat.lib.streaming import ParsedContentBlockStopEvent as ParsedContentBlockStopEvent
    from keybearer.compat.lib.streaming import ParsedMessageStopEvent as ParsedMessageStopEvent
    from keybearer.compat.lib.streaming import ParsedMessageStreamEvent as ParsedMessageStreamEvent
    from keybearer.compat.lib.streaming import TextEvent as TextEvent
    from keybearer.compat.lib.tools import BetaAbstractMemoryTool as BetaAbstractMemoryTool
    from keybearer.compat.lib.tools import BetaAsyncAbstractMemoryTool as BetaAsyncAbstractMemoryTool
    from keybearer.compat.lib.tools._beta_functions import beta_async_tool as beta_async_tool
    from keybearer.compat.lib.tools._beta_functions import beta_tool as beta_tool
    from keybearer.compat.limits import DEFAULT_CONNECTION_LIMITS as DEFAULT_CONNECTION_LIMITS
    from keybearer.compat.limits import DEFAULT_MAX_RETRIES as DEFAULT_MAX_RETRIES
    from keybearer.compat.limits import DEFAULT_TIMEOUT as DEFAULT_TIMEOUT
    from keybearer.compat.limits import Timeout as Timeout
    from keybearer.compat.parsing import transform_schema as transform_schema
    from keybearer.compat.platforms import AnthropicAWS as AnthropicAWS
    from keybearer.compat.platforms import AnthropicBedrock as AnthropicBedrock
    from keybearer.compat.platforms import AnthropicBedrockMantle as AnthropicBedrockMantle
    from keybearer.compat.platforms import AnthropicFoundry as AnthropicFoundry
    from keybearer.compat.platforms import AnthropicGoogleCloud as AnthropicGoogleCloud
    from keybearer.compat.platforms import AnthropicVertex as AnthropicVertex
    from keybearer.compat.platforms import AsyncAnthropicAWS as AsyncAnthropicAWS
    from keybearer.compat.platforms import AsyncAnthropicBedrock as AsyncAnthropicBedrock
    from keybearer.compat.platforms import AsyncAnthropicBedrockMantle as AsyncAnthropicBedrockMantle
    from keybearer.compat.platforms import AsyncAnthropicFoundry as AsyncAnthropicFoundry
    from keybearer.compat.platforms import AsyncAnthropicGoogleCloud as AsyncAnthropicGoogleCloud
    from keybearer.compat.platforms import AsyncAnthropicVertex as AsyncAnthropicVertex
    from keybearer.compat.sentinels import NOT_GIVEN as NOT_GIVEN
    from keybearer.compat.sentinels import NoneType as NoneType
    from keybearer.compat.sentinels import NotGiven as NotGiven
    from keybearer.compat.sentinels import Omit as Omit
    from keybearer.compat.sentinels import not_given as not_given
    from keybearer.compat.sentinels import omit as omit
    from keybearer.compat.types import ClaudeCodeKeyCreatorNotMemberError as ClaudeCodeKeyCreatorNotMemberError
    from keybearer.compat.types import ClaudeCodeVersionTooOldError as ClaudeCodeVersionTooOldError
    from keybearer.compat.types import CMEKContextUnavailableError as CMEKContextUnavailableError
    from keybearer.compat.types import CMEKKeyDisabledError as CMEKKeyDisabledError
    from keybearer.compat.types import CMEKKeyNetworkBlockedError as CMEKKeyNetworkBlockedError
    from keybearer.compat.types import CMEKKeyUnreachableError as CMEKKeyUnreachableError
    from keybearer.compat.types import ContractSpendLimitReachedError as ContractSpendLimitReachedError
    from keybearer.compat.types import EnforcedSpendLimitReachedError as EnforcedSpendLimitReachedError
    from keybearer.compat.types import (
        LinkedOrganizationBillingUnavailableError as LinkedOrganizationBillingUnavailableError,
    )
    from keybearer.compat.types import (
        LinkedOrganizationSpendLimitReachedError as LinkedOrganizationSpendLimitReachedError,
    )
    from keybearer.compat.types import OrganizationOnHoldError as OrganizationOnHoldError
    from keybearer.compat.types import OrganizationTypeNotSupportedError as OrganizationTypeNotSupportedError
    from keybearer.compat.types import ParentOrganizationRequiredError as ParentOrganizationRequiredError
    from keybearer.compat.types import RampLimitExceededError as RampLimitExceededError
    from keybearer.compat.types import RequestBodyEncodingInvalidError as RequestBodyEncodingInvalidError
    from keybearer.compat.types import RequestBodyEncodingUnsupportedError as RequestBodyEncodingUnsupportedError
    from keybearer.compat.types import RequestBodyTooLargeAfterDecodingError as RequestBodyTooLargeAfterDecodingError
    from keybearer.compat.types import SandboxEgressRestrictedError as SandboxEgressRestrictedError
    from keybearer.compat.types import WorkspaceHumanReviewDisabledError as WorkspaceHumanReviewDisabledError
    from keybearer.compat.unavailable import DefaultAioHttpClient as DefaultAioHttpClient
    from keybearer.compat.unavailable import DefaultAsyncHttpxClient as DefaultAsyncHttpxClient
    from keybearer.compat.unavailable import DefaultHttpxClient as DefaultHttpxClient

_SUBMODULES = frozenset(
    ["_exceptions", "_models", "_response", "_streaming", "_types", "_utils", "lib", "pagination", "resources", "tools"]
)


def __getattr__(name: str) -> Any:
    if "_MODULES" not in globals():
        globals()["_MODULES"] = _read_modules()
    modules: dict[str, tuple[str, str]] = globals()["_MODULES"]
    if name == "__all__":
        return sorted([*modules, "types"])
    import importlib

    if name in _SUBMODULES:
        return importlib.import_module(f"keybearer.compat.{name}")
    if name not in modules:
        from keybearer.compat.missing import MISSING

        reason = f": {MISSING[name]}" if name in MISSING else ""
        raise AttributeError(f"module 'keybearer.compat' has no attribute {name!r}{reason}")
    module, ours = modules[name]
    value = globals()[name] = getattr(importlib.import_module(module), ours)
    return value


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))


def _read_modules() -> dict[str, tuple[str, str]]:
    """Return the module of each public name and its name there, read from the import lines above."""
    import linecache
    import re

    source = "".join(linecache.getlines(__file__, globals()))  # also from a zip file
    lines = re.findall(r"^    from (keybearer\.[\w.]+) import (?:\(\s+)?(\w+) as (\w+),?$", source, re.MULTILINE)
    return {name: (module, ours) for module, ours, name in lines}
