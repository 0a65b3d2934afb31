"""No signature at all: for a proxy in between that signs."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct

from keybearer.credentials.credential import signed
from keybearer.types.http import Draft, Request

__all__ = ["UnsignedSigner"]


class UnsignedSigner(Struct, frozen=True):
    """Adds nothing."""

    kind: ClassVar[str] = "none"
    what: ClassVar[str] = "missing signature"
    refreshable: ClassVar[bool] = False
    token_id: ClassVar[str] = ""
    access_token: ClassVar[None] = None

    def sign(self, draft: Draft, source: str) -> Request:  # noqa: ARG002 - the protocol's
        """Return the request."""
        return signed(draft, draft.headers)

    def redact(self, value: Any) -> Any:
        """Return the value."""
        return value
