"""Where a download is written: never half a file under its name, and nothing that is no file is replaced."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from keybearer.errors import UsageError
from keybearer.shell.targets import writing


def test_a_file_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    """What was there stays until then, and stays for good when the writing fails; nothing is left beside it."""
    place = tmp_path / ("ü" * 120)
    place.write_bytes(b"old")
    stack = contextlib.ExitStack()
    stack.enter_context(writing(place)).write(b"new")
    assert stack.__exit__(OSError, OSError("the disk is full"), None) is False
    assert (place.read_bytes(), list(tmp_path.iterdir())) == (b"old", [place])
    with writing(str(place)) as file:
        file.write(b"new")
        assert place.read_bytes() == b"old"
    assert (place.read_bytes(), list(tmp_path.iterdir())) == (b"new", [place])


def test_a_link_is_kept(tmp_path: Path) -> None:
    """The file that it leads to is written."""
    place, link = tmp_path / "file", tmp_path / "link"
    place.write_bytes(b"old")
    link.symlink_to(place)
    with writing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert place.read_bytes() == b"new"


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """A pipe, and so a device such as /dev/null: moving a file to its path would take its place for everybody."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with writing(pipe) as file:
        file.write(b"x" * 200_000)
    reader.join(10)
    assert read == [b"x" * 200_000]
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_file_object_takes_all_and_stays_open() -> None:
    """Also one that takes a part of what it is given."""

    class Slow(io.RawIOBase):
        taken = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.taken += bytes(data[:3])
            return min(3, len(data))

    slow, whole = Slow(), io.BytesIO()
    targets: list[Any] = [slow, whole]
    for target in targets:
        with writing(target) as file:
            file.write(b"ten bytes!")
        assert not target.closed
    assert bytes(slow.taken) == whole.getvalue() == b"ten bytes!"


def test_what_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    """A folder, and what is neither a path nor a file object."""
    with pytest.raises(IsADirectoryError, match="is a folder"), writing(tmp_path):
        pass
    wrong: Any = 5
    with pytest.raises(UsageError, match="not to a int"), writing(wrong):
        pass
