"""The disk operations of a refresh.

Strategy: each disk operation of a refresh is one method here, so that a test can fail or kill the process at each one, and
`stores.file` reads as the list of its steps.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final, Protocol

__all__ = ["DISK", "Disk"]

_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Disk(Protocol):
    """The operations. Each may raise `OSError`."""

    def create(self, path: Path) -> int:
        """Create and open a new file that only its owner can read."""
        ...

    def write(self, descriptor: int, data: bytes) -> None:
        """Replace the file's content."""
        ...

    def sync(self, descriptor: int) -> None:
        """Wait until the file is on the disk."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Replace one file by another, atomically."""
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
        os.ftruncate(descriptor, len(data))  # first: a process killed before the end leaves zeros, which are not JSON
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
