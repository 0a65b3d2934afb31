"""Decoded JSON to values: messages, blocks, usage, and the events that carry them.

Strategy: each builder takes the JSON object as it came and keeps it beside the typed fields (`Model.from_json`), so nothing
is dropped; `keybearer.types.content.BLOCKS` says which class a type has, and what it does not name becomes an
`UnknownBlock`. Nothing here fails on a field that is missing, new or of another type, but for a message's content: what is
not as expected is kept as it came.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from keybearer.errors import UnexpectedResponse
from keybearer.types import events as ev
from keybearer.types.base import Model
from keybearer.types.content import BLOCKS, CITATIONS, Citation, ContentBlock, TextBlock, UnknownBlock
from keybearer.types.messages import Container, Message, StopDetails
from keybearer.types.usage import CacheCreation, OutputTokensDetails, ServerToolUsage, Usage

__all__ = ["block", "event", "message", "usage"]

_MAX_DEPTH: Final = 64

_OF_USAGE: Final[dict[str, type[Model]]] = {
    "cache_creation": CacheCreation,
    "output_tokens_details": OutputTokensDetails,
    "server_tool_use": ServerToolUsage,
}
_OF_MESSAGE: Final[dict[str, type[Model]]] = {"stop_details": StopDetails, "container": Container}


def block(source: Any, depth: int = 0) -> ContentBlock:
    """Build a content block from its JSON object.

    Args:
        source: The object.
        depth: How deep inside a tool's result it is.
    """
    if not isinstance(source, dict):
        return UnknownBlock.from_json({"value": source})
    cls = BLOCKS.get(source.get("type", "")) if isinstance(source.get("type"), str) else None
    if cls is TextBlock:
        citations = source.get("citations")
        if isinstance(citations, list):
            return TextBlock.from_json(source, citations=[citation(each) for each in citations])
        return TextBlock.from_json(source)
    if cls is None:
        return UnknownBlock.from_json(source)
    if "content" in source and "content" in cls.__struct_fields__:
        return cast("ContentBlock", cls.from_json(source, content=_nested(source["content"], depth)))
    return cast("ContentBlock", cls.from_json(source))


def citation(source: Any) -> Citation:
    """Build a citation from its JSON object."""
    if not isinstance(source, dict):
        return UnknownBlock.from_json({"value": source})
    kind = source.get("type")
    return cast("Citation", CITATIONS.get(kind if isinstance(kind, str) else "", UnknownBlock).from_json(source))


def _nested(value: Any, depth: int) -> Any:
    """Give what is inside a tool's result attribute access, down to `_MAX_DEPTH`; what is deeper stays plain."""
    if depth >= _MAX_DEPTH:
        return value
    if isinstance(value, list):
        return [_nested(each, depth + 1) for each in value]
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        if value["type"] in BLOCKS:
            return block(value, depth + 1)
        inner = {
            key: _nested(each, depth + 1)
            for key, each in value.items()
            # A name that the class uses is its own; such a field is in `extra`.
            if isinstance(each, list | dict) and not key.startswith("_") and not hasattr(UnknownBlock, key)
        }
        result = UnknownBlock.from_json(value)
        result.__dict__.update(inner)
        return result
    return value


def _parts(source: dict[str, Any], kinds: dict[str, type[Model]]) -> dict[str, Any]:
    """Build the fields of an object that are objects of a known kind."""
    names = source.keys() & kinds.keys()
    return {name: kinds[name].from_json(source[name]) for name in names if isinstance(source[name], dict)}


def usage(source: Any) -> Usage:
    """Build a `Usage` from its JSON object."""
    if not isinstance(source, dict):
        return Usage()
    return Usage.from_json(source, **_parts(source, _OF_USAGE))


def message(source: dict[str, Any], content: list[ContentBlock] | None = None) -> Message:
    """Build a `Message` from its JSON object.

    Args:
        source: The object.
        content: The blocks, where they are already built.

    Raises:
        UnexpectedResponse: Its content is not a list: what answered is not the API, and nothing is not what it said.
    """
    if content is None:
        blocks = source.get("content")
        if not isinstance(blocks, list):
            raise UnexpectedResponse(
                "The answer is not the API's: it is a message, but its content is not a list.",
                status=200,
                hint="Check base_url, and any proxy in between.",
            )
        content = [block(each) for each in blocks]
    return Message.from_json(
        source,
        content=content,
        usage=usage(source.get("usage")),
        **_parts(source, _OF_MESSAGE),
    )


# ── events ───────────────────────────────────────────────────────────────────


def _object(source: dict[str, Any], name: str) -> dict[str, Any]:
    value = source.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"a {source.get('type')} event has no {name} object")
    return value


def _index(source: dict[str, Any]) -> int:
    index = source.get("index")
    if not isinstance(index, int) or isinstance(index, bool):
        raise ValueError(f"a {source.get('type')} event has no index")
    return index


_DELTA_TEXT: Final[dict[str, tuple[type[Model], str]]] = {
    "text_delta": (ev.TextDelta, "text"),
    "input_json_delta": (ev.InputJSONDelta, "partial_json"),
    "thinking_delta": (ev.ThinkingDelta, "thinking"),
    "signature_delta": (ev.SignatureDelta, "signature"),
}


def _delta(source: dict[str, Any]) -> ev.ContentDelta:
    kind = source.get("type")
    if kind == "citations_delta":
        return ev.CitationsDelta.from_json(source, citation=citation(source.get("citation")))
    cls, field = _DELTA_TEXT.get(kind if isinstance(kind, str) else "", (ev.UnknownDelta, ""))
    if field and not isinstance(source.get(field), str):
        raise ValueError(f"a {kind} has no {field} text")
    return cast("ev.ContentDelta", cls.from_json(source))


def _message_start(source: dict[str, Any]) -> ev.MessageStartEvent:
    begun = _object(source, "message")
    content = begun.get("content")
    if content is not None and not isinstance(content, list):
        raise ValueError("its message's content is not a list")
    return ev.MessageStartEvent.from_json(source, message=message(begun, [block(each) for each in content or ()]))


def _message_delta(source: dict[str, Any]) -> ev.MessageDeltaEvent:
    delta = _object(source, "delta")
    return ev.MessageDeltaEvent.from_json(
        source,
        delta=ev.MessageDelta.from_json(delta, **_parts(delta, _OF_MESSAGE)),
        usage=usage(source.get("usage")),
    )


_EVENTS: Final[dict[str, Callable[[dict[str, Any]], ev.RawEvent]]] = {
    "message_start": _message_start,
    "content_block_start": lambda s: ev.ContentBlockStartEvent.from_json(
        s, index=_index(s), content_block=block(_object(s, "content_block"))
    ),
    "content_block_delta": lambda s: ev.ContentBlockDeltaEvent.from_json(
        s, index=_index(s), delta=_delta(_object(s, "delta"))
    ),
    "content_block_stop": lambda s: ev.RawContentBlockStopEvent.from_json(s, index=_index(s)),
    "message_delta": _message_delta,
    "message_stop": ev.RawMessageStopEvent.from_json,
    "ping": ev.PingEvent.from_json,
    "error": ev.ErrorEvent.from_json,
}
"""How each known event is built; any other becomes an `UnknownEvent`."""


def event(source: dict[str, Any]) -> ev.RawEvent:
    """Build a stream event from its JSON object.

    Raises:
        ValueError: When a known event lacks what it cannot be read without.
    """
    kind = source.get("type")
    return _EVENTS.get(kind if isinstance(kind, str) else "", ev.UnknownEvent.from_json)(source)
