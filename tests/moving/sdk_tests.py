"""Runs the SDK's own tests of messages, models, batches and files: with its client, and with keybearer's in its place."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from e2e.sdk_source import GROUPS, MOCKED, PLACEHOLDERS, prepare
from keybearer.simulator import Simulator
from moving.corpus import HERE
from moving.running import environment

__all__ = ["run_tests"]

INJECTED: Final = {"fixtures.py": "conftest.py", "checks.py": "utils.py"}
"""Our files, and the files of the SDK's tests that they stand in place of."""

_THEIR_HEADER: Final = re.compile(r'^ *assert \w+\.http_request\.headers\.get\("X-Stainless-Lang"\) == "python"\n', re.MULTILINE)
"""What each test of a raw response asks beside its own: a header of the SDK's generator. keybearer sends none, so it is not asked for."""

FAILED: Final = re.compile(r"^(?:FAILED|ERROR) tests/api_resources/(\S+?)(?:::\S+)? - (.*)$", re.MULTILINE)


def run_tests(sdk: Path, python: Path) -> list[tuple[str, int, int]]:
    """Return each file of tests, how many of it pass with keybearer, and how many with the SDK.

    Args:
        sdk: The SDK's source archive, unpacked; it is left as it is.
        python: The interpreter with both in its environment.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "sdk"
        shutil.copytree(sdk, root, ignore=shutil.ignore_patterns("src", "examples"))
        prepare(root)
        theirs, _ = _passed(root, python)
        for path in (root / "tests/api_resources").rglob("*.py"):
            path.write_text(_THEIR_HEADER.sub("", path.read_text("utf-8")), encoding="utf-8")
        for name, place in INJECTED.items():
            shutil.copy(HERE / "injected" / name, root / "tests" / place)
        ours, failed = _passed(root, python)
    for words, count in failed.most_common(40):
        print(f"{count:5} {words}")
    return [(name, ours[name], theirs[name]) for name in GROUPS]


def _passed(root: Path, python: Path) -> tuple[Counter[str], Counter[str]]:
    """Return how many tests of each file pass, and the reasons of those that do not."""
    command: list[str | Path] = [
        python, "-m", "pytest", "-q", "-rA", "--no-header", "-p", "no:cacheprovider", "-p", "tests._alias_httpx",
        "-k", MOCKED, "-o", "addopts=", "-o", "filterwarnings=", "--show-capture=no", "--tb=line",
        *(f"tests/api_resources/{name}" for name in GROUPS),
    ]  # fmt: skip
    with Simulator(lenient=PLACEHOLDERS) as sim:
        around = environment(root, sim, []) | {"TEST_API_BASE_URL": sim.base_url, "SIM_TOKEN": sim.token, "COLUMNS": "400"}
        done = subprocess.run(  # noqa: S603  # the SDK's own tests
            command, cwd=root, env=around, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
        )
    broken = set(re.findall(r"^(?:FAILED|ERROR) (tests/\S+)", done.stdout, re.MULTILINE))  # also those whose teardown failed
    ended = set(re.findall(r"^PASSED (tests/\S+)", done.stdout, re.MULTILINE)) - broken
    passed = Counter(name.removeprefix("tests/api_resources/").partition("::")[0] for name in ended)
    if not passed:
        print((done.stdout + done.stderr)[-2000:])
    return passed, Counter(words[:120] for _, words in FAILED.findall(done.stdout))
