"""What a command knows of the terminal: its width, and whether there are colours.

Colours: `NO_COLOR` (https://no-color.org) and `TERM=dumb` turn them off, `FORCE_COLOR` turns them on where there is no terminal.
A console of Windows shows them since Windows 10, version 1607, once sequences are turned on for it; untested.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final, TextIO

from keybearer.cli.output import clean

__all__ = ["columns", "has_colours", "is_terminal", "painted", "wrapped"]

_COLOURS: Final = {"green": "32", "yellow": "33", "red": "31", "dim": "2", "bold": "1", "cyan": "36"}


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is an open terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def columns(most: int = 120) -> int:
    """Return how wide a line may be: as the terminal is, at most `most`; 80 where there is none."""
    return max(20, min(most, shutil.get_terminal_size((80, 24)).columns))


def has_colours(stream: TextIO | None) -> bool:
    """Return whether a stream shows colours."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb" and _obeys_sequences()


def _obeys_sequences() -> bool:
    """Return whether the terminal obeys escape sequences: one of Windows has them turned on first."""
    if os.name == "nt":
        os.system("")  # noqa: S605, S607 - an empty command turns them on
    return True


def painted(text: str, colour: str, stream: TextIO | None = None) -> str:
    """Return a harmless text in a colour, if the stream (standard output when omitted) shows colours."""
    text = clean(text)
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if has_colours(stream or sys.stdout) else text


def wrapped(text: str, indent: int) -> str:
    """Return a harmless text in lines as wide as the terminal; all but the first are indented."""
    import textwrap

    lines = textwrap.wrap(clean(text), max(20, columns() - indent), break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * indent).join(lines)
