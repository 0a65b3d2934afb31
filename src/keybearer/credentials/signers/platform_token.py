"""Signing with a platform's own key or token: a bearer token, or a key in the headers that the platform reads.

Contract: it is sent to the platform's host, and nowhere else.
"""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct

from keybearer.credentials.bundle import token_id_of
from keybearer.credentials.credential import signed
from keybearer.credentials.hosts import check_own_host
from keybearer.errors.sanitize import without_keys
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

__all__ = ["PlatformSigner"]


class PlatformSigner(Struct, frozen=True):
    """Signs with a platform's key or token.

    Attributes:
        secret: The key or token.
        host: The host that may have it.
        what: What it is, in words.
        headers: The headers that carry it as it is; none for `Authorization: Bearer`.
        refreshable: Whether its provider may have another after a 401.
    """

    secret: Secret
    host: str
    what: str
    headers: tuple[str, ...] = ()
    refreshable: bool = False
    kind: ClassVar[str] = "platform"

    @property
    def token_id(self) -> str:
        """A name for the secret."""
        return token_id_of(self.secret)

    @property
    def access_token(self) -> Secret | None:
        """The token, where it is one."""
        return None if self.headers else self.secret

    def sign(self, draft: Draft, source: str) -> Request:
        """Return the request with the key or token.

        Raises:
            CredentialError: The request goes to another host than the platform's.
        """
        check_own_host(draft.url, self.host, what=f"The {self.what} from {source}")
        if not self.headers:
            return signed(draft, {**draft.headers, "authorization": Secret("Bearer " + self.secret.reveal()).reveal()})
        return signed(draft, {**draft.headers, **dict.fromkeys(self.headers, self.secret.reveal())})

    def redact(self, value: Any) -> Any:
        """Return a value without the secret."""
        return without_keys(value, self.secret.reveal())
