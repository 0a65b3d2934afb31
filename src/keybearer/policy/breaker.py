"""The circuit breaker: after a long row of failures, stop sending for a while.

    closed ──a row of failures, long enough──▶ open ──cooldown──▶ half open ──probe succeeds──▶ closed
                                                ▲                    │
                                                └───── probe fails ──┘

Contract: only failures of the service or of the way to it count: 5xx, 529, connections. Anything else, a 4xx or a 429 too, shows that
the service answers, and ends the row. Half open, one call is the probe; the others fail fast. A probe that is cancelled
frees its place.
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
        self._probing = False

    def state(self, now: float) -> Literal["closed", "open", "half_open"]:
        """Return the state at a time of the monotonic clock."""
        if self._opened is None:
            return "closed"
        return "open" if now < self._opened + self._cooldown else "half_open"

    def enter(self, now: float) -> bool:
        """Ask to send; whoever may must say how it ended (`succeed`, `fail` or `abandon`).

        Returns:
            Whether the call is the probe, which alone may `abandon` it.

        Raises:
            Held: It may not; with the seconds until it is worth asking again.
        """
        if self._opened is None:  # nothing to guard on the way that every call takes
            return False
        with self._guard:
            state = self.state(now)
            if state == "half_open" and not self._probing:
                self._probing = True
                return True
            if state == "closed":
                return False
            raise Held(max(self._opened + self._cooldown - now, 1.0))

    def succeed(self) -> None:
        """Note that the service answered."""
        if self._row or self._opened is not None:
            with self._guard:
                self._row, self._opened, self._probing = 0, None, False

    def fail(self, now: float) -> None:
        """Note that it did not."""
        with self._guard:
            if self._probing or self._opened is not None:
                self._opened, self._probing = now, False
                return
            self._since = now if self._row == 0 else self._since
            self._row += 1
            if self._row >= self._failures and now - self._since >= self._span:
                self._opened = now

    def abandon(self) -> None:
        """Note that the probe was cancelled."""
        with self._guard:
            self._probing = False
