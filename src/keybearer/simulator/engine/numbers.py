"""Numbers that fit a JSON schema."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["numbers"]


def numbers(schema: dict[str, Any], guess: float | None) -> Iterator[float]:
    """Yield a guess, the schema's own numbers and the ends of its range, each moved into the range and to a multiple.

    Args:
        schema: A JSON schema of a number.
        guess: A number from the prompt.
    """
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    step = schema.get("multipleOf") or 0
    for wish in (guess, schema.get("default"), *(schema.get("examples") or ()), 1, low, high):
        if isinstance(wish, int | float) and abs(wish) != math.inf:
            at = min(max(wish, low), high)
            yield from _multiples(at, step, (0, 1, -1, 2, -2)) if step else (_plain(at + more) for more in (0, 1, -1))
    if low > -math.inf and high < math.inf:
        yield (low + high) / 2
        yield from _multiples(low, step or 1, range(100))  # few multiples of a step are exact if the step itself is not


def _multiples(at: float, step: float, which: Iterable[int]) -> Iterator[float]:
    """Yield multiples of a step near a number; none beyond the range of a float."""
    ratio = at / step
    if math.isfinite(ratio):
        yield from (_plain((math.ceil(ratio) + more) * step) for more in which)


def _plain(value: float) -> float:
    """Return a number without rounding errors, and a whole one as an integer."""
    if isinstance(value, int) or not math.isfinite(value):
        return value
    rounded = round(value, 12)
    return int(rounded) if rounded == int(rounded) else rounded
