"""The pytest plugin: `claude_sim` is a running simulator, `claude_env` one that the environment variables point at.

pytest loads it wherever keybearer is installed, so it imports the simulator only when a test asks for it.
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
    """Register the mark that sets the simulator's options."""
    config.addinivalue_line("markers", f"{MARK}(**options): the options of the simulator of the claude_sim fixture")


@pytest.fixture
def claude_sim(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """Run a simulator for one test.

    `@pytest.mark.claude_sim(tier="tiny")` sets its options, the fields of `keybearer.simulator.Options`.

    Yields:
        The running simulator: `base_url`, `api_key`, `script`, `fail`, `requests`, `clock`, `verdict`.
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
    """Point `ANTHROPIC_BASE_URL` and `ANTHROPIC_API_KEY` at the simulator, for code that reads them.

    Returns:
        The simulator.
    """
    monkeypatch.setenv("ANTHROPIC_BASE_URL", claude_sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", claude_sim.api_key)
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    return claude_sim
