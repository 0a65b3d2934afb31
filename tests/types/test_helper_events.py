"""The events of `messages.stream()`: each can be handed on, as JSON or pickled."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from keybearer.types import events as ev
from keybearer.wire.response.reader import StreamReader
from support.sse import RICH, frames


def read() -> list[Any]:
    """Return the events of a message with every kind of block, after its end."""
    return list(StreamReader().feed(frames(*RICH)))


def as_they_came() -> list[dict[str, Any]]:
    """Return what each event says at the moment it is given."""
    return [event.to_dict() for event in StreamReader().feed(frames(*RICH))]


def test_every_event_is_json_and_says_the_same_later() -> None:
    """`to_dict` of each event is JSON with its type, and what it says does not grow with the stream."""
    events = read()
    assert {type(event) for event in events} >= {
        ev.TextEvent,
        ev.ThinkingEvent,
        ev.InputJsonEvent,
        ev.SignatureEvent,
        ev.CitationEvent,
        ev.ContentBlockStopEvent,
        ev.MessageStopEvent,
    }
    said = [event.to_dict() for event in events]
    assert said == as_they_came()
    assert json.loads(json.dumps(said)) == said
    assert [each["type"] for each in said] == [event.type for event in events]


def test_a_helper_says_what_the_official_sdk_s_says() -> None:
    """The fields are the SDK's: the piece, and the snapshot of its time."""
    said = as_they_came()
    assert {"type": "text", "text": "世界 🌍!\n", "snapshot": "Grüße, 世界 🌍!\n"} in said
    assert {"type": "thinking", "thinking": "Let me se", "snapshot": "Let me se"} in said
    assert {"type": "signature", "signature": "c2lnbmF0dXJl"} in said
    assert {
        "type": "input_json",
        "partial_json": 'bon", "days": [1, 2',
        "snapshot": {"city": "Lisbon", "days": [1]},
    } in said
    assert said[-1]["message"]["stop_reason"] == "tool_use"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_event_comes_back_from_its_pickle(protocol: int) -> None:
    """A copy of an event, by every protocol of pickle and by `copy`, is equal to it and says the same."""
    for event in read():
        for copied in (
            pickle.loads(pickle.dumps(event, protocol)),  # noqa: S301 - our own bytes
            copy.copy(event),
            copy.deepcopy(event),
        ):
            assert type(copied) is type(event)
            assert copied == event
            assert copied.to_dict() == event.to_dict()
            assert getattr(copied, "snapshot", None) == getattr(event, "snapshot", None)


def test_events_that_say_another_thing_are_not_equal() -> None:
    """Equality is of what an event says, its snapshot included."""
    texts = [event for event in read() if isinstance(event, ev.TextEvent)]
    assert texts[0] != texts[1]
    assert texts[0] != "Grüße, "
    assert len(set(texts)) == 2
