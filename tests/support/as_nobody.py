"""A process of its own that becomes a user whom no list knows, and runs `keybearer` as that user; root starts it.

Its arguments are the variables of the environment as JSON, and those of the command. The command is run once before, with nothing to
find and nobody to read it, so that every module is loaded: the user may not read them.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile

import keybearer.shell.login_callback  # noqa: F401 - what only some commands load
from keybearer.cli import main

NOBODY = 12_345


def rehearse(arguments: list[str]) -> None:
    """Load what the command loads."""
    with tempfile.TemporaryDirectory() as home, contextlib.redirect_stdout(io.StringIO()):
        os.environ["HOME"] = home
        with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
            main(arguments)  # without a credential, so nothing is sent
            os.environ["ANTHROPIC_API_KEY"] = "sk-ant-api03-fake"
            main(["auth", "status"])


if __name__ == "__main__":
    environ, command = json.loads(sys.argv[1]), sys.argv[2:]
    rehearse(command)
    os.environ.clear()
    os.environ.update(environ)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    sys.exit(main(command))
