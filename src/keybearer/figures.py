"""What counts as a figure: a number of tokens or requests, as the service reports them."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["MOST", "count"]

MOST: Final = 1 << 53
"""The highest figure."""


def count(value: Any) -> int | None:
    """Return a figure as an int; None for anything but a number from 0 to 2**53.

    A `Usage` keeps figures as they came, of whatever type; sums use this function's result.
    """
    kind = type(value)
    if (kind is not int and kind is not float) or not 0 <= value <= MOST:  # a NaN is not in the range either
        return None
    return value if kind is int else int(value)
