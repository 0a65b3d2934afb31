"""Lines as wide as the terminal, and words in colours where it has them (`keybearer.cli.terminal`)."""

from __future__ import annotations

import shutil
import sys
from typing import Final, TextIO

from keybearer.cli.output import clean
from keybearer.cli.terminal import terminal_of

__all__ = ["columns", "painted", "wrapped"]

_COLOURS: Final = {"green": "32", "yellow": "33", "red": "31", "dim": "2", "bold": "1", "cyan": "36"}


def columns(most: int = 120) -> int:
    """Return how wide a line may be: as the terminal is, at most `most`; 80 where there is none."""
    return max(20, min(most, shutil.get_terminal_size((80, 24)).columns))


def painted(text: str, colour: str, stream: TextIO | None = None) -> str:
    """Return a harmless text in a colour, if the stream (standard output when omitted) shows colours."""
    text = clean(text)
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if terminal_of(stream or sys.stdout).coloured else text


def wrapped(text: str, indent: int) -> str:
    """Return a harmless text in lines as wide as the terminal; all but the first are indented."""
    import textwrap

    lines = textwrap.wrap(clean(text), max(20, columns() - indent), break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * indent).join(lines)
