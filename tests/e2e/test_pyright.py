"""A second type checker reads what a user would write (mypy is part of `make check`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_pyright_agrees_with_mypy_on_user_code() -> None:
    """Pyright finds no error in tests/typing, where each intended mistake is marked."""
    run = subprocess.run(  # noqa: S603 - the pyright that make test-e2e installs
        [
            HERE / "oidc/node_modules/.bin/pyright",
            "--pythonpath",
            sys.executable,
            *sorted((HERE.parent / "typing").glob("*.py")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "0 errors" in run.stdout
