"""What a stream of this program writes to: a terminal or not, and what may be done there.

Source: https://no-color.org and https://force-color.org; a terminal that calls itself dumb has neither colours nor a cursor.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

__all__ = ["Terminal", "is_terminal", "terminal_of", "width"]

_DUMB = frozenset({"dumb", "unknown"})
_OFF = frozenset({"0", "false"})


class Terminal(NamedTuple):
    """What a stream writes to.

    Attributes:
        person: Whether a person reads it as it is: a terminal, or what `FORCE_COLOR` says will be shown on one.
        styled: Whether it may have styles, such as bold.
        coloured: Whether it may have colours too.
        moves: Whether lines can be drawn anew, as a spinner does.
    """

    person: bool
    styled: bool
    coloured: bool
    moves: bool


def terminal_of(stream: IO[Any] | None, environ: Mapping[str, str] = os.environ) -> Terminal:
    """Return what may be done with a stream.

    Args:
        stream: The stream; None where it is closed.
        environ: The environment: `TERM`, `NO_COLOR` and `FORCE_COLOR` are read.
    """
    real = is_terminal(stream)
    forced = environ.get("FORCE_COLOR", "")
    dumb = environ.get("TERM", "") in _DUMB
    person = real or (bool(forced) and forced not in _OFF)
    styled = person and (not dumb or not real)
    return Terminal(person, styled, styled and not environ.get("NO_COLOR") and forced not in _OFF, real and not dumb)


def is_terminal(stream: IO[Any] | None) -> bool:
    """Return whether a stream is a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def width(environ: Mapping[str, str] = os.environ) -> int:
    """Return how many columns the terminal has: as `COLUMNS` says, else as standard output's terminal does; 80 where there is none.

    As `shutil.get_terminal_size`, without the cost of importing it.
    """
    with contextlib.suppress(ValueError):
        if (said := int(environ.get("COLUMNS", ""))) > 0:
            return said
    with contextlib.suppress(ValueError, OSError):  # standard output is closed, or no terminal
        return (sys.__stdout__ and os.get_terminal_size(sys.__stdout__.fileno()).columns) or 80
    return 80
