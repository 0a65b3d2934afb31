"""Learning from the service's headers; and the client under a service's limit, on a virtual clock."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

from keybearer.policy.adaptive import AdaptiveRateLimiter
from keybearer.policy.alerts import QuotaAlerts
from keybearer.types.rate_limits import Limit, RateLimits, Window
from keybearer.types.usage import Usage


def adaptive() -> AdaptiveRateLimiter:
    """Return a pacer that needs no lock."""
    return AdaptiveRateLimiter(lock=contextlib.nullcontext())


def requests(limit: int, remaining: int, reset: float) -> RateLimits:
    """Return what a reply says of the requests."""
    return RateLimits(limits={"requests": Limit(limit=limit, remaining=remaining, reset=reset)})


def test_nothing_known_is_no_wait() -> None:
    """Without headers, or with room, nothing waits."""
    learning = adaptive()
    assert learning.wait(0.0) == 0.0
    learning.on_reply(requests(50, 49, 60.0), 0.0, 0.0)
    assert learning.wait(0.0) == 0.0


def test_an_empty_bucket_is_waited_for_as_it_fills() -> None:
    """With none of 60 left and a minute to the reset, one comes in a second."""
    learning = adaptive()
    learning.on_reply(requests(60, 0, 60.0), 0.0, 0.0)
    assert learning.wait(0.0) == pytest.approx(1.0)
    assert learning.wait(0.75) == pytest.approx(0.25)
    assert learning.wait(1.0) == 0.0


def test_what_is_sent_counts_before_the_service_says_so() -> None:
    """Two left and three sent: the next one waits."""
    learning = adaptive()
    learning.on_reply(requests(60, 2, 58.0), 0.0, 0.0)
    for _ in range(3):
        learning.on_sent()
    assert learning.wait(0.0) == pytest.approx(2.0)


def test_tokens_are_judged_by_what_a_request_usually_costs() -> None:
    """Room for less than a usual request is waited for; the usual follows the usage."""
    learning = adaptive()
    left = RateLimits(limits={"input-tokens": Limit(limit=1000, remaining=400, reset=60.0)})
    learning.on_reply(left, 0.0, 0.0)
    assert learning.wait(0.0) == 0.0
    learning.on_usage(Usage(input_tokens=500, output_tokens=5))
    assert learning.wait(0.0) == pytest.approx(10.0)


def test_a_wait_ends_at_the_reset() -> None:
    """However little is known, nobody waits past the time when the limit is full again."""
    learning = adaptive()
    learning.on_usage(Usage(input_tokens=10_000_000))
    learning.on_reply(RateLimits(limits={"input-tokens": Limit(limit=100, remaining=0, reset=60.0)}), 0.0, 0.0)
    assert learning.wait(0.0) == 60.0
    assert learning.wait(61.0) == 0.0


def test_a_429_makes_everyone_wait() -> None:
    """The longest wait that was asked for holds."""
    learning = adaptive()
    learning.on_rate_limited(7.0, 100.0)
    learning.on_rate_limited(2.0, 100.0)
    assert (learning.wait(101.0), learning.wait(107.0)) == (6.0, 0.0)


def test_a_pause_lasts_a_minute_at_the_most_whatever_the_service_asks_for() -> None:
    """A retry-after of half a day holds everyone back for 60 s; then a request goes out and learns anew."""
    learning = adaptive()
    learning.on_rate_limited(51_811.0, 100.0)
    assert (learning.wait(100.0), learning.wait(159.0), learning.wait(160.0)) == (60.0, 1.0, 0.0)


def test_a_reset_in_the_far_future_holds_a_request_back_for_a_minute() -> None:
    """A limit that is full again in 2099 is waited for 60 s at a time."""
    learning = adaptive()
    learning.on_reply(requests(5, 0, 4_070_908_800.0), 0.0, 1_700_000_000.0)
    assert learning.wait(0.0) == 60.0


def test_a_clock_that_is_set_back_changes_no_wait() -> None:
    """A reset is put on the monotonic clock when it is learnt: what the wall clock does afterwards does not matter."""
    learning = adaptive()
    learning.on_reply(requests(60, 0, 1_700_000_060.0), 500.0, 1_700_000_000.0)
    assert learning.wait(500.0) == pytest.approx(1.0)
    assert learning.wait(501.0) == 0.0
    learning.on_reply(None, 501.0, 1_699_996_400.0)  # an hour earlier, says the wall clock
    assert learning.wait(561.0) == 0.0


def test_a_request_without_a_reply_is_no_longer_under_way() -> None:
    """What never was answered stops counting, so that the next reply's figure is taken as it is."""
    learning = adaptive()
    for _ in range(3):
        learning.on_sent()
    for _ in range(2):
        learning.on_reply(None, 0.0, 0.0)
    learning.on_reply(requests(60, 1, 59.0), 0.0, 0.0)
    assert learning.wait(0.0) == 0.0


def test_a_forked_child_has_none_of_its_parent_s_requests_under_way() -> None:
    """What the parent has under way is not counted against the child's first reply."""
    learning = adaptive()
    for _ in range(9):
        learning.on_sent()
    learning.after_fork(contextlib.nullcontext())
    learning.on_sent()
    learning.on_reply(requests(60, 1, 59.0), 0.0, 0.0)
    assert learning.wait(0.0) == 0.0


def test_an_alert_comes_once_until_the_reset() -> None:
    """Crossing the threshold is reported once; again after it was below, or in the next window."""
    alerts = QuotaAlerts(0.8)

    def names(limits: RateLimits) -> list[str]:
        return [each.name for each in alerts.crossed(limits)]

    assert names(requests(100, 30, 60.0)) == []
    assert names(requests(100, 15, 60.0)) == ["requests"]
    assert names(requests(100, 5, 61.0)) == []
    assert names(requests(100, 90, 62.0)) == []
    assert names(requests(100, 10, 63.0)) == ["requests"]
    assert names(RateLimits(windows={"5h": Window(utilization=0.9, reset=100.0)})) == ["window 5h"]
    assert names(RateLimits(windows={"5h": Window(utilization=0.95, reset=100.0)})) == []
    assert names(RateLimits(windows={"5h": Window(utilization=0.95, reset=18_100.0)})) == ["window 5h"]


def simulate(workers: int, *, adaptive: bool) -> tuple[float, float]:
    """Run workers for ten virtual minutes against a bucket of 60 requests a minute.

    Returns:
        The share of the service's capacity that was used, and the share of requests that got a 429.
    """
    from support.limiter import run

    return run(workers, adaptive=adaptive)


def test_the_page_s_table_is_what_the_simulation_gives() -> None:
    """docs/limits.md shows utilisation and 429s for each number of workers, as simulated here."""
    page = (Path(__file__).parent.parent.parent / "docs" / "limits.md").read_text()
    rows = re.findall(r"^\| (\d+) \| (\d+) % \| ([\d.]+) % \| (\d+) % \| ([\d.]+) % \|$", page, re.MULTILINE)
    assert len(rows) == 5
    for workers, used, refused, plain_used, plain_refused in rows:
        for adaptive, wanted in ((True, (used, refused)), (False, (plain_used, plain_refused))):
            share, share_429 = simulate(int(workers), adaptive=adaptive)
            assert (f"{100 * share:.0f}", f"{100 * share_429:.1f}") == wanted


def test_a_figure_that_is_not_known_teaches_nothing() -> None:
    """A usage without figures leaves what a request usually costs as it was: it does not count as 0."""
    learning = adaptive()
    left = RateLimits(
        limits={name: Limit(limit=1000, remaining=400, reset=60.0) for name in ("input-tokens", "tokens")}
    )
    learning.on_reply(left, 0.0, 0.0)
    learning.on_usage(Usage(input_tokens=500, output_tokens=0))
    for unknown in (Usage(), Usage(output_tokens=None, cache_creation_input_tokens=5)):
        for _ in range(50):
            learning.on_usage(unknown)
    assert learning.wait(0.0) == pytest.approx(10.0)
    learning.on_usage(Usage(input_tokens=500))
    assert learning.wait(0.0) == pytest.approx(10.0)
