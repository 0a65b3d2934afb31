"""Rate limits, their headers, and a subscription's windows, all on a clock that the tests turn."""

from __future__ import annotations

import pytest

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.service.rate_limits import TIERS, ServiceLimits

START = 1_800_000_000.0


@pytest.fixture
def clock() -> SimulatedClock:
    """Stop a clock at a moment."""
    return SimulatedClock(START)


def ask(limits: ServiceLimits, tokens: int = 10, *, output: int = 0, subscription: bool = False) -> None:
    """Send one request through the limits."""
    limits.admit("org", "haiku", tokens, subscription=subscription)
    limits.charge("org", "haiku", input_tokens=tokens, output_tokens=output, subscription=subscription)


def refused(limits: ServiceLimits, tokens: int = 10, *, subscription: bool = False) -> ServiceError:
    """Send one request that must be refused, and return the refusal."""
    with pytest.raises(ServiceError) as caught:
        ask(limits, tokens, subscription=subscription)
    return caught.value


def test_the_request_after_the_last_is_refused(clock: SimulatedClock) -> None:
    """Three requests pass, the fourth is a 429 that says when to come back, and then it passes."""
    limits = ServiceLimits("tiny", clock)
    for _ in range(3):
        ask(limits)
    error = refused(limits)
    assert (error.status, error.type, error.headers["retry-after"]) == (429, "rate_limit_error", "21")
    clock.advance(19.9)
    refused(limits)
    clock.advance(0.2)
    ask(limits)


def test_input_tokens(clock: SimulatedClock) -> None:
    """The bucket of input tokens empties, and refills steadily."""
    limits = ServiceLimits("tiny", clock)
    ask(limits, 900)
    assert "1,000 input tokens per minute" in refused(limits, 101).message
    ask(limits, 100)


def test_output_tokens_are_charged_when_they_are_known(clock: SimulatedClock) -> None:
    """An answer may overdraw the bucket of output tokens; the next request waits."""
    limits = ServiceLimits("tiny", clock)
    ask(limits, output=2000)
    assert "output tokens" in refused(limits).message
    clock.advance(61)
    ask(limits)


def test_lines_and_organisations_have_their_own(clock: SimulatedClock) -> None:
    """Another model line, and another organisation, is not limited by the first."""
    limits = ServiceLimits("tiny", clock)
    for _ in range(3):
        ask(limits)
    limits.admit("org", "opus", 10, subscription=False)
    limits.admit("other", "haiku", 10, subscription=False)


def test_headers(clock: SimulatedClock) -> None:
    """Each limit has headers with what remains and when it is full again, in RFC 3339."""
    limits = ServiceLimits("tiny", clock)
    ask(limits, 500)
    headers = limits.headers("org", "haiku", subscription=False)
    assert headers["anthropic-ratelimit-requests-limit"] == "3"
    assert headers["anthropic-ratelimit-requests-remaining"] == "2"
    assert headers["anthropic-ratelimit-input-tokens-remaining"] == "500"
    assert headers["anthropic-ratelimit-tokens-limit"] == "1000"
    assert headers["anthropic-ratelimit-input-tokens-reset"] == "2027-01-15T08:00:30Z"


def test_a_subscription_has_windows(clock: SimulatedClock) -> None:
    """A window warns at three quarters, refuses when it is full, and forgets when it ends."""
    limits = ServiceLimits("tiny", clock)
    ask(limits, 7_400, subscription=True)
    headers = limits.headers("org", "", subscription=True)
    assert headers["anthropic-ratelimit-unified-status"] == "allowed"
    assert headers["anthropic-ratelimit-unified-5h-utilization"] == "0.7400"
    ask(limits, 200, subscription=True)
    assert limits.headers("org", "", subscription=True)["anthropic-ratelimit-unified-5h-status"] == "allowed_warning"
    ask(limits, 2_400, subscription=True)
    error = refused(limits, subscription=True)
    assert error.headers["anthropic-ratelimit-unified-status"] == "rejected"
    assert error.headers["anthropic-ratelimit-unified-representative-claim"] == "five_hour"
    assert error.headers["anthropic-ratelimit-unified-reset"] == str(int(START) + 18_000)
    assert error.headers["retry-after"] == "18001"
    clock.advance(18_000)
    ask(limits, subscription=True)
    assert limits.headers("org", "", subscription=True)["anthropic-ratelimit-unified-5h-status"] == "allowed"


def test_unknown_tier() -> None:
    """A tier that does not exist is refused with those that do."""
    with pytest.raises(ValueError, match="there are unlimited, 1, 2, 3, 4, tiny"):
        ServiceLimits("5", SimulatedClock())
    assert "unlimited" in TIERS
