"""A login as values: its tokens with what is known about them, and what a token endpoint granted.

Contract: pure. The text that a login was read from is kept as a `Secret`, so no repr and no traceback shows a token.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct

from keybearer.credentials.tokens import TokenState, token_state, until
from keybearer.types.secret import Secret

__all__ = ["Grant", "OAuthBundle", "token_id_of", "token_of"]

AROUND: Final = " \t\r\n\v\f\0\ufeff\u200b\u00a0"
"""What editors and shells leave around a pasted text: white space, NULs, byte order marks."""


class OAuthBundle(Struct, frozen=True, kw_only=True):
    """A login: its tokens and what is known about them.

    Attributes:
        access_token: Signs requests.
        refresh_token: Gets the next access token; None when the login cannot be refreshed.
        expires_at: When the access token expires, in epoch seconds; None when that is not stated.
        refreshed_at: When it was issued, in epoch seconds; None when that is not stated.
        token_endpoint: The endpoint that issued it; None when the file does not say.
        token_format: The request format that the endpoint accepted; None when the file does not say.
        document: The file's whole text, unknown keys included.
    """

    access_token: Secret
    document: Secret
    refresh_token: Secret | None = None
    expires_at: float | None = None
    refreshed_at: float | None = None
    token_endpoint: str | None = None
    token_format: Literal["json", "form"] | None = None

    @property
    def token_id(self) -> str:
        """A name for this pair of tokens, which differs from the pairs before and after it and reveals nothing of them."""
        return token_id_of(self.access_token, self.refresh_token)

    def state(self, now: float) -> TokenState:
        """Return the access token's state at a time in epoch seconds."""
        return token_state(self.expires_at, self.refreshed_at, now)

    def seconds_until_refresh(self, now: float) -> float | None:
        """Return the seconds until the token should be refreshed, by whoever can; None for never."""
        return until(self.expires_at, self.refreshed_at, now)


class Grant(Struct, frozen=True, kw_only=True):
    """What a token endpoint granted.

    Attributes:
        access_token: The new access token.
        refresh_token: The new refresh token; None keeps the old one.
        expires_in: The lifetime in seconds; None when the reply has none, or an impossible one.
        scope: The granted scopes; None keeps the old ones.
        endpoint: The endpoint that granted it.
        format: The format of the request.
        account: What the reply says about the account and the organization, by key.
    """

    access_token: Secret
    endpoint: str
    refresh_token: Secret | None = None
    expires_in: float | None = None
    scope: str | None = None
    format: Literal["json", "form"] = "json"
    account: dict[str, Any] = {}


def token_id_of(access_token: Secret, refresh_token: Secret | None = None) -> str:
    """Return a name for a pair of tokens, or for one token; it reveals nothing of them.

    The journal on the disk has this name, so older and newer versions of keybearer must compute the same.
    """
    import hashlib  # it loads OpenSSL; most commands name no token

    both = [access_token.reveal(), "" if refresh_token is None else refresh_token.reveal()]
    return hashlib.sha256(b"keybearer generation\0" + "\0".join(both).encode()).hexdigest()[:16]


def token_of(value: object) -> Secret | None:
    """Return a value as a token, with the white space around it removed; None unless it is printable ASCII without spaces."""
    text = value.strip(AROUND) if isinstance(value, str) else ""
    return Secret(text) if text and text.isascii() and text.isprintable() and " " not in text else None
