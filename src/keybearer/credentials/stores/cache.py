"""A token that can be made anew, in a file: whatever is wrong with the file is no error.

Strategy: the file of `keybearer.credentials.stores.file`, with its lock and journal, so that processes share one token and one
exchange. What cannot be read counts as no token. What cannot be written stays in this process's memory: a container may have no disk
that it can write to, and no home.

Contract: another user's file, or one that others can read, is never used (`read_secret` refuses it); it is replaced.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from keybearer.credentials.bundle import OAuthBundle
from keybearer.credentials.stores.file import FileStore
from keybearer.credentials.stores.lock import FileLock
from keybearer.credentials.stores.private_files import private_folder
from keybearer.credentials.stores.protocol import RefreshJournal, StoreLock
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["NOWHERE", "CacheStore"]

NOWHERE: Final = Path(os.devnull) / "keybearer"
"""A folder that cannot be, for a user without a home: its tokens stay in memory."""

EMPTY: Final = OAuthBundle(access_token=Secret(""), document=Secret("{}"), expires_at=0.0)
"""No token yet: one that expired long ago."""

_in_memory: dict[Path, Secret] = {}
"""The texts of tokens that could not be written, by the file that they are for."""


class CacheStore(FileStore):
    """A token in a file, or in memory."""

    def version(self) -> object:
        """Return a value that changes when the token does."""
        kept = _in_memory.get(self.path)
        return super().version(), None if kept is None else hash(kept)

    def load(self, until: str | None = None) -> OAuthBundle:
        """Read the token; one that has long expired when there is none."""
        return self._later(super().load(until))

    def recover(self) -> OAuthBundle:
        """Finish or remove what a killed process left, and read the token."""
        return self._later(super().recover())

    def lock(self) -> FileLock:
        """Return the lock that excludes every other process that can see the folder."""
        return _CacheLock(self.path.with_name(f".{self.path.name}.lock"))

    def reserve(self, held: OAuthBundle, lock: StoreLock) -> RefreshJournal:
        """Reserve room for the result; in memory, where the disk has none."""
        with contextlib.suppress(OSError):
            return _CacheJournal(super().reserve(held, lock), self.path)
        return _CacheJournal(None, self.path)

    def in_memory(self) -> bool:
        """Return whether the token could not be written, so that each process has its own."""
        return self.path in _in_memory

    def _read(self, path: Path) -> OAuthBundle:
        with contextlib.suppress(CredentialError):
            return super()._read(path)
        return EMPTY

    def _later(self, held: OAuthBundle) -> OAuthBundle:
        """Return the token in memory, if it outlives the one of the file."""
        kept = _in_memory.get(self.path)
        other = EMPTY if kept is None else self.codec.parse(kept, self.path)
        return other if (other.expires_at or 0.0) > (held.expires_at or 0.0) else held


class _CacheLock(FileLock):
    """A lock that counts as held where it cannot be made: then nothing is shared that it would guard."""

    def acquire(self) -> bool:
        """Take the lock if it is free, without waiting."""
        with contextlib.suppress(OSError):
            private_folder(self._path.parent)
            return super().acquire()
        return True


class _CacheJournal:
    """Room for a token on the disk, or in memory where the disk refuses."""

    def __init__(self, inner: RefreshJournal | None, path: Path) -> None:
        self._inner, self._path, self._text = inner, path, Secret("")

    def write(self, text: Secret) -> None:
        """Keep the token."""
        self._text = text
        try:
            if self._inner is not None:
                self._inner.write(text)
                return
        except OSError:
            self.drop()
        _in_memory[self._path] = text

    def commit(self) -> None:
        """Put it in the file's place."""
        try:
            if self._inner is not None:
                self._inner.commit()
                _in_memory.pop(self._path, None)
        except OSError:
            self.drop()
            _in_memory[self._path] = self._text

    def rescue(self, text: Secret) -> None:
        """Keep the token, as `write` does: memory takes what the disk refuses."""
        self.write(text)

    def drop(self) -> None:
        """Remove the journal."""
        inner, self._inner = self._inner, None
        if inner is not None:
            inner.drop()

    def discard(self, *, unspent: bool) -> None:
        """Remove the journal, unless it holds a token."""
        if self._inner is not None:
            self._inner.discard(unspent=unspent)
