"""Compiles regular expressions from outside: a schema's `pattern`, a scenario's `match`.

Python warns about syntax that may change its meaning, such as `[[`. Whoever runs the simulator cannot act on that.
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
    """Suppress Python's warnings about future syntax."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: int = 0) -> re.Pattern[str] | None:
    """Return a compiled pattern, or None if it is invalid."""
    try:
        with unwarned():
            return re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError):
        return None
