"""Commands for a user whom no list knows, without a home, or with one that only another may enter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "support" / "as_nobody.py"
KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-fake"}

pytestmark = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")


def run(environ: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run `keybearer` as that user."""
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-B", str(SCRIPT), json.dumps(environ), *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd="/",
    )


@pytest.fixture
def barred(tmp_path: Path) -> str:
    """A home that is another's."""
    home = tmp_path / "barred"
    home.mkdir(mode=0o700)
    return str(home)


COMMANDS = [
    ("auth", "status"),
    ("auth", "token"),
    ("auth", "refresh"),
    ("auth", "logout"),
    ("auth", "setup-token"),
    ("auth", "login", "--accept-terms", "--no-browser", "--timeout", "0.1"),
    ("ask", "--no-stdin", "hello"),
]


@pytest.mark.parametrize("home", [None, "barred"])
@pytest.mark.parametrize("command", COMMANDS, ids=["-".join(command[:2]) for command in COMMANDS])
def test_no_command_ends_in_a_traceback(home: str | None, command: tuple[str, ...], barred: str) -> None:
    """Each says in words what it cannot do."""
    done = run({} if home is None else {"HOME": barred}, *command)
    assert done.returncode in {1, 4}, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr or done.stdout


@pytest.mark.parametrize("home", [None, "~", "", "barred"])
def test_a_good_key_is_used(home: str | None, barred: str) -> None:
    """A key in the environment does not need a home."""
    environ = {} if home is None else {"HOME": barred if home == "barred" else home}
    done = run(KEY | environ, "auth", "status")
    assert done.returncode == 0, done.stderr
    assert "ANTHROPIC_API_KEY (mode static)" in done.stdout
    assert done.stderr.count("\n") == (1 if home == "barred" else 0)
