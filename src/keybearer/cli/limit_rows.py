"""The service's rate limits as rows for people: `limits` and `doctor` show them."""

from __future__ import annotations

from typing import NamedTuple

from keybearer.errors.sanitize import sanitize
from keybearer.types.rate_limits import RateLimits

__all__ = ["LimitRow", "limit_rows"]


class LimitRow(NamedTuple):
    """One limit.

    Attributes:
        name: Its name, such as `input-tokens` or `5h`.
        used: The share that is used; None where the service does not say.
        words: What is left of it, and when it is full again.
    """

    name: str
    used: float | None
    words: str


def limit_rows(limits: RateLimits, now: float) -> list[LimitRow]:
    """Return a row for each limit and for each window of a subscription.

    Args:
        limits: The limits in a reply's headers.
        now: The present, in epoch seconds.
    """
    rows = []
    for name, limit in limits.limits.items():
        known = limit.limit and limit.remaining is not None
        used = 1 - limit.remaining / limit.limit if known and limit.limit and limit.remaining is not None else None
        left = "?" if limit.remaining is None else f"{limit.remaining:,}"
        all_of_it = "?" if limit.limit is None else f"{limit.limit:,}"
        rows.append(LimitRow(sanitize(name, 40), used, f"{left} of {all_of_it} left{_resets(limit.reset, now)}"))
    for name, window in limits.windows.items():
        words = "its use is not said" if window.utilization is None else f"{window.utilization:.0%} used"
        status = f", {sanitize(window.status, 40)}" if window.status else ""
        rows.append(LimitRow(sanitize(name, 40), window.utilization, f"{words}{status}{_resets(window.reset, now)}"))
    return rows


def _resets(reset: float | None, now: float) -> str:
    if reset is None:
        return ""
    seconds = max(0, round(reset - now))
    if seconds < 120:
        return f", full again in {seconds} s"
    minutes = seconds // 60
    return (
        f", full again in {minutes} min" if minutes < 120 else f", full again in {minutes // 60} h {minutes % 60} min"
    )
