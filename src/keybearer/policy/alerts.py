"""Alerts when the used share of a limit crosses a threshold: one for each limit until it resets."""

from __future__ import annotations

from collections.abc import Iterator

from keybearer.types.hooks import LimitCrossed
from keybearer.types.rate_limits import RateLimits

__all__ = ["QuotaAlerts"]


class QuotaAlerts:
    """The alerts of one client.

    Args:
        threshold: The used share that causes an alert, 0 to 1.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._reported: dict[str, float | None] = {}  # limit to its reset, for those that were reported

    def crossed(self, limits: RateLimits | None) -> list[LimitCrossed]:
        """Return the limits that have crossed the threshold since the last reply."""
        if limits is None:
            return []
        news = []
        for each in _used(limits):
            if each.used < self._threshold:
                self._reported.pop(each.name, None)
            elif each.name not in self._reported or (each.resets_at or 0) > (self._reported[each.name] or 0) + _SAME:
                self._reported[each.name] = each.resets_at
                news.append(each)
        return news


_SAME = 60.0
"""Resets closer than this, in seconds, count as the same one: a bucket's reset changes a little with each reply."""


def _used(limits: RateLimits) -> Iterator[LimitCrossed]:
    for name, limit in limits.limits.items():
        if limit.limit and limit.remaining is not None:
            yield LimitCrossed(name=name, used=1 - limit.remaining / limit.limit, resets_at=limit.reset)
    for name, window in limits.windows.items():
        if window.utilization is not None:
            yield LimitCrossed(name=f"window {name}", used=window.utilization, resets_at=window.reset)
