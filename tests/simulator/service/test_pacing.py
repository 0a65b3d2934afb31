"""Pacing and delivery plans: delays, pings and cuts, without a socket and without waiting."""

from __future__ import annotations

import threading

import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.core.outgoing import Outgoing, Part, render
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.service.pacing import pace
from keybearer.simulator.service.streaming import message_events


def plan() -> Outgoing:
    """Plan a stream of one short text."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "one two three four five six seven eight nine"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            "input_tokens": 1,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 9,
        },
    }
    return render(ServerReply(events=list(message_events(message))), "req_1")


def body(parts: list[Part]) -> bytes:
    """Join a plan's bytes."""
    return b"".join(part.data for part in parts)


def test_a_burst_is_one_write() -> None:
    """Without pacing a stream is one write, with the same bytes."""
    paced = pace(plan())
    assert len(paced.parts) == 1
    assert body(paced.parts) == body(plan().parts)


def test_an_event_a_write() -> None:
    """With `event` each event is a write."""
    assert pace(plan(), chunking="event").parts == plan().parts


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_writes_of_a_size(size: int) -> None:
    """With a number, every write except the last has that many bytes."""
    parts = pace(plan(), chunking=str(size)).parts
    assert {len(part.data) for part in parts[:-1]} <= {size}
    assert body(parts) == body(plan().parts)


def test_speed_delays_the_deltas() -> None:
    """Each delta takes the time of its tokens; the first byte takes its own."""
    slow = pace(plan(), speed=10, first=2.0)
    fast = pace(plan(), speed=100, first=2.0)
    assert slow.parts[0].delay == fast.parts[0].delay == 2.0
    waits = [sum(part.delay for part in each.parts[1:]) for each in (slow, fast)]
    assert waits[0] == pytest.approx(10 * waits[1])
    assert waits[1] > 0
    assert body(slow.parts) == body(plan().parts)


def test_silence_brings_pings() -> None:
    """A pause longer than the interval is filled with pings, and is as long as before."""
    usual = pace(plan(), speed=1)
    pinged = pace(plan(), speed=1, ping_interval=0.4)
    assert body(pinged.parts).count(b"event: ping") > body(usual.parts).count(b"event: ping")
    assert sum(part.delay for part in pinged.parts) == pytest.approx(sum(part.delay for part in usual.parts))


def test_a_plain_reply_is_not_cut() -> None:
    """Pacing leaves a plain reply whole."""
    reply = render(ServerReply.json({"x": 1}), "req_1")
    assert pace(reply, speed=1, chunking="1").parts == reply.parts


def test_a_slow_stream_over_the_socket() -> None:
    """A stream that would take a minute ends as soon as the clock is turned."""
    with Simulator(tokens_per_second=0.5, time_to_first_token=9) as sim, urllib3.PoolManager() as http:
        sim.clock.freeze()
        request = {
            "model": "claude-haiku-4-5",
            "max_tokens": 99,
            "messages": [{"role": "user", "content": "Count to 30"}],
        }
        headers = {"x-api-key": sim.api_key, "anthropic-version": "2026-10-21"}
        url = sim.base_url + "/v1/messages"
        stop = threading.Event()

        def turn() -> None:
            while not stop.wait(0.005):
                sim.clock.advance(5)

        hand = threading.Thread(target=turn)
        hand.start()
        try:
            reply = http.request("POST", url, json={**request, "stream": True}, headers=headers)
        finally:
            stop.set()
            hand.join()
    assert reply.data.endswith(b'data: {"type":"message_stop"}\n\n')
    assert sim.requests[0].seconds > 30
