"""A file that a command makes is whole, or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from keybearer.cli.new_file import write_new
from support.disks import full_disk


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_new_file(private: bool, mode: int, tmp_path: Path) -> None:
    """It has the text, and the mode that it should have; half of a character becomes an escape."""
    before = os.umask(0o022)
    try:
        write_new(tmp_path / "a", "é\udc80\n", private=private)
    finally:
        os.umask(before)
    assert (tmp_path / "a").read_bytes() == "é\\udc80\n".encode()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def test_what_is_there_stays(tmp_path: Path) -> None:
    """A file that is there is an error, and keeps what it has."""
    (tmp_path / "a").write_text("before")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", "after")
    assert (tmp_path / "a").read_text() == "before"


def test_a_full_disk_leaves_no_half(tmp_path: Path) -> None:
    """What could not be written whole is not there, so that it can be made again."""
    with full_disk(4096), pytest.raises(OSError, match="too large"):
        write_new(tmp_path / "a", "x" * 10_000)
    assert list(tmp_path.iterdir()) == []
