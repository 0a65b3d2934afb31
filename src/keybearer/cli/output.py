"""Printing for every command: no text from elsewhere controls the terminal, and no character ends the program.

Contract: the result of `clean` has nothing that a terminal obeys (`keybearer.cli.harmless`) except newline and tab, and no key.
After `make_printable`, standard output and standard error can write any text: characters that their encoding lacks become Python
escapes.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from typing import Any, Final

from keybearer.cli.harmless import UNSAFE

__all__ = ["clean", "complain", "flush", "make_printable", "say", "say_json"]

_KEY: Final = re.compile(r"(sk-ant-)[\w-]{8,}", re.ASCII)


def clean(text: str) -> str:
    """Return a text without what a terminal obeys and without anything that looks like a key."""
    return _KEY.sub(r"\1***", UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text))


def say(line: str) -> None:
    """Print a line for a person."""
    print(clean(line), flush=True)


def say_json(value: Any) -> None:
    """Print a value for a program: JSON in ASCII, which has no control character; what looks like a key is masked."""
    import json

    say(json.dumps(value, indent=2))


def complain(text: str) -> None:
    """Print a line on standard error, if there is one."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # standard error is closed: there is no other place to report it
            print(clean(text), file=sys.stderr, flush=True)


def make_printable() -> None:
    """Let standard output and standard error escape characters that their encoding lacks; what is printed to none goes nowhere."""
    if sys.stdout is None:  # its descriptor was closed before the program began
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it stays open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Flush standard output. After an error it is closed, so that the interpreter exits quietly.

    Raises:
        OSError: It could not be written.
    """
    if sys.stdout is None or sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError):
            sys.stdout.close()
        raise
