"""Make a client's admission control from its arguments, rate, permits, retry budget, breaker, adaptive limiter; and its observers.

A forked child resets it: the child has none of its parent's calls, and a thread that it lacks may have held any of the locks.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from keybearer.errors import ConfigError
from keybearer.exchange.admission import Admission
from keybearer.exchange.observing import Observers
from keybearer.policy.adaptive import AdaptiveRateLimiter
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.concurrency import ConcurrencyLimiter
from keybearer.policy.rate_limiter import RateLimiter
from keybearer.policy.retry_budget import RetryBudget
from keybearer.shell.clocks import CLOCKS
from keybearer.types.hooks import Hooks

if TYPE_CHECKING:
    from concurrent.futures import Future

    from keybearer.exchange.fleet import FleetPort
    from keybearer.policy.alerts import QuotaAlerts
    from keybearer.types.observing import Observer

__all__ = ["follow_refreshes", "hooks_of", "make_admission", "observers_of"]

_all: Final[weakref.WeakSet[Admission]] = weakref.WeakSet()
"""Every client's admission control in this process."""


def make_admission(options: Mapping[str, Any]) -> Admission:
    """Make a client's admission control.

    Args:
        options: The client's arguments (`ClientOptions`).
    """
    breaker = options.get("circuit_breaker", True)
    if breaker is True:
        breaker = CircuitBreaker(lock=threading.Lock())
    _check_fleet(options)
    rate, permits = options.get("requests_per_second"), options.get("concurrency")
    concurrency = None if permits is None else ConcurrencyLimiter(permits, future=_future, lock=threading.Lock())
    admission = Admission(
        limiter=RateLimiter(rate, burst=options.get("burst", 1), future=_future, lock=threading.Lock()),
        budget=RetryBudget(
            options.get("retry_budget", 0.1), reserve=options.get("retry_reserve"), lock=threading.Lock()
        ),
        alerts=_alerts(options.get("quota_alert_threshold")),
        concurrency=concurrency,
        adaptive=AdaptiveRateLimiter(lock=threading.Lock()) if options.get("adaptive", True) else None,
        breaker=breaker or None,
        fleet=_fleet(options, concurrency),
    )
    _all.add(admission)
    return admission


def _alerts(threshold: float | None) -> QuotaAlerts | None:
    if threshold is None:
        return None
    from keybearer.policy.alerts import QuotaAlerts

    return QuotaAlerts(threshold)


def _check_fleet(options: Mapping[str, Any]) -> None:
    """Refuse options of a fleet that would have no effect."""
    shared = options.get("shared_limits") is not None
    alone = next((name for name in ("tenant", "tenant_weight", "on_fleet") if options.get(name) is not None), None)
    if alone is not None and not shared:
        raise ConfigError(
            f"Client({alone}=...) is about limits that are shared, and shared_limits names no Redis.", key=alone
        )
    if shared and options.get("platform") is not None:
        raise ConfigError(
            "Client(shared_limits=...) shares the limits of Anthropic's own API; a platform's quotas are not stated in its replies.",
            key="shared_limits",
        )
    if shared and options.get("adaptive", True) is False:
        raise ConfigError(
            "Client(adaptive=False) ignores the service's limits, which shared_limits shares; leave one of them out.",
            key="adaptive",
        )


def _fleet(options: Mapping[str, Any], concurrency: ConcurrencyLimiter | None) -> FleetPort | None:
    if (shared := options.get("shared_limits")) is None:
        return None
    from keybearer.config.redis_server import redis_of
    from keybearer.shell.redis.fleet import FleetMember

    return FleetMember(
        redis_of(shared),
        tenant=options.get("tenant") or "",
        weight=float(options.get("tenant_weight") or 1),
        concurrency=concurrency,
    )


def _future() -> Future[None]:
    from concurrent.futures import Future

    return Future()


def _after_fork() -> None:
    for admission in list(_all):
        admission.after_fork(threading.Lock)
    for observers in list(_all_observers):
        observers.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def hooks_of(options: Mapping[str, Any]) -> Hooks:
    """Return the hooks among a client's arguments."""
    return Hooks(**{name: options[name] for name in Hooks.__struct_fields__ if options.get(name) is not None})


_all_observers: weakref.WeakSet[Observers] = weakref.WeakSet()


def observers_of(options: Mapping[str, Any], hooks: Hooks) -> Observers:
    """Return the observers of a client: those among its arguments, and the telemetry.

    Args:
        options: The client's arguments.
        hooks: Its hooks.

    Raises:
        ConfigError: `telemetry` is true, and OpenTelemetry is not installed.
    """
    given, wanted = tuple(options.get("observers") or ()), options.get("telemetry")
    found: Callable[[], Observer | None] | None = _telemetry
    if wanted is False or any(getattr(each, "is_telemetry", False) for each in given):
        found = None
    elif wanted:
        from keybearer.observe import providers

        providers.load()
        found = providers.always
    observers = Observers(given, found, clocks=CLOCKS, hooks=hooks)
    _all_observers.add(observers)
    return observers


def follow_refreshes(credentials: Any, observers: Observers) -> None:
    """Let observers hear of the refreshes of credentials that are refreshed."""
    if (follow := getattr(credentials, "follow", None)) is not None:
        follow(observers)


def _telemetry() -> Observer | None:
    """Return the telemetry if the program uses OpenTelemetry. Asked at each call, so it imports nothing where it does not."""
    if "opentelemetry.trace" not in sys.modules and "opentelemetry.metrics" not in sys.modules:
        return None
    found: Callable[[], Observer | None] = _providers().found
    return found()


@cache
def _providers() -> Any:
    from keybearer.observe import providers

    return providers
