"""Faults in the events, on chat completions: the chunks of a stream, and a completion in one piece."""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.core.reply import Event, ServerReply, encode
from keybearer.simulator.faults import parse_fault
from keybearer.simulator.faults.chat import DONE

HEAD = {"id": "msg_1", "object": "chat.completion.chunk"}


def chunk(delta: dict[str, Any], finish: str | None = None) -> Event:
    """Make one chunk."""
    return Event("", {**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


ROLE, ONE, TWO, LAST = (
    chunk({"role": "assistant"}),
    chunk({"content": "one"}),
    chunk({"content": "two"}),
    chunk({}, "stop"),
)
STREAM = [ROLE, ONE, TWO, LAST, DONE]


def struck(fault: str) -> list[Event]:
    """Return the events that a fault makes of the stream."""
    events = parse_fault(fault).applied.on_reply(ServerReply(events=STREAM)).events
    assert events is not None
    return events


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            "stream_error; after_events=2",
            [ROLE, ONE, Event("", {"error": {"message": "Overloaded", "type": "overloaded_error", "param": None, "code": None}})],
        ),
        ("duplicate_event", [ROLE, ONE, ONE, TWO, LAST, DONE]),
        ("duplicate_event; index=2", [ROLE, ONE, TWO, TWO, LAST, DONE]),
        ("missing_event", [ROLE, ONE, TWO, LAST]),
        ("unknown_delta", [ROLE, chunk({"scent": "pine"}), ONE, TWO, LAST, DONE]),
        ("unknown_stop_reason", [ROLE, ONE, TWO, chunk({}, "tea_time"), DONE]),
        ("huge_event; bytes=4", [ROLE, chunk({"content": "xxxx"}), ONE, TWO, LAST, DONE]),
        ("broken_event", [ROLE, Event("", encode(ONE.data)[: len(encode(ONE.data)) // 2]), TWO, LAST, DONE]),
        ("missing_event; name=ping", STREAM),
        ("unknown_block", STREAM),
    ],
)  # fmt: skip
def test_each_fault_in_chunks(fault: str, expected: list[Event]) -> None:
    """A fault does to the chunks what it does to a message's events; without a meaning there, nothing."""
    assert struck(fault) == expected


def test_an_unknown_event_is_a_chunk_of_another_object() -> None:
    """It has the head of its neighbours."""
    assert struck("unknown_event; after_events=1")[1].data == {
        **HEAD,
        "object": "weather.report",
        "choices": [],
        "sky": "clear",
    }


def ask(sim: Simulator, fault: str, **body: Any) -> urllib3.BaseHTTPResponse:
    """Ask for a chat completion with a fault."""
    with urllib3.PoolManager() as http:
        return http.request(
            "POST",
            sim.base_url + "/v1/chat/completions",
            json={"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Say 'hello'"}], **body},
            headers={"authorization": f"Bearer {sim.api_key}", "x-sim-fault": fault},
            retries=False,
        )


def test_over_the_socket(sim: Simulator) -> None:
    """An error in a stream ends it, a completion in one piece is struck in its own form, and what has none is refused."""
    lines = ask(sim, "stream_error; after_events=1", stream=True).data.decode().split("\n\n")
    assert [json.loads(line.removeprefix("data: ")).get("error", {}).get("type") for line in lines if line] == [
        None,
        "overloaded_error",
    ]
    plain = ask(sim, "stream_error")
    assert (plain.status, plain.json()["error"]["type"], "type" in plain.json()) == (529, "overloaded_error", False)
    assert ask(sim, "unknown_stop_reason").json()["choices"][0]["finish_reason"] == "tea_time"
    assert ask(sim, "huge_event; bytes=9").json()["choices"][0]["message"]["content"] == "x" * 9
    assert "is one of a message's events" in ask(sim, "unknown_block", stream=True).json()["error"]["message"]
    assert [entry.note.get("fault") for entry in sim.requests] == [
        "stream_error", "stream_error", "unknown_stop_reason", "huge_event", None,
    ]  # fmt: skip
