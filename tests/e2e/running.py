"""Runs a client that nobody here wrote against a simulator: in a process, an environment and a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from keybearer.simulator import Simulator

__all__ = ["HERE", "QUIET", "ROOT", "node_folder", "python_of", "run", "run_examples", "served_by_node"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
QUIET = {
    "CI": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_AUTOUPDATER": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}
"""What keeps these clients from asking other hosts than the simulator."""


def run(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None, may_fail: bool = False) -> str:
    """Run a command away from the developer's own keys, and return what it printed."""
    around = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))}
    done = subprocess.run(  # noqa: S603  # our own commands
        command,
        cwd=cwd,
        env={**around, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert may_fail or done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def python_of(name: str) -> Path:
    """Return the Python of the environment that `make test-e2e` made from `tests/e2e/<name>/requirements.txt`."""
    return _installed(ROOT / f".venv-e2e-{name}", name) / "bin/python"


def node_folder(name: str) -> Path:
    """Return the folder in which `make test-e2e` installed `tests/e2e/<name>/package.json`."""
    return _installed(HERE / name / "node_modules", name).parent


def _installed(folder: Path, name: str) -> Path:
    if not (folder / ".installed").exists():
        pytest.skip(f"{name} is not installed: make test-e2e does that")
    return folder


@contextmanager
def served_by_node(script: str, folder: Path) -> Iterator[str]:
    """Run a server of Node's that prints its address first; give that."""
    node = shutil.which("node")
    assert node, "node is not installed"
    with subprocess.Popen(  # noqa: S603 - our own script
        [node, script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.communicate(timeout=5)[1]
        yield address
        process.terminate()
        process.communicate(timeout=10)


def run_examples(*command: str | Path, home: Path, below: str = "", refused: Collection[int] = ()) -> dict[str, Any]:
    """Run a program that prints one JSON line, against a simulator with every rule on.

    Args:
        command: The command.
        home: A fresh folder.
        below: What the program's base URL has after the host.
        refused: Statuses that the program asks for, beside 200.

    Returns:
        What it printed; no other request was refused, and the simulator found nothing wrong with any.
    """
    with Simulator() as sim:
        url = {"ANTHROPIC_BASE_URL": sim.base_url + below, "ANTHROPIC_API_KEY": sim.api_key}
        printed = run(*command, cwd=home, environment={"HOME": str(home), **QUIET, **url})
        assert [(entry.path, entry.note) for entry in sim.requests if entry.status not in {200, *refused}] == []
        assert sim.verdict == []
        assert sim.requests != []
    seen: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return seen
