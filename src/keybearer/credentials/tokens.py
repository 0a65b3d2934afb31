"""Token lifetimes: reading an expiry from files and replies, and comparing it with the clock.

Strategy: pure functions of the time that is passed in. An expiry is epoch seconds, or None when it is not stated.

Contract: a token without an expiry is used until the service refuses it. An expiry older than the token itself counts as none: a reply
without an expiry keeps the old one, and must not start a loop of refreshes.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

__all__ = ["REFRESH_WINDOW", "TokenState", "iso", "later", "lifetime", "parse_expiry", "token_state", "until"]

REFRESH_WINDOW: Final = 60.0
"""How long before its expiry a token is refreshed, in seconds; half of its lifetime where that is shorter."""

MILLISECONDS: Final = 1e11
"""Numbers from here on are milliseconds: as seconds, this is the year 5138; as milliseconds, March 1973."""

LAST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
"""An expiry after this is a mistake."""


class TokenState(Enum):
    """The state of a token at a time."""

    FRESH = "fresh"
    STALE = "stale"
    """It still works, and should be refreshed."""
    EXPIRED = "expired"


def token_state(expires_at: float | None, issued_at: float | None, now: float) -> TokenState:
    """Return a token's state.

    Args:
        expires_at: When it expires, in epoch seconds; None when that is not stated.
        issued_at: When it was issued; None when that is not stated.
        now: The time, in epoch seconds.
    """
    life = None if expires_at is None or issued_at is None else expires_at - issued_at
    if expires_at is None or (life is not None and life <= 0):
        return TokenState.FRESH
    if now >= expires_at:
        return TokenState.EXPIRED
    window = REFRESH_WINDOW if life is None else min(REFRESH_WINDOW, life / 2)
    return TokenState.STALE if now >= expires_at - window else TokenState.FRESH


def until(expires_at: float | None, issued_at: float | None, now: float) -> float | None:
    """Return the seconds until a token should be refreshed; None for never."""
    if expires_at is None:
        return None
    life = REFRESH_WINDOW * 2 if issued_at is None else expires_at - issued_at
    return None if life <= 0 else max(0.0, expires_at - min(REFRESH_WINDOW, life / 2) - now)


def parse_expiry(value: Any) -> float | None:
    """Read `expires_at`: ISO 8601, seconds or milliseconds since the epoch, as a number or as text; None for none.

    Raises:
        ValueError: It is none of these, or absurd: negative, not finite, after the year 2200.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("is not a time")
    if isinstance(value, str) and not _is_number(value):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("is not a time") from None
        number = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    else:
        try:
            number = float(value)
        except OverflowError:
            raise ValueError("is after the year 2200") from None
        number = number / 1000 if number >= MILLISECONDS else number
    if not math.isfinite(number) or number < 0:
        raise ValueError("is negative or not finite")
    if number > LAST:
        raise ValueError("is after the year 2200")
    return number


def lifetime(value: Any) -> float | None:
    """Read `expires_in`, in seconds; None where it is absent, not a number, not positive, or over 100 years."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < 100 * 366 * 86_400 else None


def later(now: float, seconds: float) -> float | None:
    """Return `now` plus that many seconds; None where the clock is so wrong that `parse_expiry` would refuse the result."""
    moment = now + seconds
    return moment if 0 <= moment <= LAST else None


def iso(moment: float) -> str:
    """Write a time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
