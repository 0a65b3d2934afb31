"""PKCE (RFC 7636) with S256: a secret that proves, at the exchange, who asked for the code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from msgspec import Struct

from keybearer.types.secret import Secret

__all__ = ["PKCE"]


class PKCE(Struct, frozen=True):
    """A verifier and its challenge.

    Attributes:
        verifier: 43 characters from 256 random bits; it never goes into a URL.
    """

    verifier: Secret

    @classmethod
    def make(cls, token_bytes: Callable[[int], bytes]) -> PKCE:
        """Make a new one.

        Args:
            token_bytes: Gives that many random bytes, from a source fit for secrets.
        """
        return cls(Secret(_base64url(token_bytes(32))))

    @property
    def challenge(self) -> str:
        """The challenge that goes into the authorize URL: S256 of the verifier."""
        return _base64url(hashlib.sha256(self.verifier.reveal().encode("ascii")).digest())


def _base64url(data: bytes) -> str:
    """Encode without padding (RFC 7636, appendix A)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
