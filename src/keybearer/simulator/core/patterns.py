"""Compiles regular expressions: the simulator's own at their first use, and those from outside.

The simulator has over a hundred, which take a tenth of its start to compile, and a plain request needs few of them.

Those from outside are a schema's `pattern`, a scenario's `match`. Python warns about syntax that may change its meaning,
such as `[[`. Whoever runs the simulator cannot act on that.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, AnyStr, Final, cast

__all__ = ["compiled", "lazy", "unwarned"]

TAKEN_OVER: Final = ("findall", "finditer", "fullmatch", "match", "pattern", "search", "split", "sub")


class _LazyPattern:
    """A regular expression that is not compiled yet; at its first use it takes over what a compiled one has."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        pattern = re.compile(self._source, self._flags)
        for each in TAKEN_OVER:
            setattr(self, each, getattr(pattern, each))
        return getattr(pattern, name)


def lazy(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression that is compiled at its first use.

    Args:
        source: The expression.
        flags: Those of `re.compile`.

    Returns:
        What has the methods of a compiled expression.
    """
    return cast("re.Pattern[AnyStr]", _LazyPattern(source, flags))


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
