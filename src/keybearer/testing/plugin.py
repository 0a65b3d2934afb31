"""The pytest plugin: `claude_sim` is a running twin of the API, `claude_env` one that the environment points at.

It is loaded in every run of pytest where keybearer is installed, so it imports nothing of the twin until a test asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from keybearer.simulator import Simulator

__all__ = ["claude_env", "claude_sim", "pytest_configure"]

MARK = "claude_sim"


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the mark that sets the twin's knobs."""
    config.addinivalue_line("markers", f"{MARK}(**knobs): how the claude_sim fixture's simulator behaves")


@pytest.fixture
def claude_sim(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """Run a twin of the API for one test.

    `@pytest.mark.claude_sim(tier="tiny")` sets its knobs, the fields of `keybearer.simulator.Options`.

    Yields:
        The running twin: `base_url`, `api_key`, `script`, `fail`, `requests`, `clock`, `verdict`.
    """
    try:
        from keybearer.simulator import Simulator
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    mark = request.node.get_closest_marker(MARK)
    with Simulator(**(mark.kwargs if mark else {})) as sim:
        yield sim


@pytest.fixture
def claude_env(claude_sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Point `ANTHROPIC_BASE_URL` and `ANTHROPIC_API_KEY` at the twin, for code that reads them.

    Returns:
        The twin.
    """
    monkeypatch.setenv("ANTHROPIC_BASE_URL", claude_sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", claude_sim.api_key)
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    return claude_sim
