"""The disk as the token store knows it: the few operations that a refresh is made of.

Strategy: every touch of the disk during a refresh is one method here, so that a test can fail or kill the process at each, and the
protocol in `store` reads as the list of its steps.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final, Protocol

__all__ = ["DISK", "Disk"]

_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Disk(Protocol):
    """What the store does to files. Each raises `OSError`."""

    def create(self, path: Path) -> int:
        """Make a new file that only its owner can read, and open it."""
        ...

    def write(self, descriptor: int, data: bytes) -> None:
        """Make this the file's whole content."""
        ...

    def sync(self, descriptor: int) -> None:
        """Wait until the file is on the disk."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Put one file in another's place, in one step."""
        ...

    def unlink(self, path: Path) -> None:
        """Remove a file, if it is there."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Wait until the folder's entries are on the disk."""
        ...


class _OSDisk:
    """The operating system's."""

    def create(self, path: Path) -> int:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _FLAGS, 0o600)

    def write(self, descriptor: int, data: bytes) -> None:
        os.ftruncate(descriptor, len(data))  # first: whoever is killed before the end leaves zeros, which are no JSON
        os.lseek(descriptor, 0, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        if os.name == "nt":
            return  # Windows has no such thing
        descriptor = os.open(path, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # some file systems cannot
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


DISK: Final[Disk] = _OSDisk()
