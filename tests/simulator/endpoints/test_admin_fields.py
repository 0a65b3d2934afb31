"""The bodies of the simulator's own pages: nothing is taken and ignored."""

from __future__ import annotations

from typing import Any

import pytest
import urllib3

from keybearer.simulator import Simulator


def post(sim: Simulator, path: str, body: Any) -> tuple[int, Any]:
    """Send a body to one of the simulator's pages."""
    with urllib3.PoolManager() as http:
        reply = http.request("POST", f"{sim.base_url}/_sim/{path}", json=body, headers={"x-sim-token": sim.token})
        return reply.status, reply.json()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("clock", {"seconds": 301}, "has no field 'seconds': it takes advance, freeze"),
        ("clock", {"advanced": 301}, "has no field 'advanced': did you mean 'advance'?"),
        ("clock", {"advance": "301"}, "advance: is a number: seconds, not negative"),
        ("clock", {"advance": True}, "advance: is a number"),
        ("clock", {"freeze": 1}, "freeze: is a boolean"),
        ("clock", {}, "it takes advance, freeze or both"),
        ("clock", {"advance": -1}, "only turns forward"),
        ("login", {"expires_in": 1.5}, "expires_in: is a whole number"),
        ("login", {"expires": 5}, "did you mean 'expires_in'?"),
        ("reset", {"clocks": True}, "did you mean 'clock'?"),
        ("reset", {"x": 1}, "it takes clock"),
        ("faults", {"fault": 529}, "fault: is a string"),
        ("script", {"mach": "x"}, "did you mean 'match'"),
    ],
)
def test_a_field_that_does_not_exist_is_refused(sim: Simulator, path: str, body: Any, words: str) -> None:
    """An unknown field, and a value of the wrong type, are named, with the nearest field or all of them."""
    status, reply = post(sim, path, body)
    assert (status, reply["error"]["type"]) == (400, "invalid_request_error")
    assert words in reply["error"]["message"]


def test_a_reset_turns_the_clock_back_if_it_is_asked_to(sim: Simulator) -> None:
    """By default the clock keeps its time, because a client's own clock does too."""
    before = sim.clock.now()
    assert post(sim, "clock", {"advance": 5000, "freeze": True})[0] == 200
    assert post(sim, "reset", {})[1]["now"] >= before + 5000
    assert before <= post(sim, "reset", {"clock": True})[1]["now"] < before + 5000


def test_options_are_shown(sim: Simulator) -> None:
    """Every option is JSON, and the token is not among them."""
    with urllib3.PoolManager() as http:
        shown = http.request("GET", f"{sim.base_url}/_sim/options", headers={"x-sim-token": sim.token}).json()
    assert (shown["host"], shown["lenient"], shown["scenario"], shown["token"]) == ("127.0.0.1", [], None, None)
