"""What may be done with a stream, by what it is and what the environment says."""

from __future__ import annotations

import io
import shutil

import pytest

from keybearer.cli.terminal import Terminal, terminal_of, width
from support.terminals import Tty

ON_A_TERMINAL = {
    "": (True, True, True, True),
    "NO_COLOR=1": (True, True, False, True),
    "NO_COLOR=": (True, True, True, True),
    "TERM=dumb": (True, False, False, False),
    "FORCE_COLOR=1": (True, True, True, True),
    "FORCE_COLOR=0": (True, True, False, True),
    "FORCE_COLOR=1 NO_COLOR=1": (True, True, False, True),
}
IN_A_PIPE = {
    "": (False, False, False, False),
    "FORCE_COLOR=1": (True, True, True, False),
    "FORCE_COLOR=1 TERM=dumb": (True, True, True, False),
    "FORCE_COLOR=0": (False, False, False, False),
    "NO_COLOR=1 FORCE_COLOR=3": (True, True, False, False),
}


def environ(text: str) -> dict[str, str]:
    """Return the variables that a text sets."""
    return {"TERM": "xterm", **dict(each.split("=", 1) for each in text.split())}


@pytest.mark.parametrize("variables", ON_A_TERMINAL)
def test_a_terminal(variables: str) -> None:
    """NO_COLOR takes the colours, a dumb terminal all styles and the cursor."""
    assert terminal_of(Tty(), environ(variables)) == Terminal(*ON_A_TERMINAL[variables])


@pytest.mark.parametrize("variables", IN_A_PIPE)
def test_a_pipe(variables: str) -> None:
    """A pipe has no styles unless FORCE_COLOR says that a terminal will show it; no line is ever drawn anew in it."""
    assert terminal_of(io.StringIO(), environ(variables)) == Terminal(*IN_A_PIPE[variables])


def test_a_closed_stream_is_no_terminal() -> None:
    """Nor is one that is missing."""
    closed = io.StringIO()
    closed.close()
    assert (
        terminal_of(closed, {})
        == terminal_of(None, {})
        == Terminal(person=False, styled=False, coloured=False, moves=False)
    )


@pytest.mark.parametrize("columns", ["60", "0", "-3", "wide", "", None])
def test_the_width_is_the_one_that_python_finds(columns: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS wins where it is a width; else the terminal says, and it is 80 where there is none."""
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert width() == shutil.get_terminal_size().columns
