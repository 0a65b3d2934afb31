"""What a credential is, and what gives one.

Strategy: a credential is request in, signed request out; it knows nothing of clients or transports. A provider gives the current
one as a flow, so that one that must read a file or refresh a token does it as effects.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

from msgspec import Struct

from keybearer.credentials.hosts import check_host
from keybearer.flow import Flow
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

__all__ = ["OAUTH_BETA", "SETUP_TOKEN", "Credential", "CredentialProvider"]

SETUP_TOKEN: Final = "sk-ant-oat01-"  # noqa: S105 - how they all begin
"""How a setup token begins, which a user may give where a key is asked for."""

OAUTH_BETA: Final = "oauth-2025-04-20"
"""The beta tag that a Bearer token of a subscription login needs."""


class Credential(Struct, frozen=True):
    """Something that signs requests.

    Attributes:
        kind: `api_key` goes into `x-api-key`; `oauth` into `Authorization: Bearer`, with its beta tag.
        secret: The key or the access token.
        source: Where it came from, in words, for people: `ANTHROPIC_API_KEY`, `the bundle ./secrets/oauth.json`.
        remedy: What to do when the service refuses it (401), in a sentence.
        betas: The beta tags that an OAuth token needs; none for a gateway's own token.
        headers: What else goes with it, such as the workspace of a profile.
        other_hosts: Hosts beside Anthropic's and loopback that an OAuth token may be sent to.
    """

    kind: Literal["api_key", "oauth"]
    secret: Secret
    source: str
    remedy: str = ""
    betas: tuple[str, ...] = (OAUTH_BETA,)
    headers: tuple[tuple[str, str], ...] = ()
    other_hosts: tuple[str, ...] = ()

    def sign(self, draft: Draft) -> Request:
        """Return the request with the credential's headers.

        Raises:
            CredentialError: It is an OAuth token, and the request goes to a host that may not have it.
        """
        headers = {**dict(self.headers), **draft.headers}
        if self.kind == "api_key":
            headers["x-api-key"] = self.secret.reveal()
        else:
            check_host(draft.url, self.other_hosts, what=f"The OAuth token from {self.source}")
            headers["authorization"] = Secret("Bearer " + self.secret.reveal()).reveal()
            if self.betas:
                betas = [tag for tag in headers.get("anthropic-beta", "").split(",") if tag]
                headers["anthropic-beta"] = ",".join(dict.fromkeys([*betas, *self.betas]))
        return Request(
            method=draft.method,
            url=draft.url,
            headers=headers,
            body=draft.body,
            stream=draft.stream,
            timeouts=draft.timeouts,
            deadline=draft.deadline,
        )


class CredentialProvider(Protocol):
    """What gives the current credential.

    One that holds something open has a `close()` as well, which the client that made it calls.
    """

    def current(self) -> Flow[Credential]:
        """Give the credential to sign the next request with.

        Raises:
            CredentialError: In the flow, when there is none that can be used.
        """
        ...

    def rejected(self, credential: Credential) -> None:
        """Take note that the service refused this credential (401), so that the next call does not send it again."""
        ...
