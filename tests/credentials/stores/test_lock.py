"""The lock between processes: who holds it, and who does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.stores.lock import FileLock

HOLDER = """
import os, signal, sys
from pathlib import Path
from keybearer.credentials.stores.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
assert lock.acquire()
child = os.fork()
if child == 0:
    print(os.getpid(), flush=True)
    signal.pause()
    os._exit(0)
signal.pause()
"""


def test_a_forked_child_does_not_hold_its_parents_lock(tmp_path: Path) -> None:
    """A process that is killed while it holds the lock gives it up, though a child of it lives on."""
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as holder:  # noqa: S603 - our own script
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            assert not FileLock(path).acquire()
            holder.kill()
            holder.wait(30)
            mine = FileLock(path)
            assert mine.acquire()
            mine.release()
        finally:
            holder.kill()
            os.kill(child, signal.SIGKILL)


def test_it_excludes_within_a_process_and_can_be_taken_again(tmp_path: Path) -> None:
    """Each acquisition opens the file anew, so threads exclude each other; the file stays."""
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    first.release()  # once more does no harm
    assert second.acquire()
    second.release()
    assert (tmp_path / "lock").exists()


def in_child(function: Callable[[], bool]) -> bool:
    """Return what a function gives in a forked child; False where it raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the test runner may have threads
        child = os.fork()
    if child == 0:
        try:
            os._exit(0 if function() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


def test_a_child_that_gives_its_parents_lock_back_changes_nothing(tmp_path: Path) -> None:
    """In the child the lock is not held: its release ends without an error, and the parent still has the lock."""
    path = tmp_path / "lock"
    lock = FileLock(path)
    assert lock.acquire()

    def give_back() -> bool:
        lock.release()
        return not FileLock(path).acquire()

    assert in_child(give_back)
    assert not FileLock(path).acquire()
    lock.release()


def test_a_fork_while_the_file_is_opened_costs_another_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that may have the descriptor without knowing of it never shares the one that is locked."""
    opened: list[int] = []
    really_open = os.open

    def open_and_fork(*args: Any) -> int:
        descriptor = really_open(*args)
        if not opened:
            assert in_child(lambda: True)
        opened.append(descriptor)
        return descriptor

    lock = FileLock(tmp_path / "lock")
    monkeypatch.setattr(os, "open", open_and_fork)
    assert lock.acquire()
    monkeypatch.undo()
    lock.release()
    assert len(opened) == 2
