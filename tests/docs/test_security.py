"""The threat model: each row names a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

from support.reliability import defines

PAGE = Path(__file__).parents[2] / "SECURITY.md"
ROWS = re.findall(r"^\| (to .*?) \| (.*?) \| (.*?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_each_threat_has_a_test() -> None:
    """Five kinds of enemy; every row says what holds and names one test, which exists."""
    text = PAGE.read_text(encoding="utf-8")
    enemies = re.findall(r"^## (.*(?:[Hh]ostile).*)$", text, re.MULTILINE)
    assert [enemy.lower().removeprefix("a ").split()[1] for enemy in enemies] == [
        "folder",
        "server",
        "proxy",
        "model",
        "neighbour",
    ]
    rows = [line for line in text.splitlines() if line.startswith("| to ")]
    assert len(ROWS) == len(rows) > 40
    assert [test for _, _, test in ROWS if not (test.startswith("`") and defines(test.strip("`")))] == []
