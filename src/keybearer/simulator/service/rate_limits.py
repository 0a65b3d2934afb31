"""Rate limits: token buckets that refill steadily, their headers, and the 429 when one is empty.

For each model line, every organization has a bucket for requests, one for input tokens (tokens read from the prompt
cache are free) and one for output tokens. A caller with a subscription's token has two windows instead, of five hours
and of seven days, described by the unified headers.

Source: the API's "Rate limits" page for the buckets, the tiers and the header names; the unified headers are not
documented, their format is what clients have seen.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock, rfc3339
from keybearer.simulator.core.errors import ServiceError

__all__ = ["TIERS", "ServiceLimits", "Tier"]

MINUTE: Final = 60.0
MOST_ORGANIZATIONS: Final = 10_000
"""Organizations whose limits are kept; a new one displaces the oldest, which starts with full limits again."""


class Tier(Struct, frozen=True):
    """Limits of an organization for a minute, and of a subscription for its windows (tokens)."""

    requests: int
    input_tokens: int
    output_tokens: int
    five_hours: int = 50_000_000
    seven_days: int = 500_000_000


TIERS: Final[dict[str, Tier]] = {
    "unlimited": Tier(10_000_000, 100_000_000_000, 100_000_000_000, 10**12, 10**13),
    "1": Tier(50, 30_000, 8_000),
    "2": Tier(1_000, 450_000, 90_000),
    "3": Tier(2_000, 800_000, 160_000),
    "4": Tier(4_000, 2_000_000, 400_000),
    "tiny": Tier(3, 1_000, 1_000, 10_000, 100_000),
}
"""Tier to its limits. `unlimited` sends the headers but refuses nobody in practice; `tiny` is for tests."""

HEADERS: Final = tuple(
    header
    for name in ("requests", "input-tokens", "output-tokens", "tokens")
    for header in (
        f"anthropic-ratelimit-{name}-limit",
        f"anthropic-ratelimit-{name}-remaining",
        f"anthropic-ratelimit-{name}-reset",
    )
)
"""The headers of a reply. Those of all tokens have the figures of the input tokens."""
WINDOWS: Final = {"5h": 5 * 3600.0, "7d": 7 * 86400.0}
WARNING: Final = 0.75


class _TokenBucket:
    def __init__(self, size: int, now: float) -> None:
        self.size = size
        self._size_text = str(size)
        self._rate = size / MINUTE
        self._level = float(size)
        self._at = now

    def level(self, now: float) -> float:
        level = self._level + (now - self._at) * self._rate
        self._level = level = min(self.size, level)
        self._at = now
        return level

    def take(self, amount: float, now: float) -> None:
        self._level = self.level(now) - amount

    def wait(self, amount: float, now: float) -> float:
        """Return the seconds until `amount` is available."""
        level = self.level(now)
        return 0.0 if level >= amount else (amount - level) / self._rate

    def figures(self, now: float) -> tuple[str, str, str]:
        """Return the size, what remains, and when it is full again."""
        level = self.level(now)
        if level == self.size:
            return self._size_text, self._size_text, rfc3339(now)
        return self._size_text, str(max(0, int(level))), rfc3339(now + (self.size - level) / self._rate)


class _Window:
    """A subscription's window: it opens with the first request, and its use is reset when it ends."""

    def __init__(self, size: int, seconds: float, clock: SimulatedClock) -> None:
        self.size = size
        self.seconds = seconds
        self._clock = clock
        self._used = 0
        self.reset = 0.0

    def use(self, amount: int) -> None:
        if self._clock.now() >= self.reset:
            self._used, self.reset = 0, self._clock.now() + self.seconds
        self._used += amount

    @property
    def utilization(self) -> float:
        return self._used / self.size if self._clock.now() < self.reset else 0.0

    @property
    def status(self) -> str:
        used = self.utilization
        return "rejected" if used >= 1 else "allowed_warning" if used >= WARNING else "allowed"


def _make_room(remembered: dict[Any, Any]) -> None:
    while len(remembered) >= MOST_ORGANIZATIONS:
        del remembered[next(iter(remembered))]


class ServiceLimits:
    """The buckets and windows of every organization.

    Args:
        tier: A name of `TIERS`.
        clock: The clock by which they refill.
    """

    def __init__(self, tier: str, clock: SimulatedClock) -> None:
        if tier not in TIERS:
            raise ValueError(f"no tier is called {tier!r}; there are {', '.join(TIERS)}")
        self._tier = TIERS[tier]
        self._clock = clock
        self._buckets: dict[tuple[str, str], dict[str, _TokenBucket]] = {}
        self._windows: dict[str, dict[str, _Window]] = {}

    def _of(self, organization: str, line: str) -> dict[str, _TokenBucket]:
        key = (organization, line)
        if key not in self._buckets:
            tier = self._tier
            sizes = {"requests": tier.requests, "input-tokens": tier.input_tokens, "output-tokens": tier.output_tokens}
            _make_room(self._buckets)
            now = self._clock.now()
            self._buckets[key] = {name: _TokenBucket(size, now) for name, size in sizes.items()}
        return self._buckets[key]

    def _windows_of(self, organization: str) -> dict[str, _Window]:
        if organization not in self._windows:
            sizes = {"5h": self._tier.five_hours, "7d": self._tier.seven_days}
            _make_room(self._windows)
            self._windows[organization] = {
                name: _Window(sizes[name], seconds, self._clock) for name, seconds in WINDOWS.items()
            }
        return self._windows[organization]

    def admit(self, organization: str, line: str, input_tokens: int, *, subscription: bool) -> None:
        """Admit a request, or refuse it.

        Args:
            organization: The owner of the limits.
            line: The model line, which has its own limits.
            input_tokens: The estimated input.
            subscription: Whether the caller has windows instead of buckets.

        Raises:
            ServiceError: 429, with `retry-after` and the limit headers.
        """
        if subscription:
            self._admit_subscription(organization)
            return
        buckets, now = self._of(organization, line), self._clock.now()
        for name, amount in (
            ("requests", 1),
            ("input-tokens", min(input_tokens, self._tier.input_tokens)),
            ("output-tokens", 1),
        ):
            wait = buckets[name].wait(amount, now)
            if wait > 0:
                limit = f"{buckets[name].size:,} {name.replace('-', ' ')} per minute"
                raise ServiceError(
                    "rate_limit_error",
                    f"This request would exceed your organization's rate limit of {limit} (model line: {line}).",
                    headers={"retry-after": str(int(wait) + 1), **self.headers(organization, line, subscription=False)},
                    rule="rate-limit",
                )
        buckets["requests"].take(1, now)

    def _admit_subscription(self, organization: str) -> None:
        for name, window in self._windows_of(organization).items():
            if window.status == "rejected":
                wait = int(window.reset - self._clock.now()) + 1
                raise ServiceError(
                    "rate_limit_error",
                    f"You have used up your {name} window.",
                    headers={
                        "retry-after": str(wait),
                        "x-should-retry": "true",
                        **self.headers(organization, "", subscription=True),
                    },
                    rule="subscription-window",
                )

    def charge(
        self, organization: str, line: str, *, input_tokens: int, output_tokens: int, subscription: bool
    ) -> None:
        """Charge the tokens that an answered request used, without those that the cache read."""
        if subscription:
            for window in self._windows_of(organization).values():
                window.use(input_tokens + output_tokens)
            return
        buckets, now = self._of(organization, line), self._clock.now()
        buckets["input-tokens"].take(input_tokens, now)
        buckets["output-tokens"].take(output_tokens, now)

    def headers(self, organization: str, line: str, *, subscription: bool) -> dict[str, str]:
        """Render the limit headers of a reply."""
        if subscription:
            return self._unified(organization)
        now = self._clock.now()
        requests, given, made = (bucket.figures(now) for bucket in self._of(organization, line).values())
        return dict(zip(HEADERS, (*requests, *given, *made, *given), strict=True))

    def _unified(self, organization: str) -> dict[str, str]:
        windows = self._windows_of(organization)
        name, worst = max(windows.items(), key=lambda item: item[1].utilization)
        claims = {"5h": "five_hour", "7d": "seven_day"}
        prefix = "anthropic-ratelimit-unified"
        headers = {
            f"{prefix}-status": worst.status,
            f"{prefix}-reset": str(int(worst.reset)),
            f"{prefix}-representative-claim": claims[name],
            f"{prefix}-fallback": "available",
            f"{prefix}-overage-status": "rejected",
        }
        for name, window in windows.items():
            headers |= {
                f"{prefix}-{name}-status": window.status,
                f"{prefix}-{name}-utilization": f"{window.utilization:.4f}",
                f"{prefix}-{name}-reset": str(int(window.reset)),
            }
        return headers
