"""What became of the requests that a profile struck."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from keybearer.simulator.chaos.profile import make_profile
from keybearer.simulator.chaos.tally import Tally
from keybearer.simulator.control.journal import RecordedRequest

RULE = make_profile({"faults": [{"name": "it", "fault": "overloaded", "rate": 1}]}, "test").rules[0]


class Run:
    """A tally that is fed requests."""

    def __init__(self) -> None:
        self.tally = Tally([RULE])
        self.number = 0

    def begin(self, key: str, *, is_struck: bool = False) -> str:
        """Let a request arrive."""
        self.number += 1
        name = f"req_{self.number}"
        self.tally.begin(name, key.encode(), "it" if is_struck else None)
        return name

    def done(
        self, name: str, status: int = 200, *, error: str | None = None, end: str = "complete", **note: Any
    ) -> None:
        """Let its reply be sent."""
        entry = RecordedRequest(
            0.0, "POST", "/v1/messages", {}, {}, b"", name, status, error, note, delivered={"end": end}
        )
        self.tally.done(entry)

    def counts(self) -> dict[str, int]:
        """Return what is not zero."""
        fields = structs.asdict(self.tally.outcomes["it"])
        return {name: value for name, value in fields.items() if name != "name" and value}


def refused(run: Run, key: str) -> None:
    """Let a request be struck by an overload."""
    run.done(run.begin(key, is_struck=True), 529, error="overloaded_error", fault="overloaded")


def test_a_client_that_comes_again_recovers() -> None:
    """Each struck request of a row recovers with the answer; the requests after the first are extra."""
    run = Run()
    refused(run, "a")
    refused(run, "a")
    refused(run, "b")
    run.done(run.begin("a"))
    assert run.counts() == {"struck": 3, "recovered": 2, "given_up": 1, "extra": 2}


def test_a_refusal_of_the_service_itself_is_no_answer() -> None:
    """A retry that gets a 400 has not recovered."""
    run = Run()
    refused(run, "a")
    run.done(run.begin("a"), 400, error="invalid_request_error")
    assert run.counts() == {"struck": 1, "given_up": 1, "extra": 1}


def test_not_coming_again_is_right_after_a_final_error() -> None:
    """A refusal that a retry cannot change, and a redirect; unless the reply says that a retry may help."""
    run = Run()
    run.done(run.begin("a", is_struck=True), 401, error="authentication_error", fault="error")
    run.done(run.begin("b", is_struck=True), 307, fault="redirect")
    run.done(run.begin("c", is_struck=True), 529, error="overloaded_error", fault="error", should_retry="false")
    run.done(run.begin("d", is_struck=True), 400, error="invalid_request_error", fault="error", should_retry="true")
    assert run.counts() == {"struck": 4, "final": 3, "given_up": 1}


def test_an_answer_that_is_only_late_counts_as_one() -> None:
    """If the client stayed for all of it."""
    run = Run()
    run.done(run.begin("a", is_struck=True), fault="slow")
    run.done(run.begin("b", is_struck=True), fault="slow", end="left")
    run.done(run.begin("c", is_struck=True), fault="cut", end="cut")
    assert run.counts() == {"struck": 3, "answered": 1, "given_up": 2}


def test_a_reply_that_never_ends_is_counted_when_it_begins() -> None:
    """The client leaves a stalled reply, comes again and has its answer, before the stall ends."""
    run = Run()
    stalled = run.begin("a", is_struck=True)
    run.done(run.begin("a"))
    assert run.counts() == {"struck": 1, "recovered": 1, "extra": 1}
    run.done(stalled, fault="stall", end="left")
    assert run.counts() == {"struck": 1, "recovered": 1, "extra": 1}


def test_a_fault_without_effect_struck_nothing() -> None:
    """The reply had no such phase; it is an answer."""
    run = Run()
    refused(run, "a")
    run.done(run.begin("a", is_struck=True), fault_without_effect="cut")
    assert run.counts() == {"struck": 1, "recovered": 1, "extra": 1, "missed": 1}
