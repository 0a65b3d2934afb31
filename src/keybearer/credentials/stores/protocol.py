"""What a refresh needs from the place where a login is kept, and from the login's file format."""

from __future__ import annotations

from typing import Protocol

from keybearer.credentials.bundle import Grant, OAuthBundle
from keybearer.credentials.stores.lock import FileLock
from keybearer.credentials.stores.notes import Notes
from keybearer.types.secret import Secret

__all__ = ["Codec", "RefreshJournal", "Store"]


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

    def drop(self) -> None:
        """Remove the journal, even with a result in it: a newer login has replaced it."""
        ...

    def discard(self) -> None:
        """Remove the journal, unless it holds a result."""
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
        """Return a value that changes when the login does; None when there is no login. Cheap."""
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

    def lock(self) -> FileLock:
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

    def reserve(self, held: OAuthBundle) -> RefreshJournal:
        """Reserve room for a refresh's result.

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
