"""The official SDK's helpers that programs import from its insides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from keybearer.compat.sentinels import NotGiven, Omit

__all__ = ["is_given", "parse_datetime"]


def is_given(value: Any) -> bool:
    """Whether a value is none of the sentinels."""
    return not isinstance(value, NotGiven | Omit)


def parse_datetime(value: datetime | float | str) -> datetime:
    """Return a time that is text (RFC 3339) or a number of seconds since 1970.

    Raises:
        ValueError: It is neither.
    """
    from datetime import UTC

    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(value)
