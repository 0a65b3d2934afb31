"""Width and colours: what the environment says of the terminal."""

from __future__ import annotations

import io

import pytest

from keybearer.cli.screen import columns, painted, wrapped


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word is painted on a terminal alone, and no text brings sequences of its own."""
    monkeypatch.setenv("TERM", "xterm")
    assert painted("a\x1b[2Jb", "red", Terminal()).count("\x1b") == 2
    assert "\x1b" not in painted("a\x1b[2Jb", "red", io.StringIO())


@pytest.mark.parametrize(("width", "seen"), [("60", 60), ("120", 120), ("400", 120), ("5", 20), ("0", 80)])
def test_width(width: str, seen: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are as wide as the terminal, up to 120; where nobody knows, 80."""
    monkeypatch.setenv("COLUMNS", width)
    assert columns() == seen
    lines = wrapped("word " * 60, 9).splitlines()
    assert len(lines[0]) <= max(20, seen - 9)
    assert lines[1].startswith(" " * 9 + "word")
