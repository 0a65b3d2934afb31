"""What an MCP server says, as tools and results for the API: pure, from the JSON of the protocol.

Contract: nothing is dropped in silence. What a `tool_result` cannot hold, such as audio, is named in words for the model.
Source: the protocol's schema of 2026-07-28 (`ContentBlock`, `CallToolResult`, `ToolAnnotations`), as in the package mcp-types 2.3.0.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from keybearer.tools.content import ResultContent
from keybearer.types.messages import Message
from keybearer.wire.json import dumps

__all__ = [
    "CallResult",
    "ServedTool",
    "UnsupportedSampling",
    "call_result",
    "sampled",
    "sampling_params",
    "served_tool",
]

_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_PDF: Final = "application/pdf"


class ServedTool(NamedTuple):
    """A tool of a server.

    Attributes:
        name: Its name there.
        description: What it does.
        input_schema: The JSON Schema of its input.
        read_only: Whether the server says that it changes nothing.
        idempotent: Whether the server says that a second call with the same input changes nothing more.
    """

    name: str
    description: str
    input_schema: dict[str, Any]
    read_only: bool
    idempotent: bool


def served_tool(tool: Mapping[str, Any]) -> ServedTool:
    """Return a tool of the list that a server gives."""
    hints = tool.get("annotations") or {}
    schema = dict(tool.get("inputSchema") or {})
    return ServedTool(
        str(tool["name"]),
        str(tool.get("description") or tool.get("title") or ""),
        {"type": "object", **schema},
        read_only=hints.get("readOnlyHint") is True,
        idempotent=hints.get("idempotentHint") is True,
    )


class CallResult(NamedTuple):
    """What a call came to.

    Attributes:
        content: What the model gets.
        is_error: Whether the server says that it failed.
    """

    content: ResultContent
    is_error: bool


def call_result(result: Mapping[str, Any]) -> CallResult:
    """Return the result of a call.

    The structured content is left out where there is other content, which says the same by the protocol's rule.
    """
    blocks = [_block(each) for each in result.get("content") or ()]
    structured = result.get("structuredContent")
    content: ResultContent = blocks
    if not blocks:
        content = "Done: there is nothing to return." if structured is None else dumps(structured).decode()
    elif len(blocks) == 1 and blocks[0]["type"] == "text":
        content = blocks[0]["text"]
    return CallResult(content, result.get("isError") is True)


class UnsupportedSampling(ValueError):  # noqa: N818 - what it is; it never leaves the toolset
    """A server asks a model for an answer with what the API cannot take."""


def sampling_params(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `messages.create` for a server's `sampling/createMessage`.

    The model, the temperature and the context of other servers are the caller's to choose, as the protocol says.

    Raises:
        UnsupportedSampling: It brings tools, or content that is neither text nor an image.
    """
    if request.get("tools"):
        raise UnsupportedSampling("Tools are not supported in sampling.")
    turns = [
        {"role": turn["role"], "content": [_samplable(each) for each in _listed(turn["content"])]}
        for turn in request["messages"]
    ]
    asked = {"messages": turns, "max_tokens": request["maxTokens"]}
    named = {"system": request.get("systemPrompt"), "stop_sequences": request.get("stopSequences")}
    return asked | {name: value for name, value in named.items() if value}


def _listed(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _samplable(content: Mapping[str, Any]) -> dict[str, Any]:
    if content.get("type") not in {"text", "image"} or (
        content["type"] == "image" and content["mimeType"] not in _IMAGES
    ):
        raise UnsupportedSampling(
            f"Content of the type {content.get('mimeType') or content.get('type')} is not supported in sampling."
        )
    return _block(content)


_STOPPED: Final = {"end_turn": "endTurn", "stop_sequence": "stopSequence", "max_tokens": "maxTokens"}


def sampled(message: Message) -> dict[str, Any]:
    """Return a message as the result of `sampling/createMessage`."""
    stop = message.stop_reason
    content = {"type": "text", "text": message.text}
    return {
        "role": "assistant",
        "content": content,
        "model": message.model,
        "stopReason": _STOPPED.get(stop or "", stop),
    }


def _block(content: Mapping[str, Any]) -> dict[str, Any]:
    kind = content.get("type")
    if kind == "text":
        return _text(str(content.get("text", "")))
    if kind == "image" and content.get("mimeType") in _IMAGES:
        return _image(content["mimeType"], str(content.get("data", "")))
    if kind == "resource":
        return _resource(content.get("resource") or {})
    if kind == "resource_link":
        said = (content.get(name) for name in ("title", "name", "description", "mimeType"))
        return _text(f"A resource: {content.get('uri')} ({', '.join(str(each) for each in said if each)})")
    return _text(f"The tool returned {kind} of the type {content.get('mimeType')}, which cannot be shown here.")


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    where, media_type = str(resource.get("uri")), str(resource.get("mimeType") or "")
    text, blob = resource.get("text"), resource.get("blob")
    if isinstance(blob, str):
        if media_type in _IMAGES:
            return _image(media_type, blob)
        if media_type == _PDF:
            source = {"type": "base64", "media_type": _PDF, "data": blob}
            return {"type": "document", "source": source, "title": where}
        text = _decoded(blob) if not media_type or media_type.startswith("text/") else None
    if isinstance(text, str) and text:
        source = {"type": "text", "media_type": "text/plain", "data": text}
        return {"type": "document", "source": source, "title": where}
    what = f"of the type {media_type}" if media_type else "of no known type"
    return _text(f"The resource {where} is {what}, and is empty or cannot be shown here.")


def _decoded(blob: str) -> str | None:
    try:
        return base64.b64decode(blob, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text or "(an empty text)"}


def _image(media_type: str, data: str) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}
