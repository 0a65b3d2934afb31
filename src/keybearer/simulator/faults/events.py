"""Faults in a stream: wrong, missing, repeated, huge and unknown events. Each is a function of the events."""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError, error_body
from keybearer.simulator.core.reply import Event, encode

__all__ = [
    "NEW_BLOCK", "broken_event", "duplicate_event", "huge_event", "missing_event", "stream_error", "unknown_block", "unknown_delta",
    "unknown_event", "unknown_stop_reason",
]  # fmt: skip

Events = list[Event]
NEW_BLOCK: Final = {"type": "hologram_2030", "data": {"voxels": [1, 2, 3]}}


def _find(events: Events, name: str) -> int:
    """Return the index of the first event of a name; the length of the list if there is none."""
    return next((index for index, event in enumerate(events) if event.name == name), len(events))


def _delta(text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def stream_error(
    events: Events,
    *,
    after_events: int = 3,
    type: str = "overloaded_error",  # noqa: A002  # the wire's name
    message: str = "Overloaded",
) -> Events:
    """An `error` event under HTTP 200, and nothing after it."""
    body = error_body(ServiceError(type, message), "")
    del body["request_id"]
    return [*events[:after_events], Event("error", body)]


def duplicate_event(events: Events, *, index: int = -1) -> Events:
    """One event twice; the first delta unless `index` says which."""
    at = index if index >= 0 else _find(events, "content_block_delta")
    return [*events[: at + 1], *events[at : at + 1], *events[at + 1 :]]


def missing_event(events: Events, *, name: str = "message_stop") -> Events:
    """Every event of one name left out; `message_stop` unless `name` says which."""
    return [event for event in events if event.name != name]


def unknown_event(events: Events, *, after_events: int = 2) -> Events:
    """An event that no client knows yet."""
    new = Event("weather_report", {"type": "weather_report", "sky": "clear"})
    return [*events[:after_events], new, *events[after_events:]]


def unknown_block(events: Events) -> Events:
    """A content block of a type that no client knows yet, after the others."""
    at = _find(events, "message_delta")
    index = sum(event.name == "content_block_start" for event in events)
    return [
        *events[:at],
        Event("content_block_start", {"type": "content_block_start", "index": index, "content_block": NEW_BLOCK}),
        Event("content_block_stop", {"type": "content_block_stop", "index": index}),
        *events[at:],
    ]


def unknown_delta(events: Events) -> Events:
    """A delta of a type that no client knows yet, in the first block."""
    at = _find(events, "content_block_delta")
    new = {"type": "content_block_delta", "index": 0, "delta": {"type": "scent_delta", "scent": "pine"}}
    return [*events[:at], Event("content_block_delta", new), *events[at:]]


def unknown_stop_reason(events: Events, *, value: str = "tea_time") -> Events:
    """A stop reason that no client knows yet."""
    return [
        event._replace(data={**event.data, "delta": {**event.data["delta"], "stop_reason": value}})
        if event.name == "message_delta"
        else event
        for event in events
    ]


def huge_event(events: Events, *, bytes: int = 1_000_000) -> Events:  # noqa: A002  # reads best in a spec
    """One delta of a million bytes."""
    at = _find(events, "content_block_delta")
    return [*events[:at], Event("content_block_delta", _delta("x" * bytes)), *events[at:]]


def broken_event(events: Events, *, index: int = -1) -> Events:
    """One event whose JSON is cut in half; the first delta unless `index` says which."""
    at = index if index >= 0 else _find(events, "content_block_delta")
    return [
        event._replace(data=encode(event.data)[: len(encode(event.data)) // 2]) if place == at else event
        for place, event in enumerate(events)
    ]
