"""What every subcommand prints with: no text from elsewhere steers the terminal, and no character ends the program.

Contract: what `clean` gives back holds no control character but newline and tab, and no key. After `make_printable`, standard output
and standard error write any text: what their encoding lacks becomes an escape of Python's.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from typing import Final

__all__ = ["clean", "complain", "flush", "make_printable"]

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_KEY: Final = re.compile(r"(sk-ant-)[\w-]{8,}", re.ASCII)


def clean(text: str) -> str:
    """Return a text without what steers a terminal, and without what looks like a key."""
    return _KEY.sub(r"\1***", _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))


def complain(text: str) -> None:
    """Print a line on standard error, if there is one."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads it, and there is nobody else to tell
            print(clean(text), file=sys.stderr, flush=True)


def make_printable() -> None:
    """Let standard output and standard error write what their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what standard output holds; what cannot be written is given up, so that the interpreter's end is quiet.

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
