"""Counts the names of types that the SDK's `api.md` lists and `keybearer.compat` has."""

from __future__ import annotations

import importlib
from pathlib import Path

from keybearer.migrate.imports import COMPAT, SDK
from moving.corpus import type_imports

__all__ = ["count_names", "has_name"]


def count_names(sdk: Path) -> tuple[int, int]:
    """Return how many of the names keybearer has, and how many there are."""
    found = {(COMPAT + module.removeprefix(SDK), name) for module, name in type_imports(sdk)}
    return sum(has_name(module, name) for module, name in found), len(found)


def has_name(module: str, name: str) -> bool:
    """Whether a module can be imported and has a name."""
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False
