"""Whether a figure that is taken again and again grows: the slope of its last two thirds, which one outlier does not move."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence

__all__ = ["growth"]


def growth(values: Sequence[float]) -> float:
    """Return how much a figure grew over the last two thirds of its values; what came before is warming up.

    The slope is the median of the slopes between all pairs of values (Theil and Sen).

    Args:
        values: The figure, taken at even distances; at least three of them.

    Returns:
        The slope times the number of steps: below 0 where the figure fell.
    """
    kept = list(values[len(values) // 3 :])
    slopes = [
        (late - early) / (there - here) for (here, early), (there, late) in itertools.combinations(enumerate(kept), 2)
    ]
    return statistics.median(slopes) * (len(kept) - 1)
