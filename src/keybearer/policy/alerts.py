"""A word of warning when much of a limit is used: once, until it resets."""

from __future__ import annotations

from collections.abc import Iterator

from keybearer.types.hooks import LimitCrossed
from keybearer.types.rate_limits import RateLimits

__all__ = ["QuotaAlerts"]


class QuotaAlerts:
    """The alerts that were given already.

    Args:
        threshold: The share from which to tell: 0 to 1; None for never.
    """

    def __init__(self, threshold: float | None) -> None:
        self._threshold = threshold
        self._told: dict[str, float | None] = {}

    def crossed(self, limits: RateLimits | None) -> list[LimitCrossed]:
        """Return what has newly crossed the threshold."""
        if self._threshold is None or limits is None:
            return []
        news = []
        for each in _used(limits):
            if each.used < self._threshold:
                self._told.pop(each.name, None)
            elif each.name not in self._told or (each.resets_at or 0) > (self._told[each.name] or 0) + _SAME:
                self._told[each.name] = each.resets_at
                news.append(each)
        return news


_SAME = 60.0
"""Resets closer than this, in seconds, are of one window: a bucket's reset changes a little with each reply."""


def _used(limits: RateLimits) -> Iterator[LimitCrossed]:
    for name, limit in limits.limits.items():
        if limit.limit and limit.remaining is not None:
            yield LimitCrossed(name=name, used=1 - limit.remaining / limit.limit, resets_at=limit.reset)
    for name, window in limits.windows.items():
        if window.utilization is not None:
            yield LimitCrossed(name=f"window {name}", used=window.utilization, resets_at=window.reset)
