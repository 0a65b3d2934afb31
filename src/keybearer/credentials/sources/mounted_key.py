"""A key of a mounted secret: `api_key: ${file:...}`, read anew when the file changes.

Strategy: the file's time, size and inode are compared at most once a second, so a call costs a look at the clock. After a refusal
(401) they are compared at once: the key was probably rotated.

Contract: a file that cannot be read, or holds no key, changes nothing: the key in memory stays in use, and the log says so once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from keybearer.credentials.credential import Credential, CredentialProvider
from keybearer.credentials.stores.private_files import read_secret, stat_signature
from keybearer.errors import CredentialError
from keybearer.flow import Blocking, Flow
from keybearer.types.secret import Secret

__all__ = ["MountedKey"]

LOOK_EVERY: Final = 1.0
"""The shortest time between two looks at the file, in seconds."""

_log = logging.getLogger("keybearer")


class MountedKey:
    """The provider of a key in a file.

    Args:
        first: The key as it was read with the configuration.
        path: The file.
        source: Where it came from, in words.
        make: Makes the provider of a key; raises a `CredentialError` for what is none.
        monotonic: The monotonic clock.
    """

    def __init__(
        self,
        first: Secret,
        path: Path,
        *,
        source: str,
        make: Callable[[Secret], CredentialProvider],
        monotonic: Callable[[], float],
    ) -> None:
        self._path, self._source, self._make, self._monotonic = path, source, make, monotonic
        self._signature = stat_signature(path, links=True)
        self._looked = monotonic()
        self._held = first
        self._adopt(make(first))

    def current(self) -> Flow[Credential]:
        """Return the key as the file has it."""
        now = self._monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            signature = stat_signature(self._path, links=True)
            if signature != self._signature:
                self._signature = signature
                yield from Blocking(self._read)
        return (yield from self._provider.current())

    def rejected(self, credential: Credential) -> None:
        """Look at the file before the next request."""
        self._looked = float("-inf")
        self._provider.rejected(credential)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(source={self._source!r})"

    def _adopt(self, provider: CredentialProvider) -> None:
        self._provider = provider
        if (hosts := getattr(provider, "other_hosts", None)) is not None:  # a setup token's; a key may go anywhere
            self.other_hosts = hosts

    def _read(self) -> None:
        try:
            text = Secret(read_secret(self._path, "the key's file", links=True, shared=True).reveal().strip())
            if text == self._held:
                return
            self._adopt(self._make(text))
        except CredentialError as error:
            _log.warning("credentials: %s The key that was read before stays in use.", error.message)
            return
        self._held = text
        _log.info("credentials: the key of %s was replaced in %s", self._source, self._path)
