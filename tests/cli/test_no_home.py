"""Commands for a user whom no list knows, without a home, or with one that only another may enter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent.parent / "support" / "as_nobody.py"
KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-fake"}

pytestmark = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")


STATUS = ("auth", "status")
HOMES = [None, "~", "", "barred"]
COMMANDS = [
    STATUS,
    ("auth", "token"),
    ("auth", "refresh"),
    ("auth", "logout"),
    ("auth", "setup-token"),
    ("auth", "login", "--accept-terms", "--no-browser", "--timeout", "0.1"),
    ("ask", "--no-stdin", "hello"),
]


Outcome = tuple[int, str, str]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str | None, bool, tuple[str, ...]], Outcome]:
    """What came of each command for each home, without a key and with one: exit code, output, errors."""
    barred = tmp_path_factory.mktemp("barred")
    barred.chmod(0o700)
    asked = [(home, False, command) for home in (None, "barred") for command in COMMANDS]
    asked += [(home, True, STATUS) for home in HOMES]
    runs = []
    for home, with_key, command in asked:
        environ = {} if home is None else {"HOME": str(barred) if home == "barred" else home}
        runs.append((environ | (KEY if with_key else {}), command))
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-B", str(SCRIPT)],
        input=json.dumps(runs),
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
        cwd="/",
    )
    return dict(zip(asked, map(tuple, json.loads(done.stdout)), strict=True))


@pytest.mark.parametrize("home", [None, "barred"])
@pytest.mark.parametrize("command", COMMANDS, ids=["-".join(command[:2]) for command in COMMANDS])
def test_no_command_ends_in_a_traceback(home: str | None, command: tuple[str, ...], outcomes: Any) -> None:
    """Each says in words what it cannot do."""
    code, out, err = outcomes[home, False, command]
    assert code in {1, 4}, err
    assert "Traceback" not in err
    assert err or out


@pytest.mark.parametrize("home", HOMES)
def test_a_good_key_is_used(home: str | None, outcomes: Any) -> None:
    """A key in the environment does not need a home."""
    code, out, err = outcomes[home, True, STATUS]
    assert code == 0, err
    assert "ANTHROPIC_API_KEY (mode static)" in out
    assert err.count("\n") == (1 if home == "barred" else 0)
