"""A static API key."""

from __future__ import annotations

from keybearer.credentials.base import Credential
from keybearer.errors import CredentialError
from keybearer.flow import Flow
from keybearer.types.secret import Secret

__all__ = ["StaticKey"]


class StaticKey:
    """An API key that does not change.

    Args:
        key: The key, `sk-ant-...`. White space around it is removed.
        source: Where it came from, in words.

    Raises:
        CredentialError: It is empty, or holds what no header can.
    """

    def __init__(self, key: str, *, source: str) -> None:
        self._source = source
        key = Secret(key).reveal()  # from here on, a traceback that shows locals shows ***
        secret, problem = _clean(key)
        if problem:
            raise CredentialError(
                f"The API key from {source} {problem}.",
                source=source,
                hint="Copy it again from the Console: it starts with sk-ant- and has no spaces.",
            )
        self._credential = Credential("api_key", secret, source)

    def current(self) -> Flow[Credential]:
        """Give the key."""
        yield from ()  # no effect: the key is at hand
        return self._credential

    def rejected(self, credential: Credential) -> None:
        """Do nothing: a key cannot be made fresh."""

    def __repr__(self) -> str:
        return f"StaticKey(source={self._source!r})"


def _clean(key: str) -> tuple[Secret, str]:
    key = key.strip()
    good = key.isascii() and key.isprintable() and " " not in key
    return Secret(key), "is empty" if not key else "" if good else "is garbled"
