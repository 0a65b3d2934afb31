"""A login's text, encrypted for a place that others can read.

Strategy: AES-256 in Galois/counter mode (NIST SP 800-38D, by the package `cryptography`) with a random nonce. What the text belongs
to, the entry's key, its generation and its token id, is authenticated with it, so an entry in another's place does not open.
The first key encrypts and all decrypt, so that a key is changed without a moment at which no process can read.

    1.<key id>.<base64 of the nonce and the ciphertext>

Contract: no message, repr or traceback shows a key or a text. The key id is a digest, by which an error says which key is missing.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import re
from collections.abc import Iterable
from typing import Any, Final

from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["Sealer", "key_problem"]

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
FORMAT: Final = "1"
MAKE: Final = "Make one with `openssl rand -base64 32`."
_BETWEEN: Final = re.compile(r"[\s,]+")


class Sealer:
    """Encrypts and decrypts.

    Args:
        keys: The keys, each the base64 or the hexadecimal form of 32 bytes; one text may hold several, one a line.

    Raises:
        CredentialError: There is none, or one is no key; or `cryptography` is not installed.
    """

    def __init__(self, keys: Iterable[Secret]) -> None:
        texts = [Secret(each) for text in keys for each in _BETWEEN.split(text.reveal()) if each]
        if not texts:
            raise _unusable("There is no key for logins in Redis.")
        self._ciphers: dict[str, Any] = {}
        for number, text in enumerate(texts, 1):
            raw = _key(text)
            if raw is None:
                which = "auth.store_key" if len(texts) == 1 else f"Key {number} of auth.store_key"
                raise _unusable(f"{which} is not 32 bytes as base64 or hexadecimal.")
            self._ciphers.setdefault(_key_id(raw), _cipher(raw))

    def __repr__(self) -> str:
        return f"Sealer(keys={list(self._ciphers)})"

    def seal(self, text: Secret, belongs: str) -> str:
        """Encrypt a text.

        Args:
            text: The text.
            belongs: What it belongs to.
        """
        key_id, cipher = next(iter(self._ciphers.items()))
        nonce = os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, text.reveal().encode(), belongs.encode())
        return f"{FORMAT}.{key_id}.{base64.b64encode(nonce + sealed).decode()}"

    def sealed_with_first(self, sealed: str) -> bool:
        """Return whether a text was encrypted with the first key."""
        return sealed.startswith(f"{FORMAT}.{next(iter(self._ciphers))}.")

    def open(self, sealed: str, belongs: str, name: str) -> Secret:
        """Decrypt a text.

        Args:
            sealed: What `seal` returned.
            belongs: What it must belong to.
            name: The place in words, for errors.

        Raises:
            CredentialError: It was encrypted with another key, belongs to something else, or was changed.
        """
        form, _, rest = sealed.partition(".")
        key_id, _, body = rest.partition(".")
        cipher = self._ciphers.get(key_id)
        if form == FORMAT and cipher is None:
            raise CredentialError(
                f"{name[0].upper()}{name[1:]} is encrypted with another key than the {len(self._ciphers)} of auth.store_key: "
                f"its key's id is {key_id[:8]!r}, and theirs are {', '.join(self._ciphers)}.",
                source=name,
                problem="other_key",
                hint="Add that key to auth.store_key, behind the first; or log in again.",
            )
        text = None if form != FORMAT else _opened(cipher, body, belongs)
        if text is None:
            raise CredentialError(
                f"{name[0].upper()}{name[1:]} was changed, or put there from another entry: it does not decrypt.",
                source=name,
                problem="not_authentic",
                hint="See who can write to that Redis, and log in again: `keybearer auth login`.",
            )
        return text


def key_problem(keys: Iterable[Secret]) -> str | None:
    """Return what is wrong with keys, in words; None when they can be used."""
    try:
        Sealer(keys)
    except CredentialError as error:
        return error.message
    return None


def _opened(cipher: Any, body: str, belongs: str) -> Secret | None:
    from cryptography.exceptions import InvalidTag

    with contextlib.suppress(InvalidTag, binascii.Error, ValueError):
        raw = base64.b64decode(body, validate=True)
        return Secret(cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], belongs.encode()).decode())
    return None


class _Key(bytes):
    """The bytes of a key; a traceback that shows locals shows `***`."""

    def __repr__(self) -> str:
        return "***"


def _key(text: Secret) -> _Key | None:
    """Return a key's bytes; None for what is none."""
    plain = text.reveal()
    with contextlib.suppress(ValueError):
        if len(plain) == 2 * KEY_BYTES:
            return _Key(bytes.fromhex(plain))
        raw = _Key(base64.b64decode(plain.replace("-", "+").replace("_", "/"), validate=True))
        return raw if len(raw) == KEY_BYTES else None
    return None


def _key_id(raw: _Key) -> str:
    return hashlib.sha256(b"keybearer store key\0" + raw).hexdigest()[:8]


def _cipher(raw: _Key) -> Any:
    with contextlib.suppress(ImportError):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(raw)
    raise _unusable(
        "auth.store is redis, but the package cryptography is not installed.",
        hint="Install keybearer with its extra: 'keybearer[fleet]'",
    )


def _unusable(message: str, *, hint: str = "") -> CredentialError:
    return CredentialError(
        message,
        source="auth.store_key",
        problem="store_key",
        hint=hint or f"{MAKE} Name it in llm.yaml as ${{file:...}} or ${{NAME}}, the same on every machine.",
    )
