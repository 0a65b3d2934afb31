"""Content blocks and citations, as the service sends them.

`BLOCKS` is the table of the known types of blocks, `CITATIONS` that of citations. A value of any other type becomes an `UnknownBlock`
with all its fields. `content_block` and `citation` build a value from its JSON object.

Source: the `anthropic` 2.12.0 wheel, `types/content_block.py` and `types/text_citation.py`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Literal, TypeAlias, cast

from keybearer.types.api_object import APIObject, Unknown
from keybearer.types.like_pydantic import state_of

__all__ = [
    "BLOCKS",
    "CITATIONS",
    "TOOL_CALLS",
    "CharLocation",
    "Citation",
    "CompactionBlock",
    "ContainerUploadBlock",
    "ContentBlock",
    "ContentBlockLocation",
    "MCPToolResultBlock",
    "MCPToolUseBlock",
    "PageLocation",
    "RedactedThinkingBlock",
    "SearchResultLocation",
    "ServerToolResultBlock",
    "ServerToolUseBlock",
    "TextBlock",
    "ThinkingBlock",
    "ToolUseBlock",
    "UnknownBlock",
    "WebSearchResultLocation",
    "citation",
    "content_block",
]

_MAX_DEPTH: Final = 64
"""How many levels of a tool's result get attribute access; what is deeper stays plain JSON types."""


MARKS: Final = frozenset({"incomplete", "partial_json"})
"""The fields of an incomplete tool call that are keybearer's own, and are never sent."""


def _without_marks(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an incomplete tool call without keybearer's own."""
    return {name: value for name, value in fields.items() if name not in MARKS}


class UnknownBlock(Unknown, frozen=True):
    """A block or citation of a type that this version does not know. Its fields are attributes and are in `extra`."""

    def to_param(self) -> dict[str, Any]:
        """Return the value for the next request: as it came, without keybearer's own fields of an incomplete tool call."""
        fields = self.to_dict()
        return _without_marks(fields) if fields.get("incomplete") is True and "partial_json" in fields else fields


# ── citations ────────────────────────────────────────────────────────────────


class CharLocation(APIObject, frozen=True):
    """A citation of characters in a plain text document. Indices count from 0; the end is exclusive."""

    cited_text: str = ""
    document_index: int = 0
    document_title: str | None = None
    file_id: str | None = None
    start_char_index: int = 0
    end_char_index: int = 0
    type: Literal["char_location"] = "char_location"


class PageLocation(APIObject, frozen=True):
    """A citation of pages in a PDF. Pages count from 1, documents from 0; the end is exclusive."""

    cited_text: str = ""
    document_index: int = 0
    document_title: str | None = None
    file_id: str | None = None
    start_page_number: int = 0
    end_page_number: int = 0
    type: Literal["page_location"] = "page_location"


class ContentBlockLocation(APIObject, frozen=True):
    """A citation of blocks in a document made of blocks. Indices count from 0; the end is exclusive."""

    cited_text: str = ""
    document_index: int = 0
    document_title: str | None = None
    file_id: str | None = None
    start_block_index: int = 0
    end_block_index: int = 0
    type: Literal["content_block_location"] = "content_block_location"


class WebSearchResultLocation(APIObject, frozen=True):
    """A citation of a web search result."""

    cited_text: str = ""
    encrypted_index: str = ""
    title: str | None = None
    url: str = ""
    type: Literal["web_search_result_location"] = "web_search_result_location"


class SearchResultLocation(APIObject, frozen=True):
    """A citation of blocks in a `search_result` block. Indices count from 0; the end is exclusive."""

    cited_text: str = ""
    search_result_index: int = 0
    source: str = ""
    title: str | None = None
    start_block_index: int = 0
    end_block_index: int = 0
    type: Literal["search_result_location"] = "search_result_location"


Citation: TypeAlias = (
    CharLocation | PageLocation | ContentBlockLocation | WebSearchResultLocation | SearchResultLocation | UnknownBlock
)

CITATIONS: Final[dict[str, type[APIObject]]] = {
    "char_location": CharLocation,
    "page_location": PageLocation,
    "content_block_location": ContentBlockLocation,
    "web_search_result_location": WebSearchResultLocation,
    "search_result_location": SearchResultLocation,
}


def citation(source: Any) -> Citation:
    """Build a citation from its JSON object."""
    if not isinstance(source, dict):
        return UnknownBlock.of({"value": source})
    kind = source.get("type")
    return cast("Citation", CITATIONS.get(kind if isinstance(kind, str) else "", UnknownBlock).of(source))


def _citations(value: Any) -> Any:
    return [citation(each) for each in value] if isinstance(value, list) else None


# ── blocks ───────────────────────────────────────────────────────────────────


class TextBlock(APIObject, frozen=True):
    """Text of the answer.

    Attributes:
        text: The text.
        citations: The sources that it cites; None without any.
        type: Always `text`.
    """

    text: str = ""
    citations: list[Citation] | None = None
    type: Literal["text"] = "text"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"citations": _citations}

    @property
    def parsed_output(self) -> Any:
        """The value that the text is, in an answer to `messages.parse`; None in any other."""
        return state_of(self).get("_parsed")

    def with_parsed(self, value: Any) -> TextBlock:
        """Return the block with the value that its text is. The value is no part of what is compared, stored or sent."""
        block = copy.copy(self)
        state_of(block)["_parsed"] = value
        return block


class ThinkingBlock(APIObject, frozen=True):
    """The model's thinking. Send it back unchanged, with its signature, before the tool results that follow it.

    Attributes:
        thinking: The thinking, or a summary of it.
        signature: The service's proof that the thinking was not changed.
        type: Always `thinking`.
    """

    thinking: str = ""
    signature: str = ""
    type: Literal["thinking"] = "thinking"


class RedactedThinkingBlock(APIObject, frozen=True):
    """Thinking that the service encrypted, in `data`. Send it back unchanged."""

    data: str = ""
    type: Literal["redacted_thinking"] = "redacted_thinking"


class _ToolCall(APIObject, frozen=True):
    """A tool call. An incomplete one is marked, must not be run, and is sent back without the marks."""

    marks: ClassVar[frozenset[str]] = MARKS

    def to_dict(self, **how: Any) -> dict[str, Any]:
        """Return the value as plain JSON types, with every field that came, and the marks of an incomplete call."""
        fields = APIObject.to_dict(self, **how)
        if fields.get("incomplete") is False:
            del fields["incomplete"]  # in a value that a caller made
        return fields

    def to_param(self) -> dict[str, Any]:
        """Return the value for the next request, without the marks of an incomplete call."""
        fields = APIObject.to_dict(self)
        return _without_marks(fields) if "incomplete" in fields else fields

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        shown = APIObject.__rich_repr__(self)
        return [(name, value) for name, value in shown if name != "incomplete" or value]


class ToolUseBlock(_ToolCall, frozen=True):
    """A call of one of your tools; answer it with a `tool_result` of the same id in the next user turn.

    Attributes:
        id: The call's id, for its `tool_result`.
        name: The tool's name.
        input: The tool's arguments, decoded.
        caller: Who called the tool: the model itself, or a server tool that runs its code. None where the service did not say.
        toolset_name: The toolset that the tool belongs to; None for a single tool.
        type: Always `tool_use`.
        incomplete: Whether the input is incomplete: then the call must not be run.
        partial_json: The JSON text of an incomplete input, as far as it came; None where only the decoded input came.
    """

    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}
    caller: Any = None
    toolset_name: str | None = None
    type: Literal["tool_use"] = "tool_use"
    incomplete: bool = False
    partial_json: str | None = None


class ServerToolUseBlock(_ToolCall, frozen=True):
    """A call of a tool that the service runs itself. `incomplete` and `partial_json` are as in `ToolUseBlock`."""

    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}
    caller: Any = None
    type: Literal["server_tool_use"] = "server_tool_use"
    incomplete: bool = False
    partial_json: str | None = None


class MCPToolUseBlock(_ToolCall, frozen=True):
    """A call of a tool of an MCP server (beta). `incomplete` and `partial_json` are as in `ToolUseBlock`."""

    id: str = ""
    name: str = ""
    server_name: str = ""
    input: dict[str, Any] = {}
    type: Literal["mcp_tool_use"] = "mcp_tool_use"
    incomplete: bool = False
    partial_json: str | None = None


class ServerToolResultBlock(APIObject, frozen=True, kw_only=True):
    """The result of a server tool. `content` is the result object or list, or the error object, with attribute access."""

    tool_use_id: str = ""
    content: Any = None
    caller: Any = None
    type: Literal[
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
    ]

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"content": lambda value: _nested(value, 0)}


class ContainerUploadBlock(APIObject, frozen=True):
    """A file that was uploaded to the container, by its id in the Files API."""

    file_id: str = ""
    type: Literal["container_upload"] = "container_upload"


class MCPToolResultBlock(APIObject, frozen=True):
    """The result of a tool of an MCP server (beta); `is_error` says whether the tool failed."""

    tool_use_id: str = ""
    is_error: bool = False
    content: Any = None
    type: Literal["mcp_tool_result"] = "mcp_tool_result"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"content": lambda value: _nested(value, 0)}


class CompactionBlock(APIObject, frozen=True):
    """A summary that replaces the earlier turns (beta)."""

    content: Any = None
    type: Literal["compaction"] = "compaction"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"content": lambda value: _nested(value, 0)}


ContentBlock: TypeAlias = (
    TextBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ServerToolUseBlock
    | ServerToolResultBlock
    | ContainerUploadBlock
    | MCPToolUseBlock
    | MCPToolResultBlock
    | CompactionBlock
    | UnknownBlock
)

BLOCKS: Final[dict[str, type[APIObject]]] = {
    "text": TextBlock,
    "thinking": ThinkingBlock,
    "redacted_thinking": RedactedThinkingBlock,
    "tool_use": ToolUseBlock,
    "server_tool_use": ServerToolUseBlock,
    "web_search_tool_result": ServerToolResultBlock,
    "web_fetch_tool_result": ServerToolResultBlock,
    "code_execution_tool_result": ServerToolResultBlock,
    "bash_code_execution_tool_result": ServerToolResultBlock,
    "text_editor_code_execution_tool_result": ServerToolResultBlock,
    "tool_search_tool_result": ServerToolResultBlock,
    "container_upload": ContainerUploadBlock,
    "mcp_tool_use": MCPToolUseBlock,
    "mcp_tool_result": MCPToolResultBlock,
    "compaction": CompactionBlock,
}

TOOL_CALLS: Final = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
"""The types of the blocks that hold a tool's input."""


def content_block(source: Any, depth: int = 0) -> ContentBlock:
    """Build a content block from its JSON object.

    Args:
        source: The object.
        depth: How many levels inside a tool's result it is; 0 for a block of a message.
    """
    if not isinstance(source, dict):
        return UnknownBlock.of({"value": source})
    kind = source.get("type")
    cls = BLOCKS.get(kind, UnknownBlock) if isinstance(kind, str) else UnknownBlock
    if depth and "content" in cls._builders:
        return cast("ContentBlock", cls.of(source, content=_nested(source.get("content"), depth)))
    return cast("ContentBlock", cls.of(source))


def _nested(value: Any, depth: int) -> Any:
    """Return a tool's result with attribute access, down to `_MAX_DEPTH` levels."""
    if depth >= _MAX_DEPTH:
        return value
    if isinstance(value, list):
        return [_nested(each, depth + 1) for each in value]
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        if value["type"] in BLOCKS:
            return content_block(value, depth + 1)
        inner = {
            key: _nested(each, depth + 1)
            for key, each in value.items()
            # A name that the class uses is its own; such a field is in `extra`.
            if isinstance(each, list | dict) and not key.startswith("_") and not hasattr(UnknownBlock, key)
        }
        result = UnknownBlock.of(value)
        state_of(result).update(inner)
        return result
    return value
