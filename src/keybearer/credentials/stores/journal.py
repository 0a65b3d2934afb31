"""The journal of a refresh: room for its result, reserved on the disk before the request is sent.

Strategy: a file full of zeros, synced, in the login's folder. The result is written over the zeros and synced, and the file is
renamed over the login.

Contract: from `write` on, the result survives the process. The unwritten part is zeros, which no login contains.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from keybearer.credentials.stores.disk import Disk
from keybearer.types.secret import Secret

__all__ = ["FileJournal"]


class FileJournal:
    """A journal in a file.

    Args:
        target: The login's file, which the journal replaces.
        path: The journal's file.
        disk: The disk.
        size: How many bytes are reserved.
        replace: Puts a login in place without a journal.
    """

    def __init__(self, target: Path, path: Path, disk: Disk, size: int, replace: Callable[[Secret], None]) -> None:
        self._target, self._path, self._disk, self._replace = target, path, disk, replace
        self._disk.unlink(path)
        self._descriptor: int | None = None
        self._written = False
        try:
            self._descriptor = disk.create(path)
            disk.write(self._descriptor, bytes(size))
            disk.sync(self._descriptor)
            disk.sync_folder(path.parent)
        except BaseException:
            self.discard(unspent=True)
            raise

    def write(self, text: Secret) -> None:
        """Write the result durably."""
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
        """Remove the journal, even with a result in it."""
        self._written = False
        self.discard(unspent=True)

    def rescue(self, text: Secret) -> None:
        """Replace the login without the journal."""
        self._replace(text)

    def discard(self, *, unspent: bool) -> None:  # noqa: ARG002 - on one machine nobody else can hold the next token
        """Remove the journal, unless it holds a result. Whether the token is spent, the next request finds out."""
        self._close()
        if not self._written:
            with contextlib.suppress(OSError):
                self._disk.unlink(self._path)

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
