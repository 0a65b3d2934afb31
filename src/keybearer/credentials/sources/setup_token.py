"""A setup token: a long-lived OAuth token that `claude setup-token` prints and people paste.

Contract: quotes, labels and line breaks from copying are removed, and a token that was pasted twice is read once. Anything else, such
as a token with words behind it, is refused with the reason and its length; its text is never shown.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Final

from keybearer.credentials.credential import SETUP_TOKEN
from keybearer.credentials.paste import cleaned
from keybearer.credentials.sources.bearer_token import BearerToken
from keybearer.credentials.stores.private_files import read_secret
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["PREFIX", "SetupToken", "is_setup_token", "parse_setup_token", "read_setup_token"]

PREFIX: Final = SETUP_TOKEN
SHORTEST: Final = 80
"""Below this a token is refused."""
USUAL: Final = 100
"""Below this a token is probably cut off."""
WHOLE: Final = 108
"""The length of today's tokens. A token that was pasted in pieces may not be longer."""
LONGEST: Final = 200
"""Above this a token is refused, even one in one piece."""

_CHARACTERS: Final = re.compile(r"[\w-]+", re.ASCII)

_log = logging.getLogger("keybearer")


def is_setup_token(text: Secret) -> bool:
    """Return whether a text begins as a setup token does."""
    return cleaned(text.reveal()).startswith(PREFIX)


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
            hint="Make one with `claude setup-token` and paste it whole, and nothing else; line breaks do not matter.",
        )
    if length < USUAL:
        _log.warning("The setup token from %s has %d characters; it looks truncated (usual: 108).", source, length)
    return token


def _clean(text: Secret) -> tuple[Secret, int, str]:
    pieces = cleaned(text.reveal()).split()
    token = "".join(pieces)
    length = len(token)
    copies = {PREFIX + each for each in token.split(PREFIX)[1:]}
    if not token:
        problem = "is empty"
    elif token.startswith("sk-ant-") and not token.startswith(PREFIX):
        problem = f"is another kind of key: a setup token starts with {PREFIX}"
    elif not token.startswith(PREFIX):
        problem = f"does not start with {PREFIX}" + (", but has one further on" if copies else "")
    elif len(copies) > 1:
        problem = "is more than one: a second one begins inside it"
    elif not _CHARACTERS.fullmatch(token := copies.pop()):
        problem = "has characters that no token has"
    elif len(token) < SHORTEST:
        problem = f"is cut off: a setup token has at least {SHORTEST} characters"
    elif len(token) > (LONGEST if len(pieces) == 1 else WHOLE):
        problem = "has something behind it, or is no setup token: it is too long"
    else:
        return Secret(token), len(token), ""
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


class SetupToken(BearerToken):
    """The provider of a setup token.

    Args:
        token: The token, parsed.
        source: Where it came from, in words.
        other_hosts: Hosts that may have the token, besides Anthropic's and loopback.
    """

    def __init__(self, token: Secret, *, source: str, other_hosts: tuple[str, ...] = ()) -> None:
        remedy = "it is revoked or expired: make another with `claude setup-token`."
        super().__init__(token, source=source, remedy=remedy, other_hosts=other_hosts)
