"""The live table: one coloured line for each request, redrawn in place."""

from __future__ import annotations

import io
import re

import pytest

from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.process.terminal import LiveTable, table_row


def entry(status: int = 200, **note: object) -> RecordedRequest:
    """Make an answered request."""
    return RecordedRequest(
        0.0, "POST", "/v1/messages", {}, {}, b"", "req_1", status=status, note=dict(note), seconds=0.0123
    )


def test_a_row_tells_the_outcome() -> None:
    """A row has status, time, tokens and what happened."""
    usage = {"input_tokens": 3, "cache_read_input_tokens": 40, "output_tokens": 5}
    row = table_row(entry(usage=usage, stop_reason="end_turn"), 120)
    assert "   200     12.3       43       5  POST /v1/messages  end_turn" in row
    assert row.startswith("\x1b[32m")


def test_a_refusal_names_its_rule() -> None:
    """A refused request shows the fault or the rule, in another colour."""
    assert "overloaded · overloaded_error" in table_row(entry(529, fault="overloaded", error="overloaded_error"), 120)
    assert table_row(entry(529), 120).startswith("\x1b[31m")
    assert table_row(entry(400), 120).startswith("\x1b[33m")


def test_a_row_fits_the_terminal() -> None:
    """A row is never longer than the terminal is wide."""
    visible = table_row(entry(400, rule="x" * 300), 80).removeprefix("\x1b[33m").removesuffix("\x1b[0m")
    assert len(visible) == 79


@pytest.mark.parametrize("width", [20, 40, 64, 65, 80, 200])
def test_nothing_wraps_at_any_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Heading and rows fit their line; in a narrow terminal the figures are left out."""
    monkeypatch.setenv("COLUMNS", str(width))
    out = io.StringIO()
    table = LiveTable("simulator", out)
    table.add(entry(400, rule="unknown-fields"))
    lines = [re.sub(r"\x1b\[[0-9]*[A-Za-z]", "", line) for line in out.getvalue().splitlines()]
    assert all(len(line) < width for line in lines)
    if width >= 40:
        assert "request" in lines[1]
        assert "POST /v1/mess" in lines[2]


def test_the_table_is_drawn_over_itself() -> None:
    """Only the newest rows are shown, and each drawing replaces the last."""
    out = io.StringIO()
    table = LiveTable("heading", out)
    for _ in range(20):
        table.add(entry())
    last = out.getvalue().rsplit("\x1b[J", 1)[1]
    assert last.count("/v1/messages") == 15
    assert "20 requests" in last
    assert "\x1b[16F" in out.getvalue()
