"""Credentials, the signers in them, and the providers that return them.

Strategy: a signer takes a request and returns it signed; it knows nothing of clients or transports. A credential is a signer with
words about its origin. A provider returns the current credential as a flow, so that reading a file or refreshing a token is an effect.

Contract: nothing outside `keybearer.credentials.signers` asks which signer it has. What differs between them is in `Signer`.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from msgspec import Struct, structs

from keybearer.flow import Flow
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

__all__ = ["SETUP_TOKEN", "Credential", "CredentialProvider", "FixedCredential", "Signer", "signed"]

SETUP_TOKEN: Final = "sk-ant-oat01-"  # noqa: S105 - how they all begin
"""The prefix of a setup token, which a user may give in place of an API key."""


class Signer(Protocol):
    """One way of signing requests."""

    @property
    def kind(self) -> str:
        """The name of this way in `CredentialInvalid.kind`: `api_key`, `oauth`."""
        ...

    @property
    def what(self) -> str:
        """What it signs with, in words: `API key`."""
        ...

    @property
    def refreshable(self) -> bool:
        """Whether its provider may have another after a 401, so that `retry_on_401` applies."""
        ...

    @property
    def token_id(self) -> str:
        """A name for the secret, equal for equal secrets; it reveals nothing of the secret."""
        ...

    @property
    def access_token(self) -> Secret | None:
        """The token, if another program can send it as it is; else None."""
        ...

    def sign(self, draft: Draft, source: str) -> Request:
        """Return the request with this signer's headers.

        Args:
            draft: The request.
            source: Where the credential came from, for errors.

        Raises:
            CredentialError: The secret may not be sent to the request's host.
        """
        ...

    def redact(self, value: Any) -> Any:
        """Return a decoded JSON value without the secret in any of its texts."""
        ...


def signed(draft: Draft, headers: dict[str, str]) -> Request:
    """Return a draft as a request with these headers."""
    return Request(
        method=draft.method,
        url=draft.url,
        headers=headers,
        body=draft.body,
        upload=draft.upload,
        stream=draft.stream,
        opened=draft.opened,
        timeouts=draft.timeouts,
        deadline=draft.deadline,
    )


class Credential(Struct, frozen=True):
    """A signer, and where it came from.

    Attributes:
        signer: Signs the requests.
        source: Where it came from, in words, for people: `ANTHROPIC_API_KEY`, `the bundle ./secrets/oauth.json`.
        remedy: What to do when the service refuses it (401), in a sentence.
        headers: Further headers of its requests, such as the workspace of a profile; those of a request win over them.
    """

    signer: Signer
    source: str
    remedy: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def token_id(self) -> str:
        """A name for the secret; see `Signer`."""
        return self.signer.token_id

    @property
    def access_token(self) -> Secret | None:
        """The token, if another program can send it as it is; else None."""
        return self.signer.access_token

    def sign(self, draft: Draft) -> Request:
        """Return the request with the credential's headers.

        Raises:
            CredentialError: The secret may not be sent to the request's host.
        """
        if self.headers:
            draft = structs.replace(draft, headers={**dict(self.headers), **draft.headers})
        return self.signer.sign(draft, self.source)


class CredentialProvider(Protocol):
    """Returns the current credential.

    A provider that holds something open also has a `close()`, which the client that made it calls.
    """

    def current(self) -> Flow[Credential]:
        """Return the credential to sign the next request with.

        Raises:
            CredentialError: In the flow, when there is none that can be used.
        """
        ...

    def rejected(self, credential: Credential) -> None:
        """Record that the service refused this credential (401), so that the next call does not send it again."""
        ...


class FixedCredential:
    """The provider of a credential that does not change.

    Args:
        credential: The credential.
    """

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    @property
    def source(self) -> str:
        """Where the credential came from, in words."""
        return self._credential.source

    def current(self) -> Flow[Credential]:
        """Return the credential."""
        yield from ()  # no effect: it is in memory
        return self._credential

    def rejected(self, credential: Credential) -> None:
        """Do nothing: there is no other credential."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(source={self._credential.source!r})"
