"""Run a coroutine on uvloop's event loop where that is installed: for processes that are keybearer's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["run"]

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine, as `asyncio.run` does."""
    found: T = _runner()(main)  # outside of the handler below, so that no error shows what was not found
    return found


def _runner() -> Callable[..., Any]:
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    found: Callable[..., Any] = uvloop.run
    return found
