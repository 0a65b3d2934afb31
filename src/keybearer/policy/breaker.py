"""The circuit breaker: after a long row of failures, stop sending for a while.

    closed ──a row of failures, long enough──▶ open ──cooldown──▶ half open ──probe succeeds──▶ closed
                                                ▲                    │
                                                └───── probe fails ──┘

Contract: only failures of the service or of the way to it count: 5xx, 529, connections. Anything else, a 4xx or a 429 too, shows that
the service answers, and ends the row. Half open, one call is the probe; the others fail fast. A probe that ends without an answer
to the question (cancelled, its own deadline) is abandoned, and the next call is the probe; one that is still under way after another
cool-down no longer keeps a second one back. So at least one probe goes out in each cool-down in which a call is made.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal

__all__ = ["CircuitBreaker", "Held"]


class Held(Exception):  # noqa: N818 - what happened; it never leaves the exchange
    """The breaker holds a call back.

    Args:
        seconds: Until it is worth asking again.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class CircuitBreaker:
    """One service's breaker.

    Args:
        failures: How many failures in a row open it.
        span: How long the row must last, in seconds: a blip that fails many calls at once does not open it.
        cooldown: How long it stays open before a probe, in seconds.
        guard: A lock, where threads share the breaker.
    """

    def __init__(
        self, *, failures: int = 20, span: float = 10.0, cooldown: float = 30.0, guard: AbstractContextManager[object]
    ) -> None:
        self._failures, self._span, self._cooldown = failures, span, cooldown
        self._guard = guard
        self._row = 0
        self._since = 0.0
        self._opened: float | None = None
        self._probe = 0  # the number of the probe under way; 0 for none
        self._probe_since = 0.0
        self._probes = 0

    def state(self, now: float) -> Literal["closed", "open", "half_open"]:
        """Return the state at a time of the monotonic clock."""
        if self._opened is None:
            return "closed"
        return "open" if now < self._opened + self._cooldown else "half_open"

    def enter(self, now: float) -> int:
        """Ask to send; a caller that may send must report how it ended (`succeed`, `fail` or, for a probe, `abandon`).

        Returns:
            The probe's number where the call is the probe, else 0.

        Raises:
            Held: It may not; with the seconds until it is worth asking again.
        """
        if self._opened is None:  # nothing to guard on the way that every call takes
            return 0
        with self._guard:
            if self.state(now) == "closed":  # since the line above, in another thread
                return 0
            free_at = self._opened + self._cooldown
            if self._probe:
                free_at = max(free_at, self._probe_since + self._cooldown)
            if now < free_at:
                raise Held(max(free_at - now, 1.0) if self._probe == 0 else 1.0)
            self._probes += 1
            self._probe, self._probe_since = self._probes, now
            return self._probe

    def succeed(self) -> None:
        """Note that the service answered."""
        if self._row or self._opened is not None:
            with self._guard:
                self._row, self._opened, self._probe = 0, None, 0

    def fail(self, now: float) -> None:
        """Note that it did not."""
        with self._guard:
            if self._opened is not None:
                self._opened, self._probe = now, 0
                return
            self._since = now if self._row == 0 else self._since
            self._row += 1
            if self._row >= self._failures and now - self._since >= self._span:
                self._opened = now

    def abandon(self, probe: int) -> None:
        """Note that a probe ended without telling anything of the service; another call may be the probe.

        Args:
            probe: Its number; one that is no longer the probe under way changes nothing.
        """
        with self._guard:
            if self._probe == probe:
                self._probe = 0

    def begin_anew(self, guard: AbstractContextManager[object]) -> None:
        """Free the probe that a forked child's parent has under way, and take another lock; what is known of the service stays."""
        self._guard, self._probe = guard, 0
