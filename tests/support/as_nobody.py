"""A process of its own that becomes a user whom no list knows, and runs `keybearer` as that user; root starts it.

Standard input has the runs as JSON: the variables of the environment, and the words of a command, of each. Each is run in a fork that
becomes that user; before, it is run once with nothing to find and nobody to read it, so that every module is loaded: the user may not
read them. What came of each is printed as JSON: exit code, standard output, standard error.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from typing import IO

import keybearer.shell.login_callback  # noqa: F401 - what only some commands load
from keybearer.cli import main

NOBODY = 12_345


def rehearse(arguments: list[str]) -> None:
    """Load what the command loads."""
    with tempfile.TemporaryDirectory() as home, contextlib.redirect_stdout(io.StringIO()):
        os.environ["HOME"] = home
        os.environ.pop("ANTHROPIC_API_KEY", None)
        with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
            main(arguments)  # without a credential, so nothing is sent
            os.environ["ANTHROPIC_API_KEY"] = "sk-ant-api03-fake"
            main(["auth", "status"])


def become(environ: dict[str, str], outputs: tuple[IO[bytes], IO[bytes]]) -> None:
    """Become that user, with an environment and files for its outputs."""
    for number, file in enumerate(outputs, 1):
        os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(environ)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def run(environ: dict[str, str], command: list[str]) -> tuple[int, str, str]:
    """Run a command as that user."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            become(environ, (out, err))
            sys.exit(main(command))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


if __name__ == "__main__":
    runs = json.load(sys.stdin)
    for words in {tuple(words) for _, words in runs}:
        rehearse(list(words))
    results = [run(environ, words) for environ, words in runs]
    sys.stdout.write(json.dumps(results))
