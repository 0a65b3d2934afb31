"""The headers by which a reply says whether and when to retry.

Source: RFC 9110, section 10.2.3 (`retry-after` in seconds or as an HTTP date). `retry-after-ms` and `x-should-retry` are the service's
own headers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["retry_after", "should_retry"]


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return how long the service asks to wait, in seconds; None without a usable header.

    Args:
        headers: The reply's headers.
        now: The time in epoch seconds, for an HTTP date.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def _number(value: str | None) -> float | None:
    """Return a finite number that is not negative."""
    try:
        number = float(value) if value else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """Return the value of `x-should-retry`; None without a usable one."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())
