"""Checks that the extra `keybearer[simulator]` is installed, so that a missing package is one clear line."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
from collections.abc import Iterator
from typing import Final

__all__ = ["loading", "need_extra"]

PACKAGES: Final = ("jsonschema", "python_multipart", "starlette")


def need_extra() -> None:
    """Check that the extra is installed, before any of its packages is imported.

    Raises:
        ImportError: A package is missing; the message has the command that installs it.
    """
    for name in PACKAGES:
        try:
            there = importlib.util.find_spec(name) is not None
        except (ImportError, ValueError):
            there = False
        if not there:
            raise ImportError(
                f"The simulator needs {name}, which is not installed. Install keybearer with its extra: 'keybearer[simulator]'",
                name=name,
            )


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Load modules in a process of the simulator's own: what they make stays, so it is never looked through for garbage.

    That is a tenth of the start, and of each collection later on.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
