"""Signing with an API key, in the header `x-api-key`. A key may be sent to any host: gateways have keys of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct

from keybearer.credentials.credential import signed
from keybearer.errors.sanitize import without_keys
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

__all__ = ["APIKeySigner"]


class APIKeySigner(Struct, frozen=True):
    """Signs with an API key.

    Attributes:
        secret: The key.
    """

    secret: Secret
    kind: ClassVar[str] = "api_key"
    what: ClassVar[str] = "API key"
    refreshable: ClassVar[bool] = False
    access_token: ClassVar[None] = None

    @property
    def token_id(self) -> str:
        """A name for the key."""
        from keybearer.credentials.bundle import token_id_of

        return token_id_of(self.secret)

    def sign(self, draft: Draft, source: str) -> Request:  # noqa: ARG002 - the protocol's
        """Return the request with the key."""
        return signed(draft, {**draft.headers, "x-api-key": self.secret.reveal()})

    def redact(self, value: Any) -> Any:
        """Return a value without the key."""
        return without_keys(value, self.secret.reveal())
