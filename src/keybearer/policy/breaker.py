"""The circuit breaker: after many failures in a row, stop sending for a while.

    closed ──enough failures in a row────────▶ open ──cooldown──▶ half open ──probe succeeds──▶ closed
                                                ▲                    │
                                                └───── probe fails ──┘

Contract: only failures of the service or of the network count: 5xx, 529, connections. Any other reply, even a 4xx or a 429, shows that
the service answers, and resets the count. While half open, one call is the probe, and the others fail fast. A probe that says nothing
about the service (it was cancelled, or its deadline passed) is abandoned, and the next call is the probe. A probe that is still under
way after another cooldown does not hold back the next one. So each cooldown in which a call is made has at least one probe.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal

__all__ = ["BreakerOpen", "CircuitBreaker"]


class BreakerOpen(Exception):  # noqa: N818 - what happened; it never leaves the exchange
    """The breaker does not let a call through.

    Args:
        seconds: How long until it may let one through.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class CircuitBreaker:
    """One service's breaker.

    Args:
        failures: How many failures in a row open it.
        span: The least time from the first of them to the last, in seconds. So a short outage that fails many calls at once does not
            open it.
        cooldown: How long it stays open before a probe, in seconds.
        lock: The lock of its state.
    """

    def __init__(
        self, *, failures: int = 20, span: float = 10.0, cooldown: float = 30.0, lock: AbstractContextManager[object]
    ) -> None:
        self._failures, self._span, self._cooldown = failures, span, cooldown
        self._lock = lock
        self._row = 0
        self._since = 0.0
        self._opened: float | None = None
        self._probe = 0  # the number of the probe under way; 0 for none
        self._probe_since = 0.0
        self._probes = 0

    def state(self, now: float) -> Literal["closed", "open", "half_open"]:
        """Return the state; `now` is the monotonic clock."""
        if self._opened is None:
            return "closed"
        return "open" if now < self._opened + self._cooldown else "half_open"

    def admit(self, now: float) -> int:
        """Let a call through, or raise. The caller then reports how it ended: `succeed`, `fail` or, for a probe, `abandon`.

        Returns:
            The number of the probe, if the call is one; else 0.

        Raises:
            BreakerOpen: The call may not be sent now.
        """
        if self._opened is None:  # most calls take this path, without the lock
            return 0
        with self._lock:
            if self.state(now) == "closed":  # another thread closed it since the line above
                return 0
            free_at = self._opened + self._cooldown
            if self._probe:
                free_at = max(free_at, self._probe_since + self._cooldown)
            if now < free_at:
                raise BreakerOpen(max(free_at - now, 1.0) if self._probe == 0 else 1.0)
            self._probes += 1
            self._probe, self._probe_since = self._probes, now
            return self._probe

    def succeed(self) -> None:
        """Record that the service answered."""
        if self._row or self._opened is not None:
            with self._lock:
                self._row, self._opened, self._probe = 0, None, 0

    def fail(self, now: float) -> None:
        """Record that it did not."""
        with self._lock:
            if self._opened is not None:
                self._opened, self._probe = now, 0
                return
            self._since = now if self._row == 0 else self._since
            self._row += 1
            if self._row >= self._failures and now - self._since >= self._span:
                self._opened = now

    def abandon(self, probe: int) -> None:
        """Record that a probe ended and said nothing about the service, so another call may be the probe.

        Args:
            probe: The number of the probe; if it is not the one under way, nothing changes.
        """
        with self._lock:
            if self._probe == probe:
                self._probe = 0

    def after_fork(self, lock: AbstractContextManager[object]) -> None:
        """Reset in a forked child: the parent's probe is forgotten, and the lock is replaced. The state stays."""
        self._lock, self._probe = lock, 0
