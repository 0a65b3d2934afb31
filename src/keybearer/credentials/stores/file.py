"""Where a login is kept, so that a process killed at any moment loses nothing that it had.

Strategy: the file is only ever replaced by a rename. What a refresh brings is first written to a journal, a file beside it named
for the generation that it follows: `.oauth.json.1f0c….journal`. The journal's content is the next bundle, so finishing a refresh
that was cut off is one rename.

    lock ─▶ recover ─▶ read ─▶ reserve ─▶ POST ─▶ journal ─▶ rename ─▶ sync folder ─▶ publish ─▶ unlock
                               │ a journal full of zeros, synced:     │ the reply, synced: from here on nothing can be lost
                               │ what cannot be written is found here │
                               └ the only window: a server that rotates and a process that dies before its journal

Contract:
  - Everything but `load` is called with the lock held.
  - `load` finds a finished journal too, so a rename that failed hides no token.
  - A journal is used only for the generation that it names: one that a newer login has overtaken is removed.
  - A torn journal is no login: what is not written yet is zeros, which `documents` never writes.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from keybearer.credentials.oauth.bundle import Codec, OAuthBundle, holds_token
from keybearer.credentials.stores.disk import DISK, Disk
from keybearer.credentials.stores.journal import FileJournal, Journal
from keybearer.credentials.stores.lock import FileLock
from keybearer.credentials.stores.notes import Notes
from keybearer.credentials.stores.private_files import fingerprint, private_folder, read_secret
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["FileStore", "Store", "recovered"]

RESERVE: Final = 16 << 10
"""How many bytes a journal holds free at the least before the reply is asked for."""

MAX_FOLLOWERS: Final = 8
"""How many journals are followed: more than one follows only where the file cannot be replaced."""


class Store(Protocol):
    """Where a login is kept."""

    codec: Codec
    notes: Notes

    @property
    def name(self) -> str:
        """What and where it is, in words."""
        ...

    def mark(self) -> object:
        """Return what changes when the login does; cheap."""
        ...

    def load(self, until: str | None = None) -> OAuthBundle:
        """Read the login, as far as it was ever made lasting.

        Args:
            until: A generation whose journal does not count, as for the refresh that is writing it.

        Raises:
            CredentialError: It cannot be used.
        """
        ...

    def unfinished(self) -> bool:
        """Return whether a refresh is under way, or was cut off."""
        ...

    def lock(self) -> FileLock:
        """Make the lock that excludes every other process."""
        ...

    def recover(self) -> OAuthBundle:
        """Finish or clear away what a killed process left, and read the login."""
        ...

    def prove_writable(self) -> None:
        """Prove, before anybody logs in, that a login can be kept; what is there stays as it is. The lock is not needed.

        Raises:
            CredentialError: It cannot, with what to do about it.
        """
        ...

    def reserve(self, held: OAuthBundle) -> Journal:
        """Prove that a result can be kept.

        Raises:
            OSError: It cannot.
        """
        ...

    def replace(self, text: Secret) -> None:
        """Put another login in place: a new one, which follows from none.

        Raises:
            OSError: It could not be kept; what was there before still is.
        """
        ...

    def removable(self) -> bool:
        """Return whether there is a login that can be removed; nothing is written, and no lock is needed.

        Raises:
            CredentialError: What is there is no login.
        """
        ...

    def remove(self) -> bool:
        """Remove the login and what belongs to it; return whether there was one.

        Raises:
            CredentialError: What is there is no login; it stays.
        """
        ...


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
        """What and where it is, in words."""
        return f"{self.codec.what} {self.path}"

    def mark(self) -> object:
        """Return what changes when the file does."""
        return fingerprint(self.path)

    def lock(self) -> FileLock:
        """Make the lock that excludes every other process."""
        return FileLock(self.path.with_name(f".{self.path.name}.lock"))

    def unfinished(self) -> bool:
        """Return whether there is a journal."""
        return any(self._journals())

    def load(self, until: str | None = None) -> OAuthBundle:
        """Read the login; a finished journal that follows from the file is newer than the file."""
        return self._newest(until)[0]

    def recover(self) -> OAuthBundle:
        """Finish or clear away what a killed process left, and read the login."""
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
        """Prove that a login can be kept: write a file of a login's size beside it, and remove it again."""
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

    def reserve(self, held: OAuthBundle) -> Journal:
        """Prove that a result can be kept: make its journal and fill it with zeros, on the disk."""
        return FileJournal(self.path, self._journal(held), self._disk, max(RESERVE, 2 * len(held.document)))

    def replace(self, text: Secret) -> None:
        """Put another login in place, in a folder that only its owner can enter."""
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
        """Return whether the file is a login, even one that cannot be used: a path may be mistyped, and a file is gone for good."""
        try:
            text = read_secret(
                self.path, self.codec.what, shared=True
            )  # what others can read is all the more to be removed
        except CredentialError as error:
            if error.problem == "missing":
                return False
            raise
        if holds_token(text):
            return True
        raise CredentialError(
            f"{self.name[0].upper()}{self.name[1:]} holds no login, so it was not removed.",
            source=self.name,
            problem="no_token",
            hint="Correct the path, or remove the file yourself.",
        )

    def remove(self) -> bool:
        """Remove the file, if it is a login, and its journals; the lock file stays."""
        there = self.removable()
        self._disk.unlink(self.path)
        self._clear()
        self.notes.clear()
        return there

    def _read(self, path: Path) -> OAuthBundle:
        return self.codec.parse(read_secret(path, self.codec.what, login=self.codec.login), path)

    def _newest(self, until: str | None = None) -> tuple[OAuthBundle, Path]:
        """Return the login that follows last from the file, and where it is."""
        held, place = self._read(self.path), self.path
        for _ in range(MAX_FOLLOWERS):
            if held.generation == until:
                break
            follower = self._journal(held)
            try:
                text = read_secret(follower, self.codec.what)
                if "\0" in text.reveal():
                    break  # a torn one: what is not written yet is zeros
                held, place = self.codec.parse(text, follower), follower
            except CredentialError:
                break  # none, or a torn one
        return held, place

    def _journal(self, held: OAuthBundle) -> Path:
        return self.path.with_name(f".{self.path.name}.{held.generation}.journal")

    def _clear(self) -> None:
        """Remove journals: torn ones, and those that another login has overtaken."""
        with contextlib.suppress(OSError):
            for path in self._journals():
                self._disk.unlink(path)

    def _journals(self) -> Iterator[Path]:
        """Give the journals in the folder; none in one that cannot be seen."""
        begin, end = f".{self.path.name}.", ".journal"
        with contextlib.suppress(OSError, ValueError), os.scandir(self.path.parent) as entries:
            for entry in entries:
                if entry.name.startswith(begin) and entry.name.endswith(end):
                    yield self.path.with_name(entry.name)


def recovered(store: Store) -> OAuthBundle:
    """Read a login at a process's start: what a killed process left is finished first, unless its lock is held.

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
