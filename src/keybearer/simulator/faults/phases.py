"""The phases of a streamed reply, so that a fault can be placed in one without counting events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from keybearer.simulator.core.reply import Event

__all__ = ["PHASES", "place_of"]

Events = Sequence[Event]
START: Final = "content_block_start"
DELTAS: Final = {"text": "content", "tool_use": "tool_calls"}
"""The type of a block, and what its part is called in a chunk of a chat completion."""


def _choices(events: Events) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the place and the choice of every chunk of a chat completion; its events have no names."""
    for at, event in enumerate(events):
        if not event.name and isinstance(event.data, dict):
            yield from ((at, choice) for choice in event.data.get("choices", ()))


def _in_block(kind: str) -> Callable[[Events], int | None]:
    """Return a function that finds the middle of the first block of a type."""

    def place(events: Events) -> int | None:
        if own := [at for at, choice in _choices(events) if choice["delta"].get(DELTAS.get(kind))]:
            return own[len(own) // 2]
        for at, event in enumerate(events):
            if event.name == START and event.data.get("content_block", {}).get("type") == kind:
                own = [
                    index
                    for index, each in enumerate(events)
                    if index >= at and isinstance(each.data, dict) and each.data.get("index") == event.data.get("index")
                ]
                return own[len(own) // 2]
        return None

    return place


def _before_the_end(events: Events) -> int | None:
    ends = [at for at, choice in _choices(events) if choice["finish_reason"]]
    ends += [at for at, event in enumerate(events) if event.name == "message_delta"]
    return ends[0] if ends else None


PHASES: Final[dict[str, Callable[[Events], int | None]]] = {
    "start": lambda events: 1 if events else None,
    "thinking": _in_block("thinking"),
    "text": _in_block("text"),
    "tool_use": _in_block("tool_use"),
    "end": _before_the_end,
}
"""Phase to the number of events before it: after the first event, in the middle of the first block of that type, and when all
content has been sent and the stop reason has not."""


def place_of(phase: str, events: Events | None) -> int | None:
    """Return how many events come before the phase; None for a reply without it, such as a refusal.

    Args:
        phase: A key of `PHASES`.
        events: The events of the reply; None if it is no stream.
    """
    return None if events is None else PHASES[phase](events)
