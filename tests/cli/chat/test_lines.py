"""Where the questions of a chat come from."""

from __future__ import annotations

import io
import stat
import sys

import pytest

from keybearer.cli.chat.lines import PlainLines, history_file, make_lines
from support.terminals import Tty


def test_a_backslash_goes_on_in_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of the input is its own error, also within a question."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\ntwo \\\nthree\r\n\nfour\\"))
    lines = PlainLines(prompt=False)
    assert [lines.read() for _ in range(3)] == ["one", "two \nthree", ""]
    with pytest.raises(EOFError):
        lines.read()


def test_the_history_is_for_its_user_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a home has none."""
    path = history_file()
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, "")
    assert history_file() is None


def test_a_pipe_and_a_dumb_terminal_get_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a terminal without prompt_toolkit; an edited line needs a terminal on both sides."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert type(make_lines(keep=True)) is PlainLines
    monkeypatch.setattr(sys, "stdin", Tty(""))
    monkeypatch.setattr(sys, "stdout", Tty())
    monkeypatch.setenv("TERM", "dumb")
    assert type(make_lines(keep=True)) is PlainLines
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(sys.modules, "keybearer.cli.chat.editing", None)
    assert type(make_lines(keep=True)) is PlainLines
