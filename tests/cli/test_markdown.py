"""Markdown on a terminal, as it comes."""

from __future__ import annotations

import re

import pytest

from keybearer.cli.markdown import MarkdownPrinter
from keybearer.cli.terminal import Terminal
from support.terminals import Tty

TEXT = "# Title\n\nOne **two** `three`.\n\n```python\nx = 1\n\ny = 2\n```\n\n1. a\n2. b\n\n| k | v |\n|---|---|\n| 1 | 2 |\n"
STYLE = re.compile(r"\x1b\[[\d;]*m")


def lines(shown: str) -> list[str]:
    """Return what was printed, without its styles and empty lines."""
    return [line.rstrip() for line in STYLE.sub("", shown).splitlines() if line.strip()]


def printed(size: int, terminal: Terminal) -> str:
    """Return what is printed of the text in pieces."""
    stream = Tty()
    printer = MarkdownPrinter(stream, terminal)
    for at in range(0, len(TEXT), size):
        printer.write(TEXT[at : at + size])
    printer.end()
    return stream.getvalue()


@pytest.mark.parametrize("size", [3, 1000])
def test_the_parts_of_a_stream_look_as_the_whole(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings, code, lists and tables are whole however the text was split."""
    monkeypatch.setenv("COLUMNS", "40")
    still = Terminal(person=True, styled=True, coloured=True, moves=False)
    assert lines(printed(size, still)) == [
        "Title", "One two three.", " x = 1", " y = 2", " 1 a", " 2 b", " k  v", " ────", " 1  2",
    ]  # fmt: skip


def test_one_empty_line_stands_between_two_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a list too."""
    monkeypatch.setenv("COLUMNS", "40")
    stream = Tty()
    printer = MarkdownPrinter(stream, Terminal(person=True, styled=True, coloured=True, moves=False))
    printer.write("One:\n\n- two\n- three\n\nFour\n")
    printer.end()
    assert STYLE.sub("", stream.getvalue()).splitlines() == ["One:", "", " • two", " • three", "", "Four"]


def test_what_still_comes_is_taken_away_when_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where lines can be drawn anew, the end of the text is the same; the cursor is hidden meanwhile, and shown again."""
    monkeypatch.setenv("COLUMNS", "40")
    moving = Terminal(person=True, styled=True, coloured=False, moves=True)
    shown = printed(5, moving)
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")
    assert shown.rstrip().splitlines()[-1].split() == ["1", "2"]


def test_no_colours_leaves_other_styles() -> None:
    """NO_COLOR is about colours alone."""
    shown = printed(1000, Terminal(person=True, styled=True, coloured=False, moves=False))
    assert "\x1b[1m" in shown
    assert not re.search(r"\x1b\[[\d;]*3[0-7]", shown)
