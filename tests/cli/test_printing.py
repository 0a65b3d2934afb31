"""How an answer is printed: raw in a pipe, harmless and rendered on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from keybearer.cli.printing import PlainPrinter, RawPrinter, make_printer
from support.terminals import Tty

ATTACK = "a \x1b]52;c;ZXZpbA==\x07 **b** [c](http://evil.example)"


def printed(stream: io.StringIO, *pieces: str) -> str:
    """Return what the printer that fits a stream prints."""
    printer = make_printer(stream)
    for piece in pieces:
        printer.write(piece)
    printer.end()
    return stream.getvalue()


def test_a_pipe_gets_the_text_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte, with a line end where there is none."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert printed(io.StringIO(), ATTACK[:3], ATTACK[3:]) == ATTACK + "\n"
    assert printed(io.StringIO(), "a\r", "\nb\n") == "a\r\nb\n"


def test_a_terminal_gets_markdown_rendered_and_nothing_that_it_would_obey(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sequence is shown as signs, a link with its address; all other sequences are styles, and the cursor's."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = printed(Tty(), "# Title\n", ATTACK[:4], ATTACK[4:])
    assert "\x1b]" not in shown
    assert "\x07" not in shown
    assert "␛]52;c;ZXZpbA==␇" in shown
    assert "(http://evil.example)" in shown.replace("\x1b[0m", "").replace("\x1b[4;34m", "")
    assert "**" not in shown
    assert "#" not in shown


def test_a_dumb_terminal_and_one_without_rich_get_harmless_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Markdown stays as it is written."""
    monkeypatch.setenv("TERM", "dumb")
    assert printed(Tty(), "**a** \x1b[2J") == "**a** ␛[2J\n"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(sys.modules, "keybearer.cli.markdown", None)
    assert printed(Tty(), "**a** \x1b[2J\r") == "**a** ␛[2J␍\n"


@pytest.mark.parametrize("cls", [RawPrinter, PlainPrinter])
def test_text_can_follow_after_an_end(cls: type[RawPrinter]) -> None:
    """As the replies of a run do."""
    stream = io.StringIO()
    printer = cls(stream)
    printer.write("one")
    printer.end()
    printer.write("two\n")
    printer.end()
    assert stream.getvalue() == "one\ntwo\n"
