"""A login in a file. A process that is killed at any moment loses no token that it had.

Strategy: the file is only ever replaced by a rename. A refresh first writes its result to a journal beside the file, named
for the token id that it replaces: `.oauth.json.1f0c….journal`. The journal's content is the next bundle, so one rename finishes
an interrupted refresh.

    lock ─▶ recover ─▶ read ─▶ reserve ─▶ POST ─▶ journal ─▶ rename ─▶ sync folder ─▶ publish ─▶ unlock
                               │ a journal full of zeros, synced:     │ the reply, synced: from here on nothing can be lost
                               │ a full disk is noticed here          │
                               └ the only window: the server has rotated the token, and the process dies before its journal

Contract:
  - Everything but `load` is called with the lock held.
  - `load` reads a finished journal too, so a failed rename hides no token.
  - A journal is used only for the token id in its name; one left over from an older login is removed.
  - A half-written journal is not a login: its unwritten part is zeros, which `documents` never writes.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from keybearer.credentials.bundle import OAuthBundle
from keybearer.credentials.stores.disk import DISK, Disk
from keybearer.credentials.stores.journal import FileJournal
from keybearer.credentials.stores.lock import FileLock
from keybearer.credentials.stores.notes import Notes
from keybearer.credentials.stores.private_files import private_folder, read_secret, stat_signature
from keybearer.credentials.stores.protocol import Codec, RefreshJournal, Store, StoreLock
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["FileStore", "recovered"]

RESERVE: Final = 16 << 10
"""The least room that a journal reserves before the request, in bytes."""

MAX_FOLLOWERS: Final = 8
"""How many journals are followed. There is more than one only where the file cannot be replaced."""


class FileStore:
    """A login in a file.

    Args:
        path: The file.
        codec: Its format.
        disk: The disk.
    """

    def __init__(self, path: Path, codec: Codec, *, disk: Disk = DISK) -> None:
        self.path = path
        self.codec = codec
        self.notes = Notes(path.with_name(f".{path.name}"))
        self._disk = disk

    @property
    def name(self) -> str:
        """The kind and the place of the login, in words."""
        return f"{self.codec.what} {self.path}"

    def version(self) -> object:
        """Return a value that changes when the file does."""
        return stat_signature(self.path)

    def look(self) -> None:
        """Do nothing: `version` and the notes read the disk."""

    def doubt(self, held: OAuthBundle) -> None:
        """Return nothing: who holds the lock of a machine's own file is alone with it."""

    def lock(self) -> FileLock:
        """Return the lock that excludes every other process."""
        return FileLock(self.path.with_name(f".{self.path.name}.lock"))

    def unfinished(self) -> bool:
        """Return whether there is a journal."""
        return any(self._journals())

    def load(self, until: str | None = None) -> OAuthBundle:
        """Read the login; a finished journal that follows from the file is newer than the file."""
        return self._newest(until)[0]

    def recover(self) -> OAuthBundle:
        """Finish or remove what a killed process left, and read the login."""
        held, place = self._newest()
        if place != self.path:
            try:
                self._disk.rename(place, self.path)
                self._disk.sync_folder(self.path.parent)
            except OSError:
                return held  # it stays readable as a journal
        self._clear()
        return held

    def prove_writable(self) -> None:
        """Check that a login can be written: write a file of its size beside it, and remove it again."""
        try:
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            private_folder(self.path.parent)
            self._probe()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        else:
            return
        raise CredentialError(
            f"{self.name[0].upper()}{self.name[1:]} cannot be written: {reason}.",
            source=self.name,
            problem="unwritable",
            hint="Make room, or make its folder writable, or name another file with auth.bundle.",
        )

    def _probe(self) -> None:
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.probe")
        self._disk.unlink(draft)
        descriptor = self._disk.create(draft)
        try:
            try:
                self._disk.write(descriptor, bytes(RESERVE))
                self._disk.sync(descriptor)
            finally:
                os.close(descriptor)
        finally:
            with contextlib.suppress(OSError):
                self._disk.unlink(draft)

    def reserve(self, held: OAuthBundle, lock: StoreLock) -> RefreshJournal:  # noqa: ARG002 - the kernel ends it with its holder
        """Reserve room for a result: create its journal, fill it with zeros and sync it."""
        size = max(RESERVE, 2 * len(held.document))
        return FileJournal(self.path, self._journal(held), self._disk, size, self.replace)

    def replace(self, text: Secret) -> None:
        """Put a new login in place, in a folder that only its owner can enter."""
        private_folder(self.path.parent)
        draft = self.path.with_name(f".{self.path.name}.new")
        self._disk.unlink(draft)
        descriptor = self._disk.create(draft)
        try:
            try:
                self._disk.write(descriptor, text.reveal().encode())
                self._disk.sync(descriptor)
            finally:
                os.close(descriptor)
            self._disk.rename(draft, self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                self._disk.unlink(draft)
            raise
        self._disk.sync_folder(self.path.parent)
        self._clear()
        self.notes.clear()

    def removable(self) -> bool:
        """Return whether the file is a login, even an unusable one: a mistyped path must not delete another file."""
        try:
            text = read_secret(
                self.path, self.codec.what, shared=True
            )  # a file that others can read may be removed too
        except CredentialError as error:
            if error.problem == "missing":
                return False
            raise
        if self.codec.holds_login(text):
            return True
        raise CredentialError(
            f"{self.name[0].upper()}{self.name[1:]} holds no login, so it was not removed.",
            source=self.name,
            problem="no_token",
            hint="Correct the path, or remove the file yourself.",
        )

    def remove(self) -> bool:
        """Remove the file, if it is a login, with its journals; the lock file stays."""
        there = self.removable()
        self._disk.unlink(self.path)
        self._clear()
        self.notes.clear()
        return there

    def _read(self, path: Path) -> OAuthBundle:
        return self.codec.parse(read_secret(path, self.codec.what, login=self.codec.login), path)

    def _newest(self, until: str | None = None) -> tuple[OAuthBundle, Path]:
        """Return the newest login, of the file or a finished journal, and its path."""
        held, place = self._read(self.path), self.path
        for _ in range(MAX_FOLLOWERS):
            if held.token_id == until:
                break
            follower = self._journal(held)
            try:
                text = read_secret(follower, self.codec.what)
                if "\0" in text.reveal():
                    break  # half-written: the rest is zeros
                held, place = self.codec.parse(text, follower), follower
            except CredentialError:
                break  # there is none, or it is half-written
        return held, place

    def _journal(self, held: OAuthBundle) -> Path:
        return self.path.with_name(f".{self.path.name}.{held.token_id}.journal")

    def _clear(self) -> None:
        """Remove journals that are half-written or belong to an older login."""
        with contextlib.suppress(OSError):
            for path in self._journals():
                self._disk.unlink(path)

    def _journals(self) -> Iterator[Path]:
        """Yield the journals in the folder; none if the folder cannot be read."""
        begin, end = f".{self.path.name}.", ".journal"
        with contextlib.suppress(OSError, ValueError), os.scandir(self.path.parent) as entries:
            for entry in entries:
                if entry.name.startswith(begin) and entry.name.endswith(end):
                    yield self.path.with_name(entry.name)


def recovered(store: Store) -> OAuthBundle:
    """Read a login at startup. What a killed process left is finished first, unless another process holds the lock.

    Raises:
        CredentialError: It cannot be used.
    """
    if store.unfinished():
        lock = store.lock()
        with contextlib.suppress(OSError):
            if lock.acquire():
                try:
                    return store.recover()
                finally:
                    lock.release()
    return store.load()
