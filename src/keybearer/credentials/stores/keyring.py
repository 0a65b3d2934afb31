"""A login in the operating system's keyring, through the package `keyring` (an extra).

Strategy: the same steps as in `stores.file`, with keyring entries in place of files. `oauth:<name>` holds the login, and
`oauth:<name>:journal` the result of a refresh until the login is replaced. Only the lock is a file: a keyring has none.

Contract: an error of the keyring is an `OSError`, like an error of a disk, so no refresh is requested whose result could not be saved.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Final

from keybearer.credentials.bundle import OAuthBundle, token_id_of
from keybearer.credentials.stores.lock import FileLock
from keybearer.credentials.stores.notes import Notes
from keybearer.credentials.stores.private_files import private_folder
from keybearer.credentials.stores.protocol import Codec, RefreshJournal, StoreLock
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["KeyringStore"]

SERVICE: Final = "keybearer"
HINT: Final = (
    "Unlock the keyring, or give this machine one that can be written (`keyring diagnose`), or set auth.store to file."
)
PLACEHOLDER: Final = "-" * 2048
"""The text that tests whether the keyring can be written; it is not a login."""


class KeyringStore:
    """A login in the keyring.

    Args:
        key: The name of the login: the path that its file would have.
        codec: Its format.
        folder: Where its lock file is.
    """

    def __init__(self, key: str, codec: Codec, *, folder: Path) -> None:
        self.codec = codec
        self._folder = folder
        self._entry = f"oauth:{key}"
        self._key = key
        self._stem = folder / f".keyring-{token_id_of(Secret(key), None)}"
        self.notes = Notes(self._stem)

    @property
    def name(self) -> str:
        """The kind and the place of the login, in words."""
        return f"{self.codec.what} in the OS keyring, {self._key}"

    def version(self) -> object:
        """Return a value that changes when the login does; None when there is no login."""
        with contextlib.suppress(CredentialError):
            text = self._get(self._entry)
            return None if text is None else token_id_of(text, None)
        return None

    def look(self) -> None:
        """Do nothing: `version` reads the keyring."""

    def doubt(self, held: OAuthBundle) -> None:
        """Return nothing: who holds the lock of a machine's own keyring is alone with it."""

    def lock(self) -> FileLock:
        """Return the lock that excludes every other process."""
        private_folder(self._folder)
        return FileLock(self._stem.with_name(self._stem.name + ".lock"))

    def unfinished(self) -> bool:
        """Return whether there is a journal."""
        return self._get(self._journal_entry) is not None

    def load(self, until: str | None = None) -> OAuthBundle:
        """Read the login; a finished journal that follows from it is newer."""
        return self._newest(until)[0]

    def recover(self) -> OAuthBundle:
        """Finish what a killed process left, and read the login."""
        held, from_journal = self._newest()
        with contextlib.suppress(OSError):
            if from_journal:
                self._set(self._entry, held.document)
            self._delete(self._journal_entry)
        return held

    def prove_writable(self) -> None:
        """Check that the keyring stores an entry and returns it: some do neither, without an error."""
        entry = self._entry + ":probe"
        problem = ""
        try:
            private_folder(self._folder)
            self._set(entry, Secret(PLACEHOLDER))
            kept = self._get(entry)
            self._delete(entry)
        except OSError as error:
            problem = error.strerror or type(error).__name__
        else:
            problem = "" if kept == Secret(PLACEHOLDER) else "the OS keyring forgets what it is given"
        if problem:
            raise CredentialError(
                f"{self.name[0].upper()}{self.name[1:]} cannot be kept: {problem}.",
                source=self.name,
                problem="keyring",
                hint=HINT,
            )

    def reserve(self, held: OAuthBundle, lock: StoreLock) -> RefreshJournal:  # noqa: ARG002 - the kernel ends it with its holder
        """Reserve room for a result."""
        return _KeyringJournal(self, held.token_id)

    def replace(self, text: Secret) -> None:
        """Put a new login in place."""
        self._put(text)
        self.notes.clear()

    def _put(self, text: Secret) -> None:
        self._set(self._entry, text)
        with contextlib.suppress(OSError):
            self._delete(self._journal_entry)

    def removable(self) -> bool:
        """Return whether there is an entry; its name is keybearer's own, so no other program uses it."""
        return self._get(self._entry) is not None

    def remove(self) -> bool:
        """Remove the login and its journal."""
        there = self.removable()
        if there:
            self._delete(self._entry)
        self._delete(self._journal_entry)
        self.notes.clear()
        return there

    @property
    def _journal_entry(self) -> str:
        return self._entry + ":journal"

    def _newest(self, until: str | None = None) -> tuple[OAuthBundle, bool]:
        text = self._get(self._entry)
        if text is None:
            raise CredentialError(
                f"There is no login in the OS keyring for {self._key}.",
                source=self.name,
                problem="missing",
                hint="Run `keybearer auth login` to make one.",
            )
        held = self.codec.parse(text, self._key)
        journal = None if held.token_id == until else self._get(self._journal_entry)
        if journal is not None:
            parent, _, content = journal.reveal().partition("\n")
            if parent == held.token_id:
                with contextlib.suppress(CredentialError):
                    return self.codec.parse(Secret(content), self._key), True
        return held, False

    # ── the package ─────────────────────────────────────────────────────────

    def _get(self, entry: str) -> Secret | None:
        package, problem = _keyring(), ""
        try:
            text = package.get_password(SERVICE, entry)
        except Exception as error:  # noqa: BLE001 - each backend has its own
            problem = type(error).__name__
        if problem:
            raise CredentialError(
                f"The OS keyring cannot be read ({problem}).",
                source=self.name,
                problem="keyring",
                hint=HINT,
            )
        return None if text is None else Secret(text)

    def _set(self, entry: str, text: Secret) -> None:
        package, problem = _keyring(), ""
        try:
            package.set_password(SERVICE, entry, text.reveal())
        except Exception as error:  # noqa: BLE001 - each backend has its own
            problem = type(error).__name__
        if problem:
            raise OSError(5, f"the OS keyring cannot be written ({problem})")

    def _delete(self, entry: str) -> None:
        if self._get(entry) is None:
            return
        package = _keyring()
        try:
            package.delete_password(SERVICE, entry)
        except Exception as error:  # noqa: BLE001 - each backend has its own
            problem = type(error).__name__
        else:
            return
        raise OSError(5, f"the OS keyring cannot be written ({problem})")


class _KeyringJournal:
    """A journal in the keyring."""

    def __init__(self, store: KeyringStore, parent: str) -> None:
        self._store, self._parent, self._written = store, parent, False
        self._text = Secret("")
        store._set(store._journal_entry, Secret(PLACEHOLDER))  # noqa: SLF001 - the journal is the store's own part

    def write(self, text: Secret) -> None:
        """Write the result durably."""
        store = self._store
        store._set(store._journal_entry, Secret(f"{self._parent}\n{text.reveal()}"))  # noqa: SLF001 - as above
        self._text, self._written = text, True

    def commit(self) -> None:
        """Put the result in the login's place."""
        self._store._put(self._text)  # noqa: SLF001 - as above

    def drop(self) -> None:
        """Remove the journal, even with a result in it."""
        self._written = False
        self.discard(unspent=True)

    def rescue(self, text: Secret) -> None:
        """Replace the login without the journal."""
        self._store.replace(text)

    def discard(self, *, unspent: bool) -> None:  # noqa: ARG002 - as in a file's journal
        """Remove the journal, unless it holds a result."""
        if not self._written:
            with contextlib.suppress(OSError, CredentialError):
                self._store._delete(self._store._journal_entry)  # noqa: SLF001 - as above


def _keyring() -> Any:
    with contextlib.suppress(ImportError):
        import keyring

        return keyring
    raise CredentialError(
        "auth.store is keyring, but the package keyring is not installed.",
        source="the OS keyring",
        problem="keyring",
        hint="Install keybearer with its extra: 'keybearer[keyring]'",
    )
