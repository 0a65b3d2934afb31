"""The keyword arguments of the official SDK's clients and of its `messages` methods, as TypedDicts.

Contract: what keybearer's own have is here too; each parameter of a message may also be a sentinel (`NOT_GIVEN`, `omit`).

Source: `_client.py` and `types/message_create_params.py` of the `anthropic` wheel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Required, TypeAlias, TypedDict

from keybearer.client.options import OwnOptions
from keybearer.compat.limits import TimeoutLike
from keybearer.compat.sentinels import NotGiven, Omit
from keybearer.credentials.credential import CredentialProvider
from keybearer.types.blocks_param import CacheControlParam, TextBlockParam
from keybearer.types.requests import (
    ContainerParam,
    DiagnosticsParam,
    MessageParam,
    MetadataParam,
    ModelName,
    OutputConfigParam,
    ThinkingConfigParam,
)
from keybearer.types.tools_param import ToolChoiceParam, ToolUnionParam

if TYPE_CHECKING:
    from keybearer.shell.spend_limit import SpendLimit

__all__ = ["CompatOptions", "MovedCountParams", "MovedCreateParams", "MovedRunnerParams"]

Absent: TypeAlias = NotGiven | Omit
"""What stands for a parameter that is not sent."""


class CompatOptions(OwnOptions, total=False):
    """The keyword arguments of `Anthropic` and `AsyncAnthropic` beside the transport."""

    api_key: str | None
    auth_token: str | None
    credentials: CredentialProvider | None
    base_url: str | None
    timeout: TimeoutLike | NotGiven | None
    max_retries: int | NotGiven
    default_headers: Mapping[str, str | Omit] | None
    default_query: Mapping[str, object] | None
    # These are refused, unless they are None, in words that name what keybearer has in their place.
    http_client: Any
    middleware: Any
    open_telemetry: Any
    config: Any
    profile: Any
    webhook_key: Any
    _strict_response_validation: bool


class _Steering(TypedDict, total=False):
    betas: Sequence[str] | Absent
    extra_headers: Mapping[str, str | Omit] | None
    extra_query: Mapping[str, object] | None
    extra_body: Any
    timeout: TimeoutLike | NotGiven | None
    max_retries: int
    workspace_id: str | Absent
    user_profile_id: str | Absent
    validate: bool
    cache: Literal["auto", "auto-1h", "adaptive"]
    media: Literal["fit"]
    spend_limit: SpendLimit | Sequence[SpendLimit]


class _Prompt(_Steering, total=False):
    """What the prompt is made of, but for the tools."""

    model: ModelName
    messages: Required[Iterable[MessageParam]]
    system: str | Iterable[TextBlockParam | Mapping[str, Any]] | Absent
    tool_choice: ToolChoiceParam | Absent
    thinking: ThinkingConfigParam | Absent
    output_config: OutputConfigParam | Mapping[str, Any] | Absent
    cache_control: CacheControlParam | Absent | None
    context_management: Mapping[str, Any] | Absent | None
    mcp_servers: Iterable[Mapping[str, Any]] | Absent
    speed: Literal["standard", "fast"] | Absent | None
    billing_policy: Mapping[str, Any] | Absent | None
    compaction: Mapping[str, Any] | Absent | None


class MovedCountParams(_Prompt, total=False):
    """The keyword arguments of `messages.count_tokens`."""

    tools: Iterable[ToolUnionParam] | Absent


class _AnswerOnly(TypedDict, total=False):
    """What only an answer has."""

    max_tokens: int
    stop_sequences: Sequence[str] | Absent
    metadata: MetadataParam | Absent
    service_tier: Literal["auto", "standard_only"] | Absent
    container: ContainerParam | str | Absent | None
    inference_geo: str | Absent | None
    diagnostics: DiagnosticsParam | Absent | None
    temperature: float | Absent
    top_p: float | Absent
    top_k: int | Absent
    thread: Mapping[str, Any] | Literal[False] | Absent | None
    fallbacks: Iterable[Mapping[str, Any]] | Absent
    fallback_credit_token: str | Absent | None


class MovedCreateParams(MovedCountParams, _AnswerOnly, total=False):
    """The keyword arguments of `messages.create` and `messages.stream`."""


class MovedRunnerParams(_Prompt, _AnswerOnly, total=False):
    """The keyword arguments of `messages.tool_runner`, beside its own."""
