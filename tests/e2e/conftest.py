"""These tests install other people's clients, so they run only when they are named: `pytest tests/e2e`."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out of a run that does not name it."""
    del collection_path
    return None if any("e2e" in str(argument) for argument in config.args) else True
