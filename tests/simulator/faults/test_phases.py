"""A fault in a phase of a stream: where each phase is, and what has none."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.core.reply import Event, ServerReply
from keybearer.simulator.faults import parse_fault
from keybearer.simulator.faults.phases import PHASES, place_of


def block(index: int, kind: str, deltas: int) -> list[Event]:
    """Make the events of one block."""
    start = {"type": "content_block_start", "index": index, "content_block": {"type": kind}}
    return [
        Event("content_block_start", start),
        *(Event("content_block_delta", {"index": index, "delta": {}}) for _ in range(deltas)),
        Event("content_block_stop", {"index": index}),
    ]


MESSAGE = [
    Event("message_start", {}),
    *block(0, "thinking", 2),
    *block(1, "text", 4),
    *block(2, "tool_use", 2),
    Event("message_delta", {}),
    Event("message_stop", {}),
]


def chunk(finish: str | None = None, **delta: Any) -> Event:
    """Make one chunk of a chat completion."""
    return Event("", {"choices": [{"delta": delta, "finish_reason": finish}]})


WORDS = [chunk(content=word) for word in "abc"]
CHAT = [chunk(role="assistant", content=""), *WORDS, chunk("stop"), Event("", b"[DONE]")]


def test_the_place_of_each_phase() -> None:
    """After the first event, in the middle of the first block of a type, and before the stop reason."""
    assert {name: place_of(name, MESSAGE) for name in PHASES} == {
        "start": 1,
        "thinking": 3,
        "text": 8,
        "tool_use": 13,
        "end": 15,
    }
    assert {name: place_of(name, CHAT) for name in PHASES} == {
        "start": 1, "thinking": None, "text": 2, "tool_use": None, "end": 4,
    }  # fmt: skip


def test_a_fault_is_placed_in_its_phase() -> None:
    """The events before the phase arrive; a reply without the phase, or without events, is not struck."""
    fault = parse_fault("stream_error; phase=tool_use")
    assert fault.needs_stream
    placed = fault.applied.placed(ServerReply(events=MESSAGE))
    assert placed is not None
    assert [event.name for event in placed.on_reply(ServerReply(events=MESSAGE)).events or ()][12:] == [
        "content_block_delta",
        "error",
    ]
    assert fault.applied.placed(ServerReply(events=MESSAGE[:11])) is None
    assert fault.applied.placed(ServerReply(b"{}")) is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("cut; phase=tool_us", "no phase is called 'tool_us'; did you mean 'tool_use'?"),
        ("cut; phase=text; after_events=3", "in a phase, or after some events"),
        ("overloaded; phase=text", "has no 'phase'"),
    ],
)
def test_a_phase_that_means_nothing_is_refused(fault: str, words: str) -> None:
    """A phase that does not exist, one beside a place, and one of a fault that has no place."""
    with pytest.raises(ValueError, match=words):
        parse_fault(fault)
