"""The `keybearer` command within the test's own process: a tenth of the time that a process of its own takes."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from unittest import mock

from keybearer.cli import found, main

__all__ = ["keybearer"]


def keybearer(
    *args: str, text: str | None = None, cwd: Path | None = None, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command.

    Args:
        args: The words of the command line.
        text: What stands on standard input; None for an input that is `/dev/null`.
        cwd: The folder to run in.
        environ: What is set beside the test's environment.
    """
    found.complain_once.cache_clear()  # as a process that begins
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environ or {}))
        if cwd is not None:
            stack.enter_context(contextlib.chdir(cwd))
        out, err = io.BytesIO(), io.BytesIO()
        stack.enter_context(mock.patch("sys.stdin", stack.enter_context(_input(text))))
        for name, buffer in (("out", out), ("err", err)):
            stream = io.TextIOWrapper(buffer, encoding="utf-8", write_through=True)
            stack.callback(stream.detach)
            stack.enter_context(mock.patch(f"sys.std{name}", stream))
        try:
            code = main(list(args))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        return subprocess.CompletedProcess(args, code, out.getvalue().decode(), err.getvalue().decode())


@contextlib.contextmanager
def _input(text: str | None) -> Iterator[IO[str]]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        if text is None:
            with Path(os.devnull).open(encoding="utf-8") as nothing:
                yield nothing
        else:
            file.write(text)
            file.seek(0)
            yield file
