"""Disks that fail, or end the process, at one of their operations."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.stores.disk import DISK

STEPS = (
    "journal: create",
    "journal: write zeros",
    "journal: sync zeros",
    "journal: sync folder",
    "journal: write reply",
    "journal: sync reply",
    "commit: rename",
    "commit: sync folder",
)
"""What a refresh does to the disk, in order; the request goes out between the fourth and the fifth."""

REQUEST_AFTER = 4


class SteppingDisk:
    """A disk that calls `at` before and after each operation that changes something.

    Args:
        at: Called with the operation's number, from 0, and whether it is done.
    """

    def __init__(self, at: Callable[[int, bool], None]) -> None:
        self._at = at
        self.count = 0
        self.names: list[str] = []

    def mend(self) -> None:
        """Work from now on."""
        self._at = lambda *_: None

    def _do(self, name: str, act: Callable[..., Any], *args: Any) -> Any:
        number, self.count = self.count, self.count + 1
        self.names.append(name)
        self._at(number, False)
        result = act(*args)
        self._at(number, True)
        return result

    def create(self, path: Path) -> int:
        """Make a file."""
        descriptor: int = self._do("create", DISK.create, path)
        return descriptor

    def write(self, descriptor: int, data: bytes) -> None:
        """Write a file."""
        self._do("write", DISK.write, descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Sync a file."""
        self._do("sync", DISK.sync, descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file."""
        self._do("rename", DISK.rename, source, target)

    def unlink(self, path: Path) -> None:
        """Remove a file; not a step, for it is only done to what is not needed."""
        DISK.unlink(path)

    def sync_folder(self, path: Path) -> None:
        """Sync a folder."""
        self._do("sync_folder", DISK.sync_folder, path)


def failing(number: int, code: int, *, times: int = 1_000) -> SteppingDisk:
    """Return a disk whose operations fail from one on."""
    left = [times]

    def at(step: int, done: bool) -> None:
        if step >= number and not done and left[0]:
            left[0] -= 1
            raise OSError(code, os.strerror(code))

    return SteppingDisk(at)


def killing(number: int, *, after: bool) -> SteppingDisk:
    """Return a disk that ends the process right before or right after an operation."""

    def at(step: int, done: bool) -> None:
        if step == number and done is after:
            os.kill(os.getpid(), signal.SIGKILL)

    return SteppingDisk(at)


class TornDisk(SteppingDisk):
    """A disk that writes part of an operation's data and ends the process."""

    def __init__(self, number: int, part: float) -> None:
        super().__init__(lambda _number, _done: None)
        self._number, self._part = number, part

    def write(self, descriptor: int, data: bytes) -> None:
        """Write a file, or part of it."""
        if self.count == self._number:
            os.ftruncate(descriptor, len(data))
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, data[: int(len(data) * self._part)])
            os.kill(os.getpid(), signal.SIGKILL)
        super().write(descriptor, data)


FULL, BROKEN, READ_ONLY = errno.ENOSPC, errno.EIO, errno.EROFS


@contextlib.contextmanager
def full_disk(room: int = 0) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: a write further on fails, as on a full disk ("File too large")."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
