"""Width and colours: what the environment says of the terminal."""

from __future__ import annotations

import io

import pytest

from keybearer.cli.screen import columns, has_colours, painted, wrapped


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("environ", "terminal", "coloured"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colours(environ: dict[str, str], terminal: bool, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours are for terminals that are not dumb; NO_COLOR wins over FORCE_COLOR, which wins over a pipe."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm"} | environ).items():
        monkeypatch.setenv(name, value)
    stream = Terminal() if terminal else io.StringIO()
    assert has_colours(stream) is coloured
    assert painted("a\x1b[2Jb", "red", stream).count("\x1b") == (2 if coloured else 0)


@pytest.mark.parametrize(("width", "seen"), [("60", 60), ("120", 120), ("400", 120), ("5", 20), ("0", 80)])
def test_width(width: str, seen: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are as wide as the terminal, up to 120; where nobody knows, 80."""
    monkeypatch.setenv("COLUMNS", width)
    assert columns() == seen
    lines = wrapped("word " * 60, 9).splitlines()
    assert len(lines[0]) <= max(20, seen - 9)
    assert lines[1].startswith(" " * 9 + "word")
