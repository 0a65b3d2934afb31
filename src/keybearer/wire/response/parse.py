"""Builds messages and events from decoded JSON.

Strategy: each class is built from a JSON object and keeps it beside its typed fields (`APIObject.of`), so no field is lost. This
module checks which fields a reply or an event must have.

Contract: a field that is null, absent, unknown or of an unexpected type is kept as it came. It is an error only for the fields without
which an answer would be invented: a message's content, an event's index, block or delta.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from keybearer.errors import UnexpectedResponse
from keybearer.types import events as ev
from keybearer.types.content import TOOL_CALLS, content_block
from keybearer.types.messages import Message
from keybearer.types.usage import Usage
from keybearer.wire.response.deltas import DELTAS, UNKNOWN
from keybearer.wire.response.partial_json import PartialJSON

__all__ = ["EVENTS", "cut_call", "event", "message"]


def cut_call(source: dict[str, Any], text: str | None, value: Any) -> dict[str, Any]:
    """Return the JSON object of an incomplete tool call, marked `incomplete`.

    Args:
        source: The object.
        text: The JSON text of its input, as far as it came; None if only the service has seen it.
        value: The part of the input that could be decoded.
    """
    return source | {"input": value if isinstance(value, dict) else {}, "incomplete": True, "partial_json": text}


def message(source: dict[str, Any]) -> Message:
    """Build the `Message` of a reply that is not a stream.

    A tool call at the end of an answer that reached `max_tokens` is marked `incomplete`, because only the service knows whether it is.

    Args:
        source: The reply's JSON object.

    Raises:
        UnexpectedResponse: It has no content, so it is not the API's answer.
    """
    blocks = source.get("content")
    if not isinstance(blocks, list) and (blocks is not None or not isinstance(source.get("stop_reason"), str)):
        raise UnexpectedResponse(
            "The answer is not the API's: it is a message, but its content is not a list.",
            status=200,
            hint="Check base_url, and any proxy in between.",
        )
    last = blocks[-1] if blocks else None
    if source.get("stop_reason") == "max_tokens" and isinstance(last, dict) and str(last.get("type")) in TOOL_CALLS:
        given = last.get("input")
        text = given if isinstance(given, str) else None  # from a gateway that does not decode the input
        source = source | {
            "content": [*(blocks or ())[:-1], cut_call(last, text, given if text is None else _read(text))]
        }
    return Message.of(source)


def _read(text: str) -> Any:
    reader = PartialJSON()
    reader.feed(text)
    return reader.value


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


def _delta_event(source: dict[str, Any]) -> ev.ContentBlockDeltaEvent:
    index, delta = _index(source), _object(source, "delta")
    name = delta.get("type")
    kind = DELTAS.get(name, UNKNOWN) if isinstance(name, str) else UNKNOWN
    cls = ev.ExtendedDeltaEvent if kind.is_text and kind.has_more(delta) else ev.ContentBlockDeltaEvent
    return cls.of(source, index=index, delta=kind.build(delta))


def _message_start(source: dict[str, Any]) -> ev.MessageStartEvent:
    begun = _object(source, "message")
    content = begun.get("content")
    if content is not None and not isinstance(content, list):
        raise ValueError("its message's content is not a list")
    return ev.MessageStartEvent.of(source, message=Message.of(begun))


def _message_delta(source: dict[str, Any]) -> ev.MessageDeltaEvent:
    delta = {} if source.get("delta") is None else _object(source, "delta")
    usage = source.get("usage")
    return ev.MessageDeltaEvent.of(
        source,
        delta=ev.MessageDelta.of(delta),
        usage=Usage.of(usage) if isinstance(usage, dict) else Usage(),
    )


EVENTS: Final[dict[str, Callable[[dict[str, Any]], ev.RawEvent]]] = {
    "message_start": _message_start,
    "content_block_start": lambda s: ev.ContentBlockStartEvent.of(
        s, index=_index(s), content_block=content_block(_object(s, "content_block"))
    ),
    "content_block_delta": _delta_event,
    "content_block_stop": lambda s: ev.RawContentBlockStopEvent.of(s, index=_index(s)),
    "message_delta": _message_delta,
    "message_stop": ev.RawMessageStopEvent.of,
    "ping": ev.PingEvent.of,
    "error": ev.ErrorEvent.of,
}
"""Type of an event to the function that builds it; any other type becomes an `UnknownEvent`."""


def event(source: dict[str, Any]) -> ev.RawEvent:
    """Build a stream event from its JSON object.

    Raises:
        ValueError: A known event lacks a field that it needs: its index, block, delta or message.
    """
    kind = source.get("type")
    return EVENTS.get(kind if isinstance(kind, str) else "", ev.UnknownEvent.of)(source)
