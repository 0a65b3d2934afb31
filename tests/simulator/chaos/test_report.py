"""The report in words, and through a whole run with the official SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import pytest
import urllib3

from keybearer import Client
from keybearer.simulator import Simulator
from keybearer.simulator.chaos.report import RunReport
from keybearer.simulator.chaos.tally import FaultOutcome

PROFILE = """
seed: 5
faults:
  - {name: late, fault: slow; seconds=0.01, burst: {requests: 1, every: 3}}
  - {name: overload, fault: overloaded; retry_after_ms=1, burst: {requests: 1, every: 5}}
  - {name: lost, fault: cut; phase=text, burst: {requests: 1, every: 7}}
"""


def report(**fields: int) -> RunReport:
    """Make a report of one fault."""
    outcomes = [FaultOutcome("it", **fields)]
    return RunReport(
        profile="mine", seeds=(1, 2), tolerate=0.5, requests=9, outcomes=outcomes, findings=(), began=0, seconds=1
    )


def test_in_words() -> None:
    """Every count that says something; and whether it is tolerated."""
    good = report(struck=4, recovered=1, answered=1, final=1, given_up=1, extra=1)
    assert good.lines() == [
        "chaos mine (seed 1, --seed 2): 4 of 9 requests struck",
        "  ok      it: " + good.words(good.outcomes[0]),
    ]
    assert good.words(good.outcomes[0]).split(", ")[2:4] == ["1 answered in spite of it", "1 rightly not tried again"]
    assert (good.is_ok, report(struck=3, given_up=2).is_ok) == (True, False)
    assert report(missed=2).lines()[1] == "  -       it: struck no request; 2 had no such part"


@contextmanager
def official(sim: Simulator) -> Iterator[Callable[[str], object]]:
    """Give a call of the official SDK."""
    with anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as client:

        def ask(text: str) -> object:
            asked: list[anthropic.types.MessageParam] = [{"role": "user", "content": text}]
            with client.messages.stream(model="claude-haiku-4-5", max_tokens=50, messages=asked) as stream:
                return stream.get_final_message()

        yield ask


@contextmanager
def ours(sim: Simulator) -> Iterator[Callable[[str], object]]:
    """Give a call of our client."""
    with Client(base_url=sim.base_url, api_key=sim.api_key, model="claude-haiku-4-5") as client:

        def ask(text: str) -> object:
            with client.messages.stream(max_tokens=50, messages=[{"role": "user", "content": text}]) as stream:
                return stream.get_final_message()

        yield ask


@pytest.mark.parametrize("make", [official, ours])
def test_two_clients_under_one_profile(make: Any, tmp_path: Path) -> None:
    """Both come again after an overload, and neither after a stream that was cut: the report says so, in its file too."""
    (tmp_path / "mine.yaml").write_text(PROFILE, encoding="utf-8")
    failed = []
    with Simulator(chaos=tmp_path / "mine.yaml", report=tmp_path / "report.xml") as sim, make(sim) as ask:
        for number in range(7):
            try:
                ask(f"Count to {number + 3}")
            except Exception as error:  # noqa: BLE001  # each client raises what it likes
                failed.append(error)
        late, overload, lost = sim.report.outcomes
        with urllib3.PoolManager() as http:
            page = http.request("GET", f"{sim.base_url}/_sim/chaos", headers={"x-sim-token": sim.token}).json()
    assert len(failed) == 1
    assert (late.struck, late.answered) == (2, 2)
    assert (overload.struck, overload.recovered, overload.extra) == (1, 1, 1)
    assert (lost.struck, lost.given_up, lost.extra) == (1, 1, 0)
    assert (page["profile"], page["ok"], [each["ok"] for each in page["data"]]) == ("mine", False, [True, True, False])
    written = (tmp_path / "report.xml").read_text(encoding="utf-8")
    assert 'tests="4" failures="1" errors="0">' in written
    assert "struck 1 request, 0 recovered, 1 given up, no extra requests" in written
