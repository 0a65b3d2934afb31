"""A client's traffic from its arguments: rate, places, budget, breaker, and what it learns from the service."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from keybearer.exchange.traffic import Traffic
from keybearer.policy.alerts import QuotaAlerts
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.budget import RetryBudget
from keybearer.policy.gate import Gate
from keybearer.policy.limits import RateLimiter
from keybearer.policy.pacer import Pacer
from keybearer.types.hooks import Hooks

__all__ = ["hooks_of", "make_traffic"]


def make_traffic(options: Mapping[str, Any]) -> Traffic:
    """Make a client's traffic.

    Args:
        options: The client's arguments (`ClientOptions`).
    """
    breaker = options.get("circuit_breaker", True)
    if breaker is True:
        breaker = CircuitBreaker(guard=threading.Lock())
    return Traffic(
        limiter=RateLimiter(options.get("requests_per_second"), burst=options.get("burst", 1), guard=threading.Lock()),
        budget=RetryBudget(options.get("retry_budget", 0.1), guard=threading.Lock()),
        alerts=QuotaAlerts(options.get("quota_alert_threshold")),
        gate=_gate(options.get("concurrency")),
        pacer=Pacer(guard=threading.Lock()) if options.get("adaptive", True) else None,
        breaker=breaker or None,
    )


def _gate(places: int | None) -> Gate | None:
    if places is None:
        return None
    from concurrent.futures import Future

    return Gate(places, future=Future, guard=threading.Lock())


def hooks_of(options: Mapping[str, Any]) -> Hooks:
    """Return the hooks among a client's arguments."""
    return Hooks(**{name: options[name] for name in Hooks.__struct_fields__ if options.get(name) is not None})
