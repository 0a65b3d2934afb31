"""What a refresh needs from the place where a login is kept, and from the login's file format."""

from __future__ import annotations

from typing import Protocol

from keybearer.credentials.bundle import Grant, OAuthBundle
from keybearer.credentials.stores.notes import Notes
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["Codec", "RefreshJournal", "Store", "StoreLock"]


class Codec(Protocol):
    """A file format that holds a login.

    Attributes:
        what: The kind of file, in words: `the OAuth bundle`.
        login: The command that logs in again.
    """

    what: str
    login: str

    def parse(self, text: Secret, path: object) -> OAuthBundle:
        """Read a login.

        Raises:
            CredentialError: The text holds none; `problem` says why.
        """
        ...

    def merge(self, text: Secret, grant: Grant, now: float) -> Secret:
        """Return the file's text with a new grant in it; everything else is kept."""
        ...

    def holds_login(self, text: Secret) -> bool:
        """Return whether a text is a login, even an unusable one: an object with an access or a refresh token."""
        ...


class RefreshJournal(Protocol):
    """Room for one refresh's result, reserved before the request is sent."""

    def write(self, text: Secret) -> None:
        """Write the result durably: from here on it survives the process."""
        ...

    def commit(self) -> None:
        """Put the result in the login's place."""
        ...

    def rescue(self, text: Secret) -> None:
        """Save the result in whatever other way there is, after `write` or `commit` has failed."""
        ...

    def drop(self) -> None:
        """Remove the journal, even with a result in it: a newer login has replaced it."""
        ...

    def discard(self, *, unspent: bool) -> None:
        """Remove the journal, unless it holds a result.

        Args:
            unspent: Whether the refresh token is known to be as it was. Where it is not, and other machines share the login, the
                journal stays as the mark of a login in doubt.
        """
        ...


class StoreLock(Protocol):
    """What excludes every other process from a login while it is changed.

    Attributes:
        fence: The number of this holding, greater than each one before; 0 where the system ends it with its process.
    """

    fence: int

    def acquire(self) -> bool:
        """Take the lock if it is free, without waiting; return whether it is held now.

        Raises:
            OSError: It cannot be taken at all.
        """
        ...

    def release(self) -> None:
        """Give the lock back, if it is held."""
        ...


class Store(Protocol):
    """Where a login is kept."""

    codec: Codec
    notes: Notes

    @property
    def name(self) -> str:
        """The kind and the place of the login, in words."""
        ...

    def version(self) -> object:
        """Return a value that changes when the login does; None when there is no login. Cheap, and waits for no network."""
        ...

    def look(self) -> None:
        """Ask a store on another machine for what `version` and `notes` know of it. May block; raises nothing."""
        ...

    def doubt(self, held: OAuthBundle) -> CredentialError | None:
        """Return why a login's refresh token must not be sent, because it may be spent already; None when it may.

        A login that is shared between machines is in doubt after a process ended, or got no answer, between the request and the
        saved result.
        """
        ...

    def load(self, until: str | None = None) -> OAuthBundle:
        """Read the newest login that was written durably.

        Args:
            until: A token id whose journal is ignored, for the refresh that is writing it.

        Raises:
            CredentialError: It cannot be used.
        """
        ...

    def unfinished(self) -> bool:
        """Return whether a refresh is under way, or was cut off."""
        ...

    def lock(self) -> StoreLock:
        """Return the lock that excludes every other process."""
        ...

    def recover(self) -> OAuthBundle:
        """Finish or remove what a killed process left, and read the login."""
        ...

    def prove_writable(self) -> None:
        """Check, before anybody logs in, that a login can be written. Nothing is changed, and the lock is not needed.

        Raises:
            CredentialError: It cannot be written; the hint says what to do.
        """
        ...

    def reserve(self, held: OAuthBundle, lock: StoreLock) -> RefreshJournal:
        """Reserve room for a refresh's result, and write down that its refresh token is about to be sent.

        Args:
            held: The login that is refreshed.
            lock: The lock, which is held.

        Raises:
            OSError: There is no room, or nothing can be written.
        """
        ...

    def replace(self, text: Secret) -> None:
        """Put a new login in place of the current one.

        Raises:
            OSError: It could not be written; the current login is unchanged.
        """
        ...

    def removable(self) -> bool:
        """Return whether there is a login to remove. Nothing is written, and the lock is not needed.

        Raises:
            CredentialError: The file holds something else.
        """
        ...

    def remove(self) -> bool:
        """Remove the login with its journals and notes; return whether there was one.

        Raises:
            CredentialError: The file holds something else; it stays.
        """
        ...
