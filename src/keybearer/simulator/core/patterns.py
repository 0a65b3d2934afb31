"""Other people's patterns as Python compiles them: a schema's `pattern`, what a scenario matches.

Python warns of what it may read otherwise one day, such as `[[`: that is no business of whoever runs the twin.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

__all__ = ["compiled", "unwarned"]


@contextmanager
def unwarned() -> Iterator[None]:
    """Read a pattern inside without Python's warnings of a later reading."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: int = 0) -> re.Pattern[str] | None:
    """Return a pattern compiled; None for what is none."""
    try:
        with unwarned():
            return re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError):
        return None
