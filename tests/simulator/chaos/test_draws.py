"""Which requests a profile strikes: the same ones for the same seed, in whatever order they come."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keybearer.simulator.chaos.draws import Chaos
from keybearer.simulator.chaos.profile import make_profile
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.request import ServedCall

START = 1_800_000_000.0


def call(text: str, *, path: str = "/v1/messages", headers: dict[str, str] | None = None, **body: Any) -> ServedCall:
    """Make a request."""
    whole = {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": text}], **body}
    return ServedCall("POST", path, {}, headers or {}, json.dumps(whole).encode(), f"req_{text}")


def chaos(*rules: dict[str, Any], seed: int = 1, own: int = 0, **more: Any) -> tuple[Chaos, SimulatedClock]:
    """Put a profile to work, on a clock that stands still."""
    clock = SimulatedClock(START)
    return Chaos(make_profile({"seed": seed, "faults": list(rules), **more}, "test"), clock, own), clock


def names(made: Chaos, calls: list[ServedCall]) -> list[str | None]:
    """Return the fault of each request."""
    return [fault.kind.name if (fault := made.decide(each).fault) else None for each in calls]


RATES = ({"fault": "overloaded", "rate": 0.2}, {"fault": "drop", "rate": "10%"})
TEXTS = st.lists(st.integers(0, 30).map(lambda number: f"say {number}"), max_size=60)


@given(texts=TEXTS, seed=st.integers(0, 5))
def test_the_same_requests_get_the_same_faults(texts: list[str], seed: int) -> None:
    """Bursts too, if they come in the same order."""
    rules = (*RATES, {"fault": "html", "burst": {"requests": 2, "every": 7}})
    calls = [call(text) for text in texts]
    assert names(chaos(*rules, seed=seed)[0], calls) == names(chaos(*rules, seed=seed)[0], calls)


@given(texts=TEXTS, order=st.randoms(use_true_random=False))
def test_the_order_of_different_requests_does_not_matter(texts: list[str], order: random.Random) -> None:
    """Each request has a row of draws of its own, so many at once get the same faults as one after another."""

    def fates(each: list[str]) -> list[tuple[str, str | None]]:
        return sorted(zip(each, names(chaos(*RATES)[0], [call(text) for text in each]), strict=True), key=str)

    shuffled = list(texts)
    order.shuffle(shuffled)
    assert fates(shuffled) == fates(texts)


def test_rates_are_kept_and_seeds_differ() -> None:
    """Of 4,000 requests each rate's share is struck, within three standard deviations; another seed strikes others."""
    calls = [call(f"number {number}") for number in range(4000)]
    struck = names(chaos(*RATES)[0], calls)
    assert 724 <= struck.count("overloaded") <= 876
    assert 343 <= struck.count("drop") <= 457
    assert names(chaos(*RATES, seed=2)[0], calls[:200]) != struck[:200]
    assert names(chaos(*RATES, own=2)[0], calls[:200]) != struck[:200]


def test_ids_and_dates_do_not_change_a_request() -> None:
    """What a replay takes for the same request is the same here; a retry is a new draw."""
    one, other = call("At 2026-11-01 in toolu_abcdef123"), call("At 2027-01-05 in toolu_fedcba321")
    half = {"fault": "overloaded", "rate": 0.5}
    assert names(chaos(half)[0], [one] * 20) == names(chaos(half)[0], [other] * 20)
    assert set(names(chaos(half)[0], [one] * 20)) == {"overloaded", None}


def test_bursts_by_requests_and_by_seconds() -> None:
    """The last of every so many requests, and the first ones after every so many seconds."""
    calls = [call(str(number)) for number in range(10)]
    row, _ = chaos({"fault": "drop", "burst": {"requests": 2, "every": 5}})
    assert names(row, calls) == [None, None, None, "drop", "drop"] * 2
    timed, clock = chaos({"fault": "drop", "burst": {"requests": 2, "every_seconds": 60}})
    assert names(timed, calls[:3]) == [None, None, None]
    clock.advance(61)
    assert names(timed, calls[:3]) == ["drop", "drop", None]
    clock.advance(30)
    assert names(timed, calls[:2]) == [None, None]
    clock.advance(30)
    assert names(timed, calls[:3]) == ["drop", "drop", None]


def test_a_brownout_raises_rates_and_slows_replies() -> None:
    """Only while it lasts."""
    worse = {"start": 10, "seconds": 10, "raise": 4, "first_byte": 2, "tokens_per_second": 30}
    made, clock = chaos({"fault": "drop", "rate": 0.25}, brownouts=[worse])
    calls = [call(str(number)) for number in range(40)]
    assert 0 < names(made, calls).count("drop") < 40
    clock.advance(12)
    assert names(made, calls) == ["drop"] * 40
    fate = made.decide(calls[0])
    assert (fate.first_byte, fate.tokens_per_second) == (2, 30)
    clock.advance(10)
    assert names(made, calls).count("drop") < 40
    assert (made.decide(calls[0]).first_byte, made.decide(calls[0]).tokens_per_second) == (0, 0)


def test_a_match_says_whom_it_strikes() -> None:
    """By model, path, session, agent, header and stream; the token endpoint only by its path."""
    for match, hit, miss in (
        ({"model": "opus"}, call("a", model="claude-opus-5"), call("a")),
        ({"path": "count_tokens$"}, call("a", path="/v1/messages/count_tokens"), call("a")),
        ({"session": "^s1$"}, call("a", metadata={"user_id": "s1"}), call("a", metadata={"user_id": "s2"})),
        (
            {"agent": "subagent"},
            call("a", headers={"x-claude-code-agent-id": "a7"}),
            call("a", headers={"x-claude-code-agent-type": "x"}),
        ),
        ({"headers": {"x-sim-test": "two"}}, call("a", headers={"x-sim-test": "two"}), call("a")),
        ({"stream": True}, call("a", stream=True), call("a")),
        ({"path": "oauth/token"}, call("a", path="/v1/oauth/token"), call("a", path="/v1/oauth/other")),
    ):
        made, _ = chaos({"fault": "drop", "rate": 1, "match": match})
        assert names(made, [hit, miss]) == ["drop", None], match
    everywhere, _ = chaos({"fault": "drop", "rate": 1})
    assert names(everywhere, [call("a", path="/v1/oauth/token"), call("a", path="/_sim/verdict")]) == [None, None]
    phased, _ = chaos({"fault": "cut; phase=text", "rate": 1})
    assert names(phased, [call("a"), call("a", stream=True)]) == [None, "cut"]
