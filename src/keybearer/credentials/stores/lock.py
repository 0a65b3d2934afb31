"""A lock between processes: a kernel lock on a file that is created once and never removed.

Strategy: `flock` (on Windows a byte-range lock) on an open file. The kernel releases it when the holder dies, so there are no stale
locks. The file stays, because a lock on a removed file excludes no one.

Contract: it also excludes threads of one process, because each acquisition opens the file again. A forked child never holds it: the
child closes the inherited descriptors, because a lock held through them would outlive its owner.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

__all__ = ["FileLock"]

_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)

_open: set[int] = set()
"""Descriptors of the locks that this process has open."""
_forks = 0
"""How often this process has forked."""


def _before_fork() -> None:
    global _forks  # noqa: PLW0603 - one count a process
    _forks += 1


def _after_fork_in_child() -> None:
    for descriptor in _open:
        os.close(descriptor)
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)


class FileLock:
    """One acquisition of a lock file.

    Args:
        path: The lock file; made when it is not there.
        shared: Whether several may hold it at once, as long as nobody holds it alone. Windows has no such lock: there it excludes
            nobody.

    Attributes:
        fence: Always 0: the kernel ends a holding with its process, so none outlives it.
    """

    fence = 0

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self._path = path
        self._shared = shared
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free, without waiting.

        Returns:
            Whether it is held now.

        Raises:
            OSError: The lock file cannot be made or opened.
        """
        while True:
            forks = _forks
            descriptor = os.open(self._path, _FLAGS, 0o600)
            _open.add(descriptor)
            if forks == _forks:
                break
            # A fork fell between the two lines: its child may have this descriptor without knowing of it.
            _close(descriptor)
        try:
            held = _try_lock(descriptor, shared=self._shared)
        except BaseException:
            _close(descriptor)
            raise
        if not held:
            _close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._descriptor is not None and self._descriptor in _open:
            _unlock(self._descriptor)
            _close(self._descriptor)
        self._descriptor = None


def _close(descriptor: int) -> None:
    _open.discard(descriptor)
    os.close(descriptor)


if sys.platform == "win32":  # pragma: no cover - no Windows in the tests
    import msvcrt

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        if shared:
            return True
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        with contextlib.suppress(OSError):  # a shared one
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
