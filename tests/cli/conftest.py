"""What the tests of `keybearer auth` have: a configuration of its own that points at a simulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from support.logins import Home


@pytest.fixture
def approving() -> Iterator[Simulator]:
    """A simulator whose consent page approves by itself."""
    with Simulator(auto_approve=True) as sim:
        yield sim


@pytest.fixture
def home(tmp_path: Path, approving: Simulator) -> Home:
    """A configuration with a simulator that approves."""
    return Home(tmp_path, approving)
