"""What a tool returned, as the content of a `tool_result`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from keybearer.types.api_object import APIObject
from keybearer.wire.json import dumps, sendable

__all__ = ["ResultContent", "result_content"]

ResultContent: TypeAlias = str | list[dict[str, Any]]
"""The content of a `tool_result`: text, or blocks."""

_BLOCKS: Final = frozenset({"text", "image", "document", "search_result", "tool_reference"})
"""The blocks that a `tool_result` takes. Source: `ToolResultBlockParam` of the official SDK 2.14.0."""


def result_content(value: Any) -> ResultContent:
    """Return a tool's value as content: text as it is, content blocks as they are, anything else as JSON.

    Args:
        value: Text, None, a content block, a list of them and of texts, or what JSON expresses: dataclasses and pydantic models too.

    Raises:
        TypeError: JSON cannot express it.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "Done: there is nothing to return."
    if _is_block(value):
        return [_block(value)]
    if isinstance(value, list | tuple) and any(map(_is_block, value)):
        return [_block(each) if _is_block(each) else {"type": "text", "text": result_content(each)} for each in value]
    try:
        return dumps(sendable(value)).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"a {type(value).__name__} is no text, no content block and no JSON value") from error


def _is_block(value: Any) -> bool:
    if isinstance(value, APIObject):
        return getattr(value, "type", None) in _BLOCKS
    return isinstance(value, Mapping) and value.get("type") in _BLOCKS and len(value) > 1


def _block(value: Any) -> dict[str, Any]:
    block: dict[str, Any] = sendable(value)
    return block
