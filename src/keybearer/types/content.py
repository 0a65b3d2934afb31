"""The blocks that a message is made of, as the service sends them.

`BLOCKS` is the table of known types; what is not in it becomes an `UnknownBlock`, whole and readable. `CITATIONS` is the same
for citations. Source: the `anthropic` 2.12.0 wheel, `types/content_block.py` and `types/text_citation.py`.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from keybearer.types.base import Model, Unknown

__all__ = [
    "BLOCKS",
    "CITATIONS",
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
]


class UnknownBlock(Unknown, frozen=True):
    """A block or citation of a type that this version does not know. Its fields are attributes and are in `extra`."""


# ── citations ────────────────────────────────────────────────────────────────


class CharLocation(Model, frozen=True):
    """A citation of characters of a plain text document; indices from 0, the end exclusive."""

    cited_text: str = ""
    document_index: int = 0
    document_title: str | None = None
    file_id: str | None = None
    start_char_index: int = 0
    end_char_index: int = 0
    type: Literal["char_location"] = "char_location"


class PageLocation(Model, frozen=True):
    """A citation of pages of a PDF; pages from 1, the end exclusive."""

    cited_text: str = ""
    document_index: int = 0
    document_title: str | None = None
    file_id: str | None = None
    start_page_number: int = 0
    end_page_number: int = 0
    type: Literal["page_location"] = "page_location"


class ContentBlockLocation(Model, frozen=True):
    """A citation of blocks of a custom content document; indices from 0, the end exclusive."""

    cited_text: str = ""
    document_index: int = 0
    document_title: str | None = None
    file_id: str | None = None
    start_block_index: int = 0
    end_block_index: int = 0
    type: Literal["content_block_location"] = "content_block_location"


class WebSearchResultLocation(Model, frozen=True):
    """A citation of a web search result."""

    cited_text: str = ""
    encrypted_index: str = ""
    title: str | None = None
    url: str = ""
    type: Literal["web_search_result_location"] = "web_search_result_location"


class SearchResultLocation(Model, frozen=True):
    """A citation of a `search_result` block; indices from 0, the end exclusive."""

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

CITATIONS: Final[dict[str, type[Model]]] = {
    "char_location": CharLocation,
    "page_location": PageLocation,
    "content_block_location": ContentBlockLocation,
    "web_search_result_location": WebSearchResultLocation,
    "search_result_location": SearchResultLocation,
}

# ── blocks ───────────────────────────────────────────────────────────────────


class TextBlock(Model, frozen=True):
    """Text of the answer."""

    text: str = ""
    citations: list[Citation] | None = None
    type: Literal["text"] = "text"


class ThinkingBlock(Model, frozen=True):
    """The model's thinking. It goes back unchanged, signature and all, with the tool results that follow it."""

    thinking: str = ""
    signature: str = ""
    type: Literal["thinking"] = "thinking"


class RedactedThinkingBlock(Model, frozen=True):
    """Thinking that the service keeps encrypted. It goes back unchanged."""

    data: str = ""
    type: Literal["redacted_thinking"] = "redacted_thinking"


class ToolUseBlock(Model, frozen=True):
    """A call of one of your tools; answer it with a `tool_result` of the same id in the next user turn."""

    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}
    caller: Any = None
    toolset_name: str | None = None
    type: Literal["tool_use"] = "tool_use"


class ServerToolUseBlock(Model, frozen=True):
    """A call of a tool that the service runs itself."""

    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}
    caller: Any = None
    type: Literal["server_tool_use"] = "server_tool_use"


class ServerToolResultBlock(Model, frozen=True, kw_only=True):
    """What a server tool gave: `content` is its result object or list, or its error object, with attribute access."""

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


class ContainerUploadBlock(Model, frozen=True):
    """A file that was put in the container."""

    file_id: str = ""
    type: Literal["container_upload"] = "container_upload"


class MCPToolUseBlock(Model, frozen=True):
    """A call of a tool of an MCP server (beta)."""

    id: str = ""
    name: str = ""
    server_name: str = ""
    input: dict[str, Any] = {}
    type: Literal["mcp_tool_use"] = "mcp_tool_use"


class MCPToolResultBlock(Model, frozen=True):
    """What a tool of an MCP server gave (beta)."""

    tool_use_id: str = ""
    is_error: bool = False
    content: Any = None
    type: Literal["mcp_tool_result"] = "mcp_tool_result"


class CompactionBlock(Model, frozen=True):
    """A summary that takes the place of the turns before it (beta)."""

    content: Any = None
    type: Literal["compaction"] = "compaction"


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

BLOCKS: Final[dict[str, type[Model]]] = {
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
