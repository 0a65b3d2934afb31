"""What a credential is, and what gives one.

Strategy: a credential is request in, signed request out; it knows nothing of clients or transports. A provider gives the current
one as a flow, so that one that must read a file or refresh a token does it as effects.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

from msgspec import Struct, structs

from keybearer.flow import Flow
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

__all__ = ["OAUTH_BETA", "Credential", "CredentialProvider"]

OAUTH_BETA: Final = "oauth-2025-04-20"
"""The beta tag that a Bearer token of a subscription login needs."""


class Credential(Struct, frozen=True):
    """Something that signs requests.

    Attributes:
        kind: `api_key` goes into `x-api-key`; `oauth` into `Authorization: Bearer`, with its beta tag.
        secret: The key or the access token.
        source: Where it came from, in words, for people: `ANTHROPIC_API_KEY`, `the bundle ./secrets/oauth.json`.
    """

    kind: Literal["api_key", "oauth"]
    secret: Secret
    source: str

    def sign(self, draft: Draft) -> Request:
        """Return the request with the credential's headers."""
        headers = dict(draft.headers)
        if self.kind == "api_key":
            headers["x-api-key"] = self.secret.reveal()
        else:
            headers["authorization"] = "Bearer " + self.secret.reveal()
            betas = [tag for tag in headers.get("anthropic-beta", "").split(",") if tag]
            headers["anthropic-beta"] = ",".join(dict.fromkeys([*betas, OAUTH_BETA]))
        return Request(**(structs.asdict(draft) | {"headers": headers}))


class CredentialProvider(Protocol):
    """What gives the current credential."""

    def current(self) -> Flow[Credential]:
        """Give the credential to sign the next request with.

        Raises:
            CredentialError: In the flow, when there is none that can be used.
        """
        ...

    def rejected(self, credential: Credential) -> None:
        """Take note that the service refused this credential (401), so that the next call does not send it again."""
        ...
