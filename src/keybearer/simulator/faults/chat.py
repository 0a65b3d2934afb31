"""Faults in the events of a stream of `/v1/chat/completions`: the same faults as on messages, in that API's chunks.

How the service reports an error in such a stream is a guess: a chunk with `error`, which the official `openai` client raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from keybearer.simulator.core.reply import Event
from keybearer.simulator.faults import events as of_messages

__all__ = ["CHAT", "DONE", "changed_choice"]

Events = list[Event]
DONE: Final = Event("", b"[DONE]")
FIRST_WORDS: Final = 1
"""The index of the first chunk with content: before it comes the one with the role."""


def changed_choice(completion: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a completion or a chunk with fields of its choice replaced."""
    return {**completion, "choices": [{**each, **fields} for each in completion["choices"]]}


def _with_delta(events: Events, at: int, delta: dict[str, Any]) -> Events:
    new = changed_choice(events[0].data, delta=delta)
    return [*events[:at], Event("", new), *events[at:]]


def _stream_error(
    events: Events,
    *,
    after_events: int = 3,
    type: str = "overloaded_error",  # noqa: A002  # the wire's name
    message: str = "Overloaded",
) -> Events:
    error = {"message": message, "type": type, "param": None, "code": None}
    return [*events[:after_events], Event("", {"error": error})]


def _duplicate_event(events: Events, *, index: int = -1) -> Events:
    return of_messages.duplicate_event(events, index=index if index >= 0 else FIRST_WORDS)


def _missing_event(events: Events, *, name: str = "message_stop") -> Events:
    """Leave out the end of the stream; chunks have no other name."""
    return [event for event in events if event != DONE] if name == "message_stop" else events


def _unknown_event(events: Events, *, after_events: int = 2) -> Events:
    new = {**events[0].data, "object": "weather.report", "choices": [], "sky": "clear"}
    return [*events[:after_events], Event("", new), *events[after_events:]]


def _unknown_delta(events: Events) -> Events:
    return _with_delta(events, FIRST_WORDS, {"scent": "pine"})


def _unknown_stop_reason(events: Events, *, value: str = "tea_time") -> Events:
    def changed(event: Event) -> Event:
        choices = event.data["choices"] if isinstance(event.data, dict) else []
        ends = any(choice["finish_reason"] for choice in choices)
        return event._replace(data=changed_choice(event.data, finish_reason=value)) if ends else event

    return [changed(event) for event in events]


def _huge_event(events: Events, *, bytes: int = 1_000_000) -> Events:  # noqa: A002  # see events
    return _with_delta(events, FIRST_WORDS, {"content": "x" * bytes})


def _broken_event(events: Events, *, index: int = -1) -> Events:
    return of_messages.broken_event(events, index=index if index >= 0 else FIRST_WORDS)


CHAT: Final[dict[str, Callable[..., Events]]] = {
    "stream_error": _stream_error,
    "duplicate_event": _duplicate_event,
    "missing_event": _missing_event,
    "unknown_event": _unknown_event,
    "unknown_delta": _unknown_delta,
    "unknown_stop_reason": _unknown_stop_reason,
    "huge_event": _huge_event,
    "broken_event": _broken_event,
}
"""Name of a fault in the events to what it does to a stream of chunks. The other ones have no meaning there."""
