"""The lock between processes: who holds it, and who does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

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
