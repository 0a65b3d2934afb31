"""Signing with an OAuth token, in the header `Authorization: Bearer` (RFC 6750), with the beta tags that it needs.

Contract: a token is sent to Anthropic's hosts, to loopback and to the hosts that the configuration allows, and nowhere else.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from msgspec import Struct

from keybearer.credentials.bundle import token_id_of
from keybearer.credentials.credential import signed
from keybearer.credentials.hosts import check_host
from keybearer.errors.sanitize import without_keys
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

__all__ = ["OAUTH_BETA", "BearerSigner"]

OAUTH_BETA: Final = "oauth-2025-04-20"
"""The beta tag that a token of a subscription login needs."""


class BearerSigner(Struct, frozen=True):
    """Signs with an OAuth token.

    Attributes:
        secret: The access token.
        betas: The beta tags that it needs; none for a gateway's own token.
        other_hosts: Hosts that may have the token, besides Anthropic's and loopback.
    """

    secret: Secret
    betas: tuple[str, ...] = (OAUTH_BETA,)
    other_hosts: tuple[str, ...] = ()
    kind: ClassVar[str] = "oauth"
    what: ClassVar[str] = "OAuth token"
    refreshable: ClassVar[bool] = True

    @property
    def token_id(self) -> str:
        """A name for the token."""
        return token_id_of(self.secret)

    @property
    def access_token(self) -> Secret:
        """The token."""
        return self.secret

    def sign(self, draft: Draft, source: str) -> Request:
        """Return the request with the token.

        Raises:
            CredentialError: The request goes to a host that may not have the token.
        """
        check_host(draft.url, self.other_hosts, what=f"The OAuth token from {source}")
        headers = {**draft.headers, "authorization": Secret("Bearer " + self.secret.reveal()).reveal()}
        if self.betas:
            betas = [tag for tag in headers.get("anthropic-beta", "").split(",") if tag]
            headers["anthropic-beta"] = ",".join(dict.fromkeys([*betas, *self.betas]))
        return signed(draft, headers)

    def redact(self, value: Any) -> Any:
        """Return a value without the token."""
        return without_keys(value, self.secret.reveal())
