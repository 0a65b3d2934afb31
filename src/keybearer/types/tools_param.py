"""The tools of a request, as TypedDicts.

The dated versions of a server tool differ by a field or two. One TypedDict has the fields of them all; the service checks which ones a
version takes.

Source: the `anthropic` 2.12.0 wheel, `types/tool_param.py` and `types/tool_union_param.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol, Required, TypeAlias, TypedDict

from keybearer.types.blocks_param import CacheControlParam, CitationsConfigParam

__all__ = ["InputSchema", "SupportsParam", "ToolChoiceParam", "ToolParam", "ToolUnionParam"]

InputSchema: TypeAlias = Mapping[str, Any]
"""JSON schema (draft 2020-12) of a tool's input; its top level is `{"type": "object", ...}`."""

Caller: TypeAlias = (
    Literal["direct", "code_execution_20250825", "code_execution_20260120", "code_execution_20260521"] | str
)


class _ToolOptions(TypedDict, total=False):
    """The options of every tool."""

    cache_control: CacheControlParam | None
    allowed_callers: list[Caller]
    defer_loading: bool
    strict: bool


class ToolParam(_ToolOptions, total=False):
    """One of your tools: the model calls it, and your code runs it."""

    name: Required[str]
    input_schema: Required[InputSchema]
    description: str
    type: Literal["custom"] | None
    eager_input_streaming: bool | None
    input_examples: Iterable[Mapping[str, Any]]


class BashToolParam(_ToolOptions, total=False):
    """The bash tool; your code runs the commands."""

    type: Required[Literal["bash_20250124"]]
    name: Required[Literal["bash"]]
    input_examples: Iterable[Mapping[str, Any]]


class TextEditorToolParam(_ToolOptions, total=False):
    """The text editor tool; your code edits the files."""

    type: Required[Literal["text_editor_20250124", "text_editor_20250429", "text_editor_20250728"]]
    name: Required[Literal["str_replace_editor", "str_replace_based_edit_tool"]]
    max_characters: int | None
    input_examples: Iterable[Mapping[str, Any]]


class MemoryToolParam(_ToolOptions, total=False):
    """The memory tool; your code keeps the files."""

    type: Required[Literal["memory_20250818"]]
    name: Required[Literal["memory"]]
    input_examples: Iterable[Mapping[str, Any]]


class CodeExecutionToolParam(_ToolOptions, total=False):
    """The code execution tool, which the service runs in a container."""

    type: Required[
        Literal[
            "code_execution_20250522", "code_execution_20250825", "code_execution_20260120", "code_execution_20260521"
        ]
    ]
    name: Required[Literal["code_execution"]]


class UserLocationParam(TypedDict, total=False):
    """The user's approximate location, for web search."""

    type: Required[Literal["approximate"]]
    city: str | None
    region: str | None
    country: str | None
    timezone: str | None


class WebSearchToolParam(_ToolOptions, total=False):
    """The web search tool, which the service runs."""

    type: Required[Literal["web_search_20250305", "web_search_20260209", "web_search_20260318"]]
    name: Required[Literal["web_search"]]
    allowed_domains: list[str] | None
    blocked_domains: list[str] | None
    max_uses: int | None
    user_location: UserLocationParam | None
    response_inclusion: Literal["full", "excluded"]


class WebFetchToolParam(_ToolOptions, total=False):
    """The web fetch tool, which the service runs."""

    type: Required[Literal["web_fetch_20250910", "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318"]]
    name: Required[Literal["web_fetch"]]
    allowed_domains: list[str] | None
    blocked_domains: list[str] | None
    citations: CitationsConfigParam | None
    max_content_tokens: int | None
    max_uses: int | None
    response_inclusion: Literal["full", "excluded"]
    url_sources: Mapping[str, Any] | None
    use_cache: bool


class ToolSearchToolParam(_ToolOptions, total=False):
    """The tool search tool, which finds tools whose loading is deferred."""

    type: Required[
        Literal[
            "tool_search_tool_bm25",
            "tool_search_tool_bm25_20251119",
            "tool_search_tool_regex",
            "tool_search_tool_regex_20251119",
        ]
    ]
    name: Required[Literal["tool_search_tool_bm25", "tool_search_tool_regex"]]


class ToolsetParam(TypedDict, total=False):
    """A set of browser or computer tools; your code runs them."""

    type: Required[Literal["browser_toolset_20260801", "computer_toolset_20260801"]]
    cache_control: CacheControlParam | None
    configs: Mapping[str, Any] | None


class SupportsParam(Protocol):
    """What says itself how a request has it, such as a tool made by `@tool`."""

    def to_param(self) -> dict[str, Any]:
        """Return the JSON object."""
        ...


ToolUnionParam: TypeAlias = (
    ToolParam
    | BashToolParam
    | TextEditorToolParam
    | MemoryToolParam
    | CodeExecutionToolParam
    | WebSearchToolParam
    | WebFetchToolParam
    | ToolSearchToolParam
    | ToolsetParam
    | Mapping[str, Any]
    | SupportsParam
)


class ToolChoiceAutoParam(TypedDict, total=False):
    """The model decides whether to call a tool, or must call some tool (`any`)."""

    type: Required[Literal["auto", "any"]]
    disable_parallel_tool_use: bool


class ToolChoiceToolParam(TypedDict, total=False):
    """The model must call the tool with this name."""

    type: Required[Literal["tool"]]
    name: Required[str]
    disable_parallel_tool_use: bool


class ToolChoiceNoneParam(TypedDict):
    """The model may call no tool."""

    type: Literal["none"]


ToolChoiceParam: TypeAlias = ToolChoiceAutoParam | ToolChoiceToolParam | ToolChoiceNoneParam | Mapping[str, Any]
