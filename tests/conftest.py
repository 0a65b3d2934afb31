"""What every test has: a home of its own, no key in the environment, and the offline simulator where it asks for it."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from keybearer.providers.table import PLATFORMS
from keybearer.simulator import Simulator
from support.whole import RANDOM, examples

settings.register_profile(
    "suite",
    deadline=None,  # how fast a machine makes examples is no property of the code
    max_examples=examples(150),
    derandomize=not RANDOM,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

PLATFORM_VARIABLES = {
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    *(row.url_variable for row in PLATFORMS.values()),
    *(name for row in PLATFORMS.values() for name in row.keys),
    *(name for row in PLATFORMS.values() for setting in row.settings for name in setting.variables),
}

_number = itertools.count()


def pytest_collection_finish() -> None:
    """Leave what the modules made out of later collections: tests that ask for one would look through all of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # One folder for all: pytest looks through those of a name for the next number, and there is a home for each test.
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, _homes: Path) -> None:
    home = _homes / f"home{next(_number)}"
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home))
    for name in (
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_CONFIG_DIR",
        "ANTHROPIC_PROFILE",
        "CLAUDE_CONFIG_DIR",
        "KEYBEARER_CONFIG",
        *PLATFORM_VARIABLES,
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def _shared_simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def sim(_shared_simulator: Simulator) -> Simulator:
    """The offline simulator, as new."""
    _shared_simulator.reset()
    return _shared_simulator


@pytest.fixture
def llm_yaml(tmp_path: Path, sim: Simulator) -> Path:
    """An `llm.yaml` that points at the simulator, with an agent `scout`."""
    path = tmp_path / "llm.yaml"
    path.write_text(
        f"providers:\n  anthropic:\n    api_key: {sim.api_key}\n    base_url: {sim.base_url}\n    auth: {{mode: static}}\n"
    )
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "scout.yaml").write_text(
        "model: {provider: anthropic, model: claude-haiku-4-5, max_tokens: 300}\ninstructions: look around\n"
    )
    return path
