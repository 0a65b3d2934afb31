"""Patterns that are compiled at their first use: they are those of `re`, and each of the simulator's can be compiled."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import keybearer.simulator
from keybearer.simulator.core.patterns import lazy


def patterns_in(value: Any, depth: int = 3) -> Iterator[Any]:
    """Find the lazy patterns in a module's value, in the tables too."""
    if type(value) is type(lazy("")):
        yield value
    elif depth and isinstance(value, list | tuple):
        for each in value:
            yield from patterns_in(each, depth - 1)


def test_it_is_compiled_when_it_is_used() -> None:
    """The first use gives what a compiled expression gives, and leaves its methods on it."""
    cases: list[tuple[Any, Any]] = [(r"(\d+)-(\d+)", "a 1-2 b 3-4"), (rb"(\d+)-(\d+)", b"a 1-2 b 3-4")]
    for source, text in cases:
        made: Any = lazy(source, re.IGNORECASE)
        assert "search" not in vars(made)
        assert made.findall(text) == re.findall(source, text)
        assert "search" in vars(made)
        assert made.pattern == source
        assert made.flags & re.IGNORECASE


def test_each_of_them_compiles() -> None:
    """A wrong one would be found only by the request that needs it."""
    found = []
    for module in pkgutil.walk_packages(keybearer.simulator.__path__, "keybearer.simulator."):
        if not module.name.endswith("__main__"):
            values = vars(importlib.import_module(module.name)).values()
            found += [each.pattern for value in values for each in patterns_in(value)]
    assert len(found) > 90
