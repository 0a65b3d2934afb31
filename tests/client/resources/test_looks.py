"""When a batch is looked at again, on a virtual clock."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer import MessageBatch
from keybearer import errors as e
from keybearer.client.resources.looks import Looks
from keybearer.flow import Flow
from keybearer.shell.transports.failures import connection_error, timeout_error

BATCH = MessageBatch.of({"id": "msgbatch_1", "processing_status": "in_progress"})
BUSY = e.Overloaded("busy", status=529, http_status=529)
URL = "https://api.anthropic.com/v1/messages/batches/msgbatch_1"


class Waiting:
    """Looks on a clock that moves with their waits."""

    def __init__(self, give_up_after: float | None) -> None:
        self.now, self.waits = 1000.0, list[float]()
        self.looks = Looks(None, give_up_after, now=lambda: self.now)

    def run(self, flow: Flow[None]) -> None:
        """Perform a wait."""
        for effect in flow:
            wait: Any = effect
            self.waits.append(wait.seconds)
            self.now += wait.seconds

    def fail_for_ever(self) -> None:
        """Wait after one failed look after another."""
        while True:
            self.run(self.looks.after_error(BUSY))


def test_looks_that_fail_for_a_time_are_followed_by_others() -> None:
    """Overloaded for long, a connection that broke, a time-out and an open breaker; the waits grow to a minute."""
    waiting = Waiting(None)
    for error in [
        BUSY,
        connection_error("first_byte", URL, "no"),
        timeout_error("first_byte", 1.0),
        e.CircuitOpen("no"),
    ] * 5:
        waiting.run(waiting.looks.after_error(error))
    assert waiting.waits[:3] == [2.0, 3.0, 4.5]
    assert waiting.waits[-1] == 60.0


def test_they_end_with_the_caller_s_time_or_after_an_hour_of_failures() -> None:
    """The last error is raised; a look that succeeds begins the hour anew."""
    waiting = Waiting(10)
    with pytest.raises(e.Overloaded):
        waiting.fail_for_ever()
    assert waiting.now == 1010.0
    with pytest.raises(e.DeadlineExceeded, match="msgbatch_1 has not ended within 10 s"):
        waiting.run(waiting.looks.after(BATCH))
    waiting = Waiting(None)
    for _ in range(50):
        waiting.run(waiting.looks.after_error(BUSY))
    waiting.run(waiting.looks.after(BATCH))
    with pytest.raises(e.Overloaded):
        waiting.fail_for_ever()
    assert len(waiting.waits) > 100


def test_an_error_that_stays_is_raised_at_once() -> None:
    """A batch that is not there, a key that is refused."""
    waiting = Waiting(None)
    for error in (e.NotFound("no", status=404), e.AuthenticationFailed("no", status=401)):
        with pytest.raises(type(error)):
            waiting.run(waiting.looks.after_error(error))
    assert waiting.waits == []


@pytest.mark.parametrize(
    ("on_look", "give_up_after", "words"),
    [
        ("x", None, "on_look is of type str"),
        (None, -1, "give_up_after is -1"),
        (None, "5", "it takes a number"),
        (None, float("nan"), "nan"),
    ],
)
def test_what_cannot_be_used_is_refused_first(on_look: Any, give_up_after: Any, words: str) -> None:
    """Before a look."""
    with pytest.raises(e.UsageError, match=words):
        Looks(on_look, give_up_after)
