"""The states of a stream: the table, its drawing, and the accumulator that keeps it."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from keybearer.errors import StreamProtocolError
from keybearer.types import events as ev
from keybearer.wire.response import transitions
from keybearer.wire.response.accumulate import MessageAccumulator
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.transitions import TRANSITIONS, StreamState
from support.sse import START, STOP, block_start, block_stop, delta, frames, message_delta, text_message

BLOCK = [block_start(0, type="text", text=""), delta(0, "text_delta", text="a"), block_stop(0)]
EVENTS: dict[str, dict[str, Any]] = {each["type"]: each for each in [START, *BLOCK, message_delta("end_turn"), STOP]}

MESSAGE = {
    StreamState.START: [],
    StreamState.OPEN: [START, *BLOCK, block_start(1, type="text", text="")],
    StreamState.DONE: text_message("a"),
}
"""A state of a message to events that lead there."""

ONE_BLOCK = {StreamState.DUE: [START], StreamState.STREAMING: [START, *BLOCK[:2]], StreamState.ENDED: [START, *BLOCK]}
"""A state of block 0 to events that lead there."""


def accumulate(events: list[dict[str, Any]]) -> MessageAccumulator:
    """Feed events to a new accumulator."""
    accumulator = MessageAccumulator()
    for event in EventDecoder().feed(frames(*events)):
        accumulator.feed(event)
    return accumulator


def test_the_table_is_what_its_docstring_draws() -> None:
    """Every arrow of the drawing is a row, and every row is an arrow."""
    drawn = {}
    for line in (transitions.__doc__ or "").splitlines():
        parts = re.split(r" ──(\w+)──▶ ", line.rpartition(":  ")[2].strip())
        for before, event, after in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            drawn[StreamState(before), event] = StreamState(after)
    assert drawn == TRANSITIONS


def test_the_table_has_every_event_and_state() -> None:
    """The events here are those of the table, so that the tests below leave none out."""
    assert {event for _, event in TRANSITIONS} == set(EVENTS)
    assert {*MESSAGE, *ONE_BLOCK} == set(StreamState)


@pytest.mark.parametrize(("state", "event"), [*product(MESSAGE, ["message_start", "message_delta", "message_stop"])])
def test_a_message_goes_as_the_table_says(state: StreamState, event: str) -> None:
    """From each state, an event leads where the table says, or breaks the protocol."""
    accumulator = accumulate(MESSAGE[state])
    assert accumulator.state is state
    if event == "message_stop" and state is StreamState.OPEN:
        accumulator = accumulate([START, *BLOCK, message_delta("end_turn")])
    [made] = EventDecoder().feed(frames(EVENTS[event]))
    if (state, event) in TRANSITIONS:
        accumulator.feed(made)
        assert accumulator.state is TRANSITIONS[state, event]
    else:
        with pytest.raises(StreamProtocolError):
            accumulator.feed(made)
        assert accumulator.state is state


@pytest.mark.parametrize(("state", "event"), [*product(ONE_BLOCK, [each["type"] for each in BLOCK])])
def test_a_block_goes_as_the_table_says(state: StreamState, event: str) -> None:
    """From each state of a block, an event leads where the table says, or breaks the protocol."""
    accumulator = accumulate(ONE_BLOCK[state])
    [made] = EventDecoder().feed(frames(EVENTS[event]))
    if (state, event) in TRANSITIONS:
        accumulator.feed(made)
        assert accumulator.blocks[0].state is TRANSITIONS[state, event]
    else:
        with pytest.raises(StreamProtocolError):
            accumulator.feed(made)


@pytest.mark.parametrize(
    ("state", "event"), [*product([StreamState.START, StreamState.DONE], [each["type"] for each in BLOCK])]
)
def test_an_event_of_a_block_needs_an_open_message(state: StreamState, event: str) -> None:
    """Before a message's start and after its end no block starts, goes on or ends."""
    accumulator = accumulate(MESSAGE[state])
    [made] = EventDecoder().feed(frames(EVENTS[event]))
    with pytest.raises(StreamProtocolError):
        accumulator.feed(made)


@pytest.mark.parametrize("state", [*MESSAGE])
def test_pings_and_unknown_events_come_anywhere(state: StreamState) -> None:
    """Neither changes a state; only a ping is no progress."""
    accumulator = accumulate(MESSAGE[state])
    before = accumulator.progress
    accumulator.feed(ev.PingEvent())
    accumulator.feed(ev.UnknownEvent.of({"type": "zork"}))
    assert (accumulator.state, accumulator.progress) == (state, before + 1)
