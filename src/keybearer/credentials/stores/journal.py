"""The journal of a refresh: room for its result, proved before the result is asked for.

Strategy: a file full of zeros, synced, in the login's folder; the result is written over them and synced, then renamed over the login.

Contract: from `write` on, the result survives the process. What is not written yet is zeros, which no login holds.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol

from keybearer.credentials.stores.disk import Disk
from keybearer.types.secret import Secret

__all__ = ["FileJournal", "Journal"]


class Journal(Protocol):
    """Room for one refresh's result, proved before it is asked for."""

    def write(self, text: Secret) -> None:
        """Make the result lasting: from here on it survives the process."""
        ...

    def commit(self) -> None:
        """Put the result in the store's place."""
        ...

    def drop(self) -> None:
        """Give the room back, whatever was written: another login has overtaken it."""
        ...

    def discard(self) -> None:
        """Give the room back, unless a result was written: that stays."""
        ...


class FileJournal:
    """A journal in a file, from its proof to its rename.

    Args:
        target: The login's file, whose place the result takes.
        path: The journal's file.
        disk: The disk.
        size: How many bytes are proved to be there.
    """

    def __init__(self, target: Path, path: Path, disk: Disk, size: int) -> None:
        self._target, self._path, self._disk = target, path, disk
        self._disk.unlink(path)
        self._descriptor: int | None = None
        self._written = False
        try:
            self._descriptor = disk.create(path)
            disk.write(self._descriptor, bytes(size))
            disk.sync(self._descriptor)
            disk.sync_folder(path.parent)
        except BaseException:
            self.discard()
            raise

    def write(self, text: Secret) -> None:
        """Make the result lasting."""
        if self._descriptor is None:
            raise OSError("the journal is closed")
        self._disk.write(self._descriptor, text.reveal().encode())
        self._disk.sync(self._descriptor)
        self._written = True

    def commit(self) -> None:
        """Rename the journal over the file."""
        self._close()
        self._disk.rename(self._path, self._target)
        self._disk.sync_folder(self._path.parent)

    def drop(self) -> None:
        """Remove the journal, with the result that was written."""
        self._written = False
        self.discard()

    def discard(self) -> None:
        """Remove the journal, unless a result was written."""
        self._close()
        if not self._written:
            with contextlib.suppress(OSError):
                self._disk.unlink(self._path)

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
