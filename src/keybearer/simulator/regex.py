"""A schema's `pattern` as Python compiles it."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

__all__ = ["compiled"]


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern compiled; None for what is none.

    Python warns of what it may read otherwise one day, such as `[[`: that is no business of whoever runs the twin.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            return None
