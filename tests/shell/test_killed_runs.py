"""A sample of the kills that `make figures` makes: processes of runs with a journal, killed at random moments."""

from __future__ import annotations

from pathlib import Path

from support.killed_runs import kill_runs


def test_no_tool_runs_twice_and_no_run_is_lost(tmp_path: Path) -> None:
    """The file that the tools write says what has really run."""
    count = kill_runs(15, 7, tmp_path)
    assert count.kills >= 15
    assert (count.twice, count.lost) == ([], [])
