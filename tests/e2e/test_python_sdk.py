"""The official Python SDK's own API tests, of every group of endpoints that the simulator serves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from e2e.running import HERE, python_of, run
from e2e.sdk_source import GROUPS, MOCKED, PLACEHOLDERS, prepare, unpack
from keybearer.simulator import Simulator

STRICT = {**GROUPS, "test_messages.py": 45, "beta/test_messages.py": 45}
"""The same with every rule on."""


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the SDK's source archive, unpacked, whose placeholder ids are those of real objects."""
    python = python_of("python_sdk")
    version = run(python, "-c", "import anthropic; print(anthropic.__version__)", cwd=HERE).strip()
    kept = python.parents[1] / f"anthropic-{version}.tar.gz"
    if not kept.exists():
        source = ("--no-deps", "--no-binary", "anthropic", f"anthropic=={version}")
        run(python, "-m", "pip", "download", "--quiet", *source, cwd=kept.parent)
    root = unpack(kept, tmp_path_factory.mktemp("sdk"))
    prepare(root)
    return root


def passed(sdk: Path, sim: Simulator) -> dict[str, int]:
    """Run the tests of every group, and count those that passed."""
    printed = run(
        python_of("python_sdk"), "-m", "pytest", "-q", "-rA", "--no-header", "-p", "no:cacheprovider",
        "-o", "addopts=", "-o", "filterwarnings=", "--show-capture=no", "-k", MOCKED,
        *(f"tests/api_resources/{name}" for name in GROUPS),
        cwd=sdk, may_fail=True, environment={"TEST_API_BASE_URL": sim.base_url, "SIM_TOKEN": sim.token},
    )  # fmt: skip
    found = re.findall(r"^PASSED tests/api_resources/(\S+?)::", printed, re.MULTILINE)
    return {name: found.count(name) for name in GROUPS}


def test_all_pass_with_the_placeholders_let_through(sdk: Path) -> None:
    """With the rules off that placeholders break, every test of every group passes."""
    with Simulator(lenient=PLACEHOLDERS) as sim:
        assert passed(sdk, sim) == GROUPS


def test_only_placeholders_are_refused_with_every_rule_on(sdk: Path) -> None:
    """With every rule on, the groups that have none pass whole, and no other rule refuses anything."""
    with Simulator() as sim:
        assert passed(sdk, sim) == STRICT
        assert {entry.note["rule"] for entry in sim.requests if entry.status >= 400} <= PLACEHOLDERS
