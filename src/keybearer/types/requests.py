"""The keyword arguments of `messages.create`, `messages.stream` and `messages.count_tokens`, as TypedDicts.

`CreateParams` has the API's parameters under their own names, and the options of one call (`RequestOptions`), which are not sent in
the body.

Source: the `anthropic` 2.12.0 wheel, `types/message_create_params.py` and `types/beta/message_create_params.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Required, TypeAlias, TypedDict

from keybearer.types.blocks_param import CacheControlParam, ContentBlockParam, TextBlockParam
from keybearer.types.http import Timeouts
from keybearer.types.messages import Message
from keybearer.types.tools_param import ToolChoiceParam, ToolUnionParam

if TYPE_CHECKING:
    from keybearer.shell.spend_limit import SpendLimit

__all__ = [
    "CountParams",
    "CreateParams",
    "MessageParam",
    "ModelName",
    "OutputConfigParam",
    "RequestOptions",
    "ThinkingConfigParam",
    "WorkspaceOptions",
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
    """One turn. Newer models accept the role `system` in the middle of a conversation."""

    role: Literal["user", "assistant", "system"]
    content: str | Iterable[ContentBlockParam]


MessageParam: TypeAlias = RoleMessageParam | Message | Mapping[str, Any]
"""One turn of the conversation: a typed dict, an earlier answer (a `Message`), or a plain dict."""


class ThinkingEnabledParam(TypedDict, total=False):
    """Thinking with a budget of at least 1,024 tokens, below `max_tokens`."""

    type: Required[Literal["enabled"]]
    budget_tokens: Required[int]
    display: Literal["summarized", "omitted"] | None


class ThinkingOtherParam(TypedDict, total=False):
    """Thinking without a budget: as much as the model chooses, only between tool calls, or none."""

    type: Required[Literal["adaptive", "between_tools", "disabled"]]
    display: Literal["summarized", "omitted"] | None


ThinkingConfigParam: TypeAlias = ThinkingEnabledParam | ThinkingOtherParam | Mapping[str, Any]


class JSONOutputFormatParam(TypedDict):
    """The answer is JSON that matches the schema."""

    type: Literal["json_schema"]
    schema: Mapping[str, Any]


class OutputConfigParam(TypedDict, total=False):
    """The effort that the model makes, and the format of the answer."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None
    format: JSONOutputFormatParam | None


class MetadataParam(TypedDict, total=False):
    """Metadata of the request. `user_id` is an opaque id of your user, never a name or an address."""

    user_id: str | None


class ContainerParam(TypedDict, total=False):
    """The container to reuse, by its id, and the skills to load into it."""

    id: str | None
    skills: Iterable[Mapping[str, Any]] | None


class DiagnosticsParam(TypedDict, total=False):
    """Ask why the prompt cache missed, compared with an earlier message."""

    previous_message_id: str | None


class GetOptions(TypedDict, total=False):
    """The options of a call that has no body.

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


class WorkspaceOptions(GetOptions, total=False):
    """The options of a call that has no body, of a resource that is typed by hand.

    Attributes:
        betas: Beta tags; whole tags, sent once each.
        extra_headers: Headers to add, in place of ours where they have one name. They cannot carry a credential.
        extra_query: Query parameters to add.
        timeout: The call's deadline in seconds, or all time limits.
        max_retries: How often to try again at the most.
        workspace_id: The workspace, for a credential that may act on several.
    """

    workspace_id: str


class ResourceOptions(GetOptions, total=False):
    """What steers a call of a resource that is served from the table of methods.

    Attributes:
        betas: Beta tags beside those that the method needs.
        extra_headers: Headers to add, in place of ours where they have one name. They cannot carry a credential.
        extra_query: Query parameters to add.
        extra_body: Body fields to add: for a parameter that this version does not know.
        timeout: The call's deadline in seconds, or all time limits.
        max_retries: How often to try again at the most.
    """

    extra_body: Mapping[str, Any]


class ProfileOptions(WorkspaceOptions, total=False):
    """The options of a call that makes a batch.

    Attributes:
        betas: Beta tags; whole tags, sent once each.
        extra_headers: Headers to add, in place of ours where they have one name. They cannot carry a credential.
        extra_query: Query parameters to add.
        timeout: The call's deadline in seconds, or all time limits.
        max_retries: How often to try again at the most.
        workspace_id: The workspace, for a credential that may act on several.
        user_profile_id: The profile of the end user that the request is made for; `client.user_profiles` makes one.
    """

    user_profile_id: str


class RequestOptions(ProfileOptions, total=False):
    """The options of one call. None is sent in the body, except the fields of `extra_body`.

    Attributes:
        betas: Beta tags; whole tags, sent once each.
        extra_headers: Headers to add, in place of ours where they have one name. They cannot carry a credential.
        extra_query: Query parameters to add.
        extra_body: Body fields to add, untouched: for a parameter that this version does not know.
        timeout: The call's deadline in seconds, or all time limits.
        max_retries: How often to try again at the most.
        workspace_id: The workspace, for a credential that may act on several.
        user_profile_id: The profile of the end user that the request is made for; `client.user_profiles` makes one.
        validate: False sends the request even if `keybearer.lint` is sure that the service will refuse it.
        cache: `auto` places cache breakpoints for a conversation, `auto-1h` those of tools and system for an hour,
            `adaptive` by the pauses that it sees, for five minutes or an hour.
        media: `fit` scales down images that are over the API's limits (extra `keybearer[media]`).
        spend_limit: A `SpendLimit`, or several, beside the client's own.
    """

    extra_body: Mapping[str, Any]
    validate: bool
    cache: Literal["auto", "auto-1h", "adaptive"]
    media: Literal["fit"]
    spend_limit: SpendLimit | Sequence[SpendLimit]


class PromptParams(RequestOptions, total=False):
    """The parameters of both `create` and `count_tokens`, but for `messages` and `tools`."""

    model: ModelName
    system: str | Iterable[TextBlockParam | Mapping[str, Any]]
    tool_choice: ToolChoiceParam
    thinking: ThinkingConfigParam
    output_config: OutputConfigParam | Mapping[str, Any]
    cache_control: CacheControlParam
    context_management: Mapping[str, Any]
    mcp_servers: Iterable[Mapping[str, Any]]
    speed: Literal["standard", "fast"]
    billing_policy: Mapping[str, Any]
    compaction: Mapping[str, Any]


class _Conversation(PromptParams, total=False):
    messages: Required[Iterable[MessageParam]]
    tools: Iterable[ToolUnionParam]


class AnswerParams(TypedDict, total=False):
    """The parameters of `create` that `count_tokens` does not take."""

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
    fallbacks: Iterable[Mapping[str, Any]]
    fallback_credit_token: str


class CountParams(_Conversation, total=False):
    """The keyword arguments of `messages.count_tokens`: those of `messages.create` that the prompt is made of, and the options."""


class CreateParams(_Conversation, AnswerParams, total=False):
    """The keyword arguments of `messages.create` and `messages.stream`.

    The API requires `model` and `max_tokens`; an agent's file or the client may set them for every call. The options of one call are
    in `RequestOptions`.

    Attributes:
        messages: The conversation: dicts with `role` and `content`, or messages of earlier answers.
        model: The model.
        max_tokens: The longest answer, in tokens.
        system: The system prompt: text, or text blocks.
        tools: What the model may call: dicts with `name`, `description` and `input_schema`, or the service's own tools.
        tool_choice: Whether it may, must or may not call one: `{"type": "auto"}`, `any`, `tool` with a `name`, `none`.
        thinking: Whether and how much the model thinks before it answers; a budget is in tokens.
        output_config: The effort, and the answer's format: `{"format": {"type": "json_schema", "schema": {...}}}`.
        cache_control: A cache breakpoint for the whole request.
        context_management: What the service removes from a long conversation.
        mcp_servers: Servers whose tools the service calls.
        speed: `fast` where the model has it.
        billing_policy: Which credit is charged.
        compaction: How the service shortens a long conversation.
        stop_sequences: Texts at which the answer ends.
        metadata: `user_id`: an opaque id of your user.
        service_tier: Whether priority capacity may be used.
        container: The container to reuse, by its id, and its skills.
        inference_geo: Where inference runs.
        diagnostics: Ask why the prompt cache missed.
        temperature: Refused from 2026-10-21 on, as `top_p` and `top_k` are.
        top_p: See `temperature`.
        top_k: See `temperature`.
        thread: A conversation whose turns the service keeps.
        fallbacks: Other models, which the service asks in place of this one.
        fallback_credit_token: The token that an earlier refusal came with, for its fallback.
    """
