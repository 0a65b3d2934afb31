"""The limits in a reply's headers."""

from __future__ import annotations

from keybearer.types.rate_limits import Limit, RateLimits, Window


def test_limits_of_a_key_and_of_a_subscription() -> None:
    """Every header is read: names and windows by pattern, RFC 3339 and epoch times alike."""
    limits = RateLimits.from_headers(
        {
            "anthropic-ratelimit-requests-limit": "50",
            "anthropic-ratelimit-requests-remaining": "49",
            "anthropic-ratelimit-requests-reset": "2026-11-22T12:00:00Z",
            "anthropic-ratelimit-input-tokens-remaining": "1000",
            "anthropic-priority-output-tokens-limit": "7",
            "anthropic-ratelimit-unified-status": "allowed_warning",
            "anthropic-ratelimit-unified-reset": "1700000000",
            "anthropic-ratelimit-unified-representative-claim": "five_hour",
            "anthropic-ratelimit-unified-5h-status": "allowed",
            "anthropic-ratelimit-unified-5h-utilization": "0.83",
            "anthropic-ratelimit-unified-5h-reset": "1700000000",
            "anthropic-ratelimit-unified-7d_opus-utilization": "1.02",
            "request-id": "req_1",
        }
    )
    assert limits == RateLimits(
        limits={
            "requests": Limit(limit=50, remaining=49, reset=1795348800.0),
            "input-tokens": Limit(remaining=1000),
            "priority-output-tokens": Limit(limit=7),
        },
        windows={
            "5h": Window(status="allowed", utilization=0.83, reset=1700000000.0),
            "7d_opus": Window(utilization=1.02),
        },
        status="allowed_warning",
        reset=1700000000.0,
        claim="five_hour",
    )


def test_nonsense_is_nothing() -> None:
    """A value that is no number or no time is None; without such headers there are no limits."""
    limits = RateLimits.from_headers(
        {
            "anthropic-ratelimit-tokens-limit": "many",
            "anthropic-ratelimit-tokens-reset": "soon",
            "anthropic-ratelimit-tokens-remaining": "nan",
        }
    )
    assert limits == RateLimits(limits={"tokens": Limit()})
    assert RateLimits.from_headers({"request-id": "req_1"}) is None
