"""What a caller passes to `messages.create`, `messages.stream` and `messages.count_tokens`, as TypedDicts.

`CreateParams` are the keyword arguments: the API's own parameters under their own names, then what steers this client
(`RequestOptions`), which never goes into the body. Source: the `anthropic` 2.12.0 wheel, `types/message_create_params.py`
and `types/beta/message_create_params.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Required, TypeAlias, TypedDict

from keybearer.types.blocks_param import CacheControlParam, ContentBlockParam, TextBlockParam
from keybearer.types.http import Timeouts
from keybearer.types.messages import Message
from keybearer.types.tools_param import ToolChoiceParam, ToolUnionParam

__all__ = [
    "CountParams",
    "CreateParams",
    "MessageParam",
    "ModelName",
    "OutputConfigParam",
    "RequestOptions",
    "ThinkingConfigParam",
]

ModelName: TypeAlias = (
    Literal[
        "claude-fable-5-2",
        "claude-mythos-5-2",
        "claude-haiku-5-5",
        "claude-sonnet-5-5",
        "claude-opus-5-5",
        "claude-sonnet-5",
        "claude-opus-5",
        "claude-opus-4-8",
        "claude-opus-4-7",
        "claude-opus-4-6",
        "claude-sonnet-4-6",
        "claude-opus-4-5",
        "claude-haiku-4-5",
        "claude-sonnet-4-5",
    ]
    | str
)


class RoleMessageParam(TypedDict):
    """One turn. `system` in the middle of a conversation is taken by newer models."""

    role: Literal["user", "assistant", "system"]
    content: str | Iterable[ContentBlockParam]


MessageParam: TypeAlias = RoleMessageParam | Message | Mapping[str, Any]
"""One turn of the conversation: a typed dict, an earlier answer as it is, or a plain dict."""


class ThinkingEnabledParam(TypedDict, total=False):
    """Thinking with a budget of at least 1,024 tokens, below `max_tokens`."""

    type: Required[Literal["enabled"]]
    budget_tokens: Required[int]
    display: Literal["summarized", "omitted"] | None


class ThinkingOtherParam(TypedDict, total=False):
    """Thinking as the model sees fit, between tool calls only, or none."""

    type: Required[Literal["adaptive", "between_tools", "disabled"]]
    display: Literal["summarized", "omitted"] | None


ThinkingConfigParam: TypeAlias = ThinkingEnabledParam | ThinkingOtherParam | Mapping[str, Any]


class JSONOutputFormatParam(TypedDict):
    """The answer is JSON that fits the schema."""

    type: Literal["json_schema"]
    schema: Mapping[str, Any]


class OutputConfigParam(TypedDict, total=False):
    """How much effort the answer may take, and its format."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None
    format: JSONOutputFormatParam | None


class MetadataParam(TypedDict, total=False):
    """About the request. `user_id` is an opaque id, never a name or an address."""

    user_id: str | None


class ContainerParam(TypedDict, total=False):
    """The container to go on in, and the skills to load."""

    id: str | None
    skills: Iterable[Mapping[str, Any]] | None


class DiagnosticsParam(TypedDict, total=False):
    """Ask why the prompt cache missed since an earlier message."""

    previous_message_id: str | None


class GetOptions(TypedDict, total=False):
    """What steers a call that has no body.

    Attributes:
        betas: Beta tags; whole tags, sent once each.
        extra_headers: Headers to add, in place of ours where they have one name. They cannot carry a credential.
        extra_query: Query parameters to add.
        timeout: The call's deadline in seconds, or all time limits.
        max_retries: How often to try again at the most.
    """

    betas: Sequence[str]
    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, str]
    timeout: float | Timeouts
    max_retries: int


class RequestOptions(GetOptions, total=False):
    """What steers one call; none of it goes into the body but through `extra_body`.

    Attributes:
        betas: Beta tags; whole tags, sent once each.
        extra_headers: Headers to add, in place of ours where they have one name. They cannot carry a credential.
        extra_query: Query parameters to add.
        extra_body: Body fields to add, untouched: for a parameter that this version does not know.
        timeout: The call's deadline in seconds, or all time limits.
        max_retries: How often to try again at the most.
        validate: False sends the request even where `keybearer.lint` is sure that the service refuses it.
        cache: `auto` places cache breakpoints for a conversation, `auto-1h` those of tools and system for an hour.
        media: `fit` makes images that are over the API's limits smaller (extra `keybearer[media]`).
    """

    extra_body: Mapping[str, Any]
    validate: bool
    cache: Literal["auto", "auto-1h"]
    media: Literal["fit"]


class _Conversation(RequestOptions, total=False):
    """What a message and a token count have in common."""

    model: ModelName
    messages: Required[Iterable[MessageParam]]
    system: str | Iterable[TextBlockParam | Mapping[str, Any]]
    tools: Iterable[ToolUnionParam]
    tool_choice: ToolChoiceParam
    thinking: ThinkingConfigParam
    output_config: OutputConfigParam | Mapping[str, Any]
    cache_control: CacheControlParam
    context_management: Mapping[str, Any]
    mcp_servers: Iterable[Mapping[str, Any]]
    speed: Literal["standard", "fast"]


class CountParams(_Conversation, total=False):
    """The keyword arguments of `messages.count_tokens`: those of `messages.create` that make the prompt, and what steers a call."""


class CreateParams(_Conversation, total=False):
    """The keyword arguments of `messages.create` and `messages.stream`.

    `model` and `max_tokens` are the API's to require; an agent's file or the client may give them for every call. What steers one call
    is in `RequestOptions`.

    Attributes:
        messages: The conversation: dicts with `role` and `content`, or messages of earlier answers.
        model: The model.
        max_tokens: The longest answer, in tokens.
        system: The system prompt: text, or text blocks.
        tools: What the model may call: dicts with `name`, `description` and `input_schema`, or the service's own tools.
        tool_choice: Whether it may, must or may not call one: `{"type": "auto"}`, `any`, `tool` with a `name`, `none`.
        thinking: How the model thinks before it answers.
        output_config: The effort, and the answer's format: `{"format": {"type": "json_schema", "schema": {...}}}`.
        cache_control: A cache breakpoint for the whole request.
        context_management: What the service removes from a long conversation.
        mcp_servers: Servers whose tools the service calls.
        speed: `fast` where the model has it.
        stop_sequences: Texts at which the answer ends.
        metadata: About the request: `user_id`, an opaque id.
        service_tier: Whether priority capacity may be used.
        container: The container to go on in, and its skills.
        inference_geo: Where inference runs.
        diagnostics: Ask why the prompt cache missed.
        temperature: Refused from 2026-10-21 on, as `top_p` and `top_k` are.
        top_p: See `temperature`.
        top_k: See `temperature`.
        thread: A thread that the service keeps.
        compaction: How the service shortens a long conversation.
        fallbacks: Other models, for the service to ask.
        fallback_credit_token: What an earlier refusal gave for its fallback.
        billing_policy: Which credit pays.
    """

    max_tokens: int
    stop_sequences: Sequence[str]
    metadata: MetadataParam
    service_tier: Literal["auto", "standard_only"]
    container: ContainerParam | str
    inference_geo: str
    diagnostics: DiagnosticsParam
    temperature: float
    top_p: float
    top_k: int
    thread: Mapping[str, Any]
    compaction: Mapping[str, Any]
    fallbacks: Iterable[Mapping[str, Any]]
    fallback_credit_token: str
    billing_policy: Mapping[str, Any]
