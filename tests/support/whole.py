"""How much of a long test is run: a sample in `make test`, all of it in `make test-whole`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar

__all__ = ["RANDOM", "WHOLE", "examples", "sampled"]

T = TypeVar("T")

WHOLE: Final = bool(os.environ.get("KEYBEARER_TEST_WHOLE"))
"""Whether nothing is left out."""

RANDOM: Final = bool(os.environ.get("KEYBEARER_TEST_RANDOM"))
"""Whether each run tries other examples of a property; else the same head has the same result each time."""


def examples(most: int) -> int:
    """Return how many examples a property is tried with: a fifth of the most where a sample is run."""
    return most if WHOLE else max(20, most // 5)


def sampled(items: Sequence[T], step: int) -> Sequence[T]:
    """Return the items, or each of them that is a step after the one before where a sample is run."""
    return items if WHOLE else items[::step]
