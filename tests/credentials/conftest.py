"""A process that forks for each thing to do with a login."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.forked import LIMIT, SCRIPT, Forked


@pytest.fixture(scope="session")
def _server() -> Iterator[subprocess.Popen[str]]:
    """A process that has loaded everything, and forks for each thing to do."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(SCRIPT), "serve", json.dumps({"limit": LIMIT})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def forked(_server: subprocess.Popen[str], tmp_path: Path) -> Forked:
    """Run a process to its end, as `start` does, in a fork of one that has loaded everything."""

    def run(name: str, **options: Any) -> subprocess.CompletedProcess[str]:
        asked = {"name": name, "options": options, "environ": {**os.environ, "PYTHONWARNINGS": "ignore"}}
        files = {"out": str(tmp_path / "stdout"), "err": str(tmp_path / "stderr")}
        assert _server.stdin
        assert _server.stdout
        _server.stdin.write(json.dumps(asked | files) + "\n")
        _server.stdin.flush()
        code = int(_server.stdout.readline())
        out, err = (Path(each).read_text() for each in files.values())
        return subprocess.CompletedProcess([name], code, out, err)

    return run
