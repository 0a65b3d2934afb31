"""Fixtures: a running simulator, a home folder of its own for each test, and the official SDK as a client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anthropic
import pytest

from keybearer.simulator import Simulator


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the developer's own files and keys."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Run a simulator for one test."""
    with Simulator() as running:
        yield running


@pytest.fixture
def sdk(sim: Simulator) -> Iterator[anthropic.Anthropic]:
    """Point the official SDK at the simulator, without retries."""
    with anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0) as client:
        yield client
