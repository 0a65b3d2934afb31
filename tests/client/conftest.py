"""What the tests of clients have beside the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from keybearer.shell.refresher import REFRESHER


@pytest.fixture(autouse=True)
def _no_refresh_outlives_its_test() -> Iterator[None]:
    """Wait for refreshes under way: the simulator that they ask is the next test's too."""
    yield
    REFRESHER.finish()
