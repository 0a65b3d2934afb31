"""The line that shows that something is waited for."""

from __future__ import annotations

import time

import pytest

from keybearer.cli import spinner
from keybearer.cli.spinner import Spinner
from support.terminals import Tty


def drawn(stream: Tty, least: int) -> None:
    """Wait until a stream has some of what is drawn."""
    until = time.monotonic() + 20
    while stream.getvalue().count("\r") < least and time.monotonic() < until:
        time.sleep(0.002)


def test_the_line_is_drawn_anew_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has what is waited for and the seconds; at the end the line is empty."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(spinner, "AFTER", 0.001)
    monkeypatch.setattr(spinner, "EVERY", 0.001)
    stream = Tty()
    line = Spinner("waiting", stream=stream)
    line.start()
    drawn(stream, 2)
    line.stop()
    line.stop()
    lines = stream.getvalue().split("\r\x1b[K")
    assert lines[0] == lines[-1] == ""
    assert lines[1].endswith(" waiting 0.0 s")
    assert lines[1][0] in spinner.SIMPLE  # the stream says no encoding


@pytest.mark.parametrize("quiet", [True, False])
def test_none_is_drawn_where_it_would_be_left_behind(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dumb terminal, or a wish for quiet."""
    monkeypatch.setenv("TERM", "xterm" if quiet else "dumb")
    monkeypatch.setattr(spinner, "AFTER", 0.0)
    stream = Tty()
    line = Spinner(quiet=quiet, stream=stream)
    line.start()
    line.stop()
    assert stream.getvalue() == ""


class Broken(Tty):
    """A terminal that was closed after it was found to be one."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_terminal_that_is_closed_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No error is left for anybody."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(spinner, "AFTER", 0.0)
    line = Spinner(stream=Broken())
    line.start()
    line.stop()
