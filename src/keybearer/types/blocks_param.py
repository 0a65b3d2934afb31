"""The blocks of a request, as TypedDicts for editors and type checkers. Plain dicts and blocks of earlier answers are accepted too.

Source: the `anthropic` 2.12.0 wheel, `types/*_block_param.py` and `types/*_source_param.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NotRequired, Required, TypeAlias, TypedDict

from keybearer.types.api_object import APIObject

__all__ = [
    "CacheControlParam",
    "CitationsConfigParam",
    "ContainerUploadBlockParam",
    "ContentBlockParam",
    "DocumentBlockParam",
    "DocumentSourceParam",
    "ImageBlockParam",
    "ImageMediaType",
    "ImageSourceParam",
    "RedactedThinkingBlockParam",
    "SearchResultBlockParam",
    "ServerToolResultBlockParam",
    "ServerToolUseBlockParam",
    "TextBlockParam",
    "ThinkingBlockParam",
    "ToolReferenceBlockParam",
    "ToolResultBlockParam",
    "ToolUseBlockParam",
]


class CacheControlParam(TypedDict):
    """A cache breakpoint: the prompt up to this block is cached for `ttl` (5 minutes when omitted)."""

    type: Literal["ephemeral"]
    ttl: NotRequired[Literal["5m", "1h"]]


class CitationsConfigParam(TypedDict, total=False):
    """Whether the model may cite this document."""

    enabled: bool


class TextBlockParam(TypedDict, total=False):
    """Text; `citations` are those of an earlier answer's text."""

    type: Required[Literal["text"]]
    text: Required[str]
    cache_control: CacheControlParam | None
    citations: list[Mapping[str, Any]] | None


# ── media ────────────────────────────────────────────────────────────────────

ImageMediaType: TypeAlias = Literal["image/jpeg", "image/png", "image/gif", "image/webp"]


class Base64ImageSourceParam(TypedDict):
    """An image in the request. `data` is base64 text, or the image's bytes, which are encoded when the request is sent."""

    type: Literal["base64"]
    media_type: ImageMediaType
    data: str | bytes


class Base64PDFSourceParam(TypedDict):
    """A PDF in the request. `data` is base64 text, or the PDF's bytes, which are encoded when the request is sent."""

    type: Literal["base64"]
    media_type: Literal["application/pdf"]
    data: str | bytes


class PlainTextSourceParam(TypedDict):
    """A text document in the request."""

    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class URLSourceParam(TypedDict):
    """A file that the service fetches."""

    type: Literal["url"]
    url: str


class FileSourceParam(TypedDict):
    """A file that was uploaded before (Files API)."""

    type: Literal["file"]
    file_id: str


class ContentSourceParam(TypedDict):
    """A document made of blocks, each of which can be cited."""

    type: Literal["content"]
    content: str | Iterable[TextBlockParam | ImageBlockParam]


ImageSourceParam: TypeAlias = Base64ImageSourceParam | URLSourceParam | FileSourceParam
DocumentSourceParam: TypeAlias = (
    Base64PDFSourceParam | PlainTextSourceParam | ContentSourceParam | URLSourceParam | FileSourceParam
)


class ImageTransformationsParam(TypedDict, total=False):
    """What the service does to an image before the model sees it."""

    oversized_image: Literal["downsize", "error"]


class ImageBlockParam(TypedDict, total=False):
    """An image; `keybearer.image()` makes one from a path, bytes, a file object, a URL or a file id."""

    type: Required[Literal["image"]]
    source: Required[ImageSourceParam]
    cache_control: CacheControlParam | None
    transformations: ImageTransformationsParam | None


class DocumentBlockParam(TypedDict, total=False):
    """A document; `keybearer.document()` makes one."""

    type: Required[Literal["document"]]
    source: Required[DocumentSourceParam]
    cache_control: CacheControlParam | None
    citations: CitationsConfigParam | None
    context: str | None
    title: str | None


class SearchResultBlockParam(TypedDict, total=False):
    """One of your search results, which the model may cite."""

    type: Required[Literal["search_result"]]
    source: Required[str]
    title: Required[str]
    content: Required[Iterable[TextBlockParam]]
    cache_control: CacheControlParam | None
    citations: CitationsConfigParam


class ContainerUploadBlockParam(TypedDict, total=False):
    """A file to put in the container."""

    type: Required[Literal["container_upload"]]
    file_id: Required[str]
    cache_control: CacheControlParam | None


# ── thinking and tools ───────────────────────────────────────────────────────


class ThinkingBlockParam(TypedDict):
    """Thinking from an earlier answer, unchanged."""

    type: Literal["thinking"]
    thinking: str
    signature: str


class RedactedThinkingBlockParam(TypedDict):
    """Encrypted thinking from an earlier answer, unchanged."""

    type: Literal["redacted_thinking"]
    data: str


class ToolUseBlockParam(TypedDict, total=False):
    """A call of one of your tools, from an earlier answer."""

    type: Required[Literal["tool_use"]]
    id: Required[str]
    name: Required[str]
    input: Required[Mapping[str, Any]]
    cache_control: CacheControlParam | None
    caller: Mapping[str, Any]
    toolset_name: str | None


class ToolReferenceBlockParam(TypedDict, total=False):
    """A tool that a tool search found."""

    type: Required[Literal["tool_reference"]]
    tool_name: Required[str]
    cache_control: CacheControlParam | None


class ToolResultBlockParam(TypedDict, total=False):
    """The result of a tool call. Results come first in the user turn right after the call."""

    type: Required[Literal["tool_result"]]
    tool_use_id: Required[str]
    content: (
        str
        | Iterable[
            TextBlockParam
            | ImageBlockParam
            | DocumentBlockParam
            | SearchResultBlockParam
            | ToolReferenceBlockParam
            | Mapping[str, Any]
        ]
    )
    is_error: bool
    cache_control: CacheControlParam | None
    toolset_name: str | None


class ServerToolUseBlockParam(TypedDict, total=False):
    """A call of a server tool, from an earlier answer."""

    type: Required[Literal["server_tool_use"]]
    id: Required[str]
    name: Required[str]
    input: Required[Mapping[str, Any]]
    cache_control: CacheControlParam | None
    caller: Mapping[str, Any]


class ServerToolResultBlockParam(TypedDict, total=False):
    """The result of a server tool, from an earlier answer."""

    type: Required[
        Literal[
            "web_search_tool_result",
            "web_fetch_tool_result",
            "code_execution_tool_result",
            "bash_code_execution_tool_result",
            "text_editor_code_execution_tool_result",
            "tool_search_tool_result",
        ]
    ]
    tool_use_id: Required[str]
    content: Required[Any]
    cache_control: CacheControlParam | None
    caller: Mapping[str, Any]


ContentBlockParam: TypeAlias = (
    TextBlockParam
    | ImageBlockParam
    | DocumentBlockParam
    | SearchResultBlockParam
    | ThinkingBlockParam
    | RedactedThinkingBlockParam
    | ToolUseBlockParam
    | ToolResultBlockParam
    | ServerToolUseBlockParam
    | ServerToolResultBlockParam
    | ContainerUploadBlockParam
    | APIObject
    | Mapping[str, Any]
)
"""A block of a message to send: one of the typed dicts, a block of an earlier answer, or a plain dict."""
