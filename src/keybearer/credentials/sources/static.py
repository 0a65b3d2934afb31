"""A static API key."""

from __future__ import annotations

import re
from typing import Final

from keybearer.credentials.credential import SETUP_TOKEN, Credential, FixedCredential
from keybearer.credentials.signers.api_key import APIKeySigner
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["StaticKey", "unquoted"]

_REFERENCE: Final = re.compile(r"env:|os\.environ|\$\{?[A-Za-z_]|%[A-Za-z_]\w*%|op://", re.ASCII)
"""How the configurations of other programs refer to a key; no key begins like that."""


class StaticKey(FixedCredential):
    """An API key that does not change.

    Args:
        key: The key, `sk-ant-...`. White space and quotes around it are removed.
        source: Where it came from, in words.

    Raises:
        CredentialError: It is empty, or has characters that a header cannot have.
    """

    def __init__(self, key: str, *, source: str) -> None:
        key = Secret(key).reveal()  # from here on, a traceback that shows locals shows ***
        secret, problem, hint = _clean(key)
        super().__init__(Credential(APIKeySigner(secret), source))
        if problem:
            raise CredentialError(
                f"The API key from {source} {problem}.",
                source=source,
                hint=hint,
            )


def unquoted(text: str) -> str:
    """Return a key without the characters that copying, editors and `docker --env-file` leave around it; see `paste`."""
    secret = Secret(text)
    if not re.fullmatch(r"[\w-]+", text, re.ASCII):  # a key that needs no cleaning does not load the cleaner
        from keybearer.credentials.paste import cleaned

        secret = Secret(cleaned(text))
    return secret.reveal()


_COPY: Final = "Copy it again from the Console: it starts with sk-ant- and has no spaces."
_WRITE: Final = "Give the key itself; in llm.yaml, write ${NAME} for a variable and ${file:path} for a file."


def _clean(key: str) -> tuple[Secret, str, str]:
    key = unquoted(key)
    if not key:
        return Secret(key), "is empty", _COPY
    if key.startswith(SETUP_TOKEN):
        return (
            Secret(""),
            "is a setup token in quotes",
            "Give it without the quotes, or with `keybearer auth setup-token`.",
        )
    if _REFERENCE.match(key):
        return Secret(""), "is no key but the name of a place to find one, which is not looked up here", _WRITE
    good = key.isascii() and key.isprintable() and " " not in key
    return Secret(key), "" if good else "is garbled", _COPY
