"""A setup token: a long-lived OAuth token that `claude setup-token` prints and people paste.

Contract: white space and line breaks inside a paste are removed. What cannot be one is refused with the reason and its length, never
with any of its text.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from keybearer.credentials.base import SETUP_TOKEN, Credential
from keybearer.credentials.files import read_secret
from keybearer.errors import CredentialError
from keybearer.flow import Flow
from keybearer.types.secret import Secret

__all__ = ["PREFIX", "SetupToken", "is_setup_token", "parse_setup_token", "read_setup_token"]

PREFIX: Final = SETUP_TOKEN
SHORTEST: Final = 80
"""Below this a token is refused."""
USUAL: Final = 100
"""Below this a token is probably cut off: today's have 108 characters."""

_log = logging.getLogger("keybearer")


def is_setup_token(text: Secret) -> bool:
    """Return whether a text is meant as a setup token."""
    return text.reveal().lstrip().startswith(PREFIX)


def parse_setup_token(text: Secret, source: str) -> Secret:
    """Read a pasted setup token.

    Args:
        text: The paste.
        source: Where it came from, in words.

    Raises:
        CredentialError: It is none.
    """
    token, length, problem = _clean(text)
    if problem:
        raise CredentialError(
            f"The setup token from {source} {problem}; it has {length} characters.",
            source=source,
            problem="bad_setup_token",
            hint="Make one with `claude setup-token` and paste it whole; line breaks do not matter.",
        )
    if length < USUAL:
        _log.warning("The setup token from %s has %d characters; it looks truncated (usual: 108).", source, length)
    return token


def _clean(text: Secret) -> tuple[Secret, int, str]:
    token = "".join(text.reveal().split())
    length = len(token)
    if not token:
        problem = "is empty"
    elif token.startswith("sk-ant-") and not token.startswith(PREFIX):
        problem = f"is another kind of key: a setup token starts with {PREFIX}"
    elif not token.startswith(PREFIX):
        problem = f"does not start with {PREFIX}"
    elif not (token.isascii() and token.isprintable()):
        problem = "has characters that no token has"
    elif length < SHORTEST:
        problem = f"is cut off: a setup token has at least {SHORTEST} characters"
    else:
        return Secret(token), length, ""
    return Secret(""), length, problem


def read_setup_token(path: Path) -> Secret:
    """Read a setup token from a file; a mounted secret may be a link and readable by its group.

    Raises:
        CredentialError: There is no file, or no token in it.
    """
    return parse_setup_token(
        read_secret(path, "the setup-token file", login="keybearer auth setup-token", links=True, shared=True),
        f"the file {path}",
    )


class SetupToken:
    """A setup token.

    Args:
        token: The token, parsed.
        source: Where it came from, in words.
        other_hosts: Hosts beside Anthropic's and loopback that it may be sent to.
    """

    def __init__(self, token: Secret, *, source: str, other_hosts: tuple[str, ...] = ()) -> None:
        self.other_hosts = other_hosts
        self._credential = Credential(
            "oauth",
            token,
            source,
            remedy="it is revoked or expired: make another with `claude setup-token`.",
            other_hosts=other_hosts,
        )

    def current(self) -> Flow[Credential]:
        """Give the token."""
        yield from ()  # no effect: the token is at hand
        return self._credential

    def rejected(self, credential: Credential) -> None:
        """Do nothing: a setup token cannot be refreshed."""

    def __repr__(self) -> str:
        return f"SetupToken(source={self._credential.source!r})"
