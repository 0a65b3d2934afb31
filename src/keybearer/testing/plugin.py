"""The pytest plugin: `claude_sim` is a running simulator, `claude_env` one that the environment variables point at.

`--claude-sim-chaos NAME|FILE` strikes the requests of every test with a chaos profile, and `--claude-sim-report FILE` writes what
became of it as JUnit XML, a suite for each test. `--claude-cost` holds what each test's requests cost to a baseline (`costs.py`).

pytest loads it wherever keybearer is installed, so it imports the simulator only when a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keybearer.testing import costs

if TYPE_CHECKING:
    from keybearer.simulator import Simulator
    from keybearer.simulator.chaos.report import RunReport

__all__ = ["claude_env", "claude_sim", "pytest_addoption", "pytest_configure", "pytest_sessionfinish"]

MARK = "claude_sim"
CHAOS, REPORT = "--claude-sim-chaos", "--claude-sim-report"
REPORTS = pytest.StashKey[list[tuple[str, "RunReport"]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags for chaos and its report."""
    group = parser.getgroup("keybearer", "the simulator of the Claude API")
    group.addoption(CHAOS, metavar="NAME|FILE", help="strike the requests of every claude_sim with a chaos profile")
    group.addoption(REPORT, metavar="FILE", help="write what became of it as JUnit XML, a suite for each test")
    costs.add_options(group)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark that sets the simulator's options."""
    config.addinivalue_line("markers", f"{MARK}(**options): the options of the simulator of the claude_sim fixture")
    config.stash[REPORTS] = []
    if config.getoption(costs.COST, None) and not hasattr(
        config, "workerinput"
    ):  # pytest-xdist's workers report to the first process
        config.pluginmanager.register(costs.CostPlugin(config), "keybearer-costs")
    if config.getoption(REPORT, None):
        from keybearer.simulator.chaos.junit import check_report_file

        try:
            check_report_file(_report_file(config))
        except ValueError as error:
            raise pytest.UsageError(str(error)) from error


def _report_file(config: pytest.Config) -> Path:
    """Return where the report goes; a worker of pytest-xdist has a file of its own."""
    path = Path(config.getoption(REPORT))
    worker = getattr(config, "workerinput", {}).get("workerid")
    return path if worker is None else path.with_stem(f"{path.stem}-{worker}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report."""
    reports = session.config.stash[REPORTS]
    if reports and session.config.getoption(REPORT, None):
        from keybearer.simulator.chaos.junit import junit_xml

        _report_file(session.config).write_bytes(junit_xml(reports))


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
    chaos = request.config.getoption(CHAOS, None)
    options = ({"chaos": chaos} if chaos else {}) | (mark.kwargs if mark else {})
    with Simulator(**options) as sim:
        yield sim
    request.config.stash[REPORTS].append((request.node.nodeid, sim.report))  # once the last reply has been counted
    request.node.user_properties += costs.properties(sim.billed)


@pytest.fixture
def claude_env(
    claude_sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Simulator:
    """Point `ANTHROPIC_BASE_URL` and `ANTHROPIC_API_KEY` at the simulator, for code that reads them.

    The logins of this machine, keybearer's own and Claude Code's, are out of sight meanwhile: a client would take them before the key.

    Returns:
        The simulator.
    """
    nothing = str(tmp_path_factory.mktemp("no-logins"))
    for name in ("XDG_CONFIG_HOME", "APPDATA", "CLAUDE_CONFIG_DIR"):
        monkeypatch.setenv(name, nothing)
    monkeypatch.delenv("CLAUDE_CODE_OAUTH_TOKEN", raising=False)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", claude_sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", claude_sim.api_key)
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    return claude_sim
