"""Authorization codes, and families of tokens.

A login makes a family. Every refresh returns a new access token and a new refresh token, and invalidates the refresh
token that was spent. Spending it again after the grace period revokes the whole family, because the newest token may
be in a thief's hands. Within the grace period the old token gets the reply of its first use again. Apart from the
clock and the random tokens everything is pure, and nothing here speaks HTTP.

Sources: RFC 6749, 7636 and 9700 (section 4.14.2); formats and lifetimes as clients have seen them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.patterns import lazy

__all__ = ["CLIENT_ID", "Authorization", "Grants", "OAuthError"]

CLIENT_ID: Final = "9d1c250a-e61b-44d9-88ed-5944d1962f5e"
SCOPES: Final = ("org:create_api_key", "user:profile", "user:inference")
FOR_MESSAGES: Final = frozenset({"user:inference", "workspace:inference", "workspace:developer"})
"""The scopes that messages may be asked with."""
CODE_SECONDS: Final = 600.0
MOST_CODES: Final = 10_000
MOST_TOKENS: Final = 100_000
VERIFIER: Final = lazy(r"^[A-Za-z0-9._~-]{43,128}$")


class OAuthError(Exception):
    """A refusal of the token endpoint.

    Args:
        code: RFC 6749's error code.
        description: What happened.
        reused: Whether a token that is good once was spent a second time.
        status: The HTTP status.
    """

    def __init__(self, code: str, description: str, *, reused: bool = False, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.reused = reused
        self.status = status


class Authorization(Struct, frozen=True):
    """A client's authorization request, as shown on the consent page."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    challenge: str


class _Family(Struct):
    """The tokens that descend from one login."""

    client_id: str
    scope: str
    account: str
    revoked: bool = False
    rule: str | None = None  # of federation; None for a login


class _Code(Struct):
    authorization: Authorization
    expires: float
    family: _Family | None = None  # set once it is spent


class _Refresh(Struct):
    family: _Family
    spent: float | None = None
    reply: dict[str, Any] | None = None  # of its first use, for the grace period


class Grants:
    """Every code and token that this simulator has issued.

    Args:
        clock: The clock by which they expire.
        access_seconds: How long an access token lives.
        grace_seconds: How long a spent refresh token still gets the reply of its first use.
    """

    def __init__(self, clock: SimulatedClock, *, access_seconds: int, grace_seconds: float) -> None:
        self._clock = clock
        self._access_seconds = access_seconds
        self._grace_seconds = grace_seconds
        self._pending: dict[str, Authorization] = {}
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, tuple[_Family, float]] = {}
        self._refresh: dict[str, _Refresh] = {}

    def ask(self, authorization: Authorization) -> str:
        """Keep a request while the consent page is shown; the decision comes back with the ticket."""
        while len(self._pending) >= MOST_CODES:
            self._pending.pop(next(iter(self._pending)))
        ticket = secrets.token_urlsafe(16)
        self._pending[ticket] = authorization
        return ticket

    def decided(self, ticket: str) -> Authorization | None:
        """Return the request of a ticket, which is valid once; None if there is none."""
        return self._pending.pop(ticket, None)

    def approve(self, authorization: Authorization) -> str:
        """Issue a code, valid once and for ten minutes."""
        while len(self._codes) >= MOST_CODES:
            self._codes.pop(next(iter(self._codes)))
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Code(authorization, self._clock.now() + CODE_SECONDS)
        return code

    def login(self, *, scope: str = " ".join(SCOPES), expires_in: int | None = None) -> dict[str, Any]:
        """Log in without a browser: the token endpoint's reply for a new family."""
        return self._issue(_Family(CLIENT_ID, scope, secrets.token_hex(8)), expires_in)

    def exchange(self, fields: dict[str, str]) -> dict[str, Any]:
        """Exchange a code for tokens.

        Args:
            fields: The token request's fields.

        Returns:
            The reply.

        Raises:
            OAuthError: A field does not match the authorization.
        """
        for name in ("code", "redirect_uri", "client_id", "code_verifier", "state"):
            if not fields.get(name):
                raise OAuthError("invalid_request", f"{name} is required")
        found = self._codes.get(fields["code"])
        if found is None or found.expires <= self._clock.now():
            raise OAuthError("invalid_grant", "Invalid or expired authorization code")
        if found.family is not None:
            found.family.revoked = True
            raise OAuthError("invalid_grant", "The authorization code was used before; its tokens are revoked")
        asked = found.authorization
        if fields["client_id"] != asked.client_id:
            raise OAuthError("invalid_grant", "The code was issued to another client_id")
        if fields["redirect_uri"] != asked.redirect_uri:
            raise OAuthError("invalid_grant", "redirect_uri is not that of the authorization")
        if fields["state"] != asked.state:
            raise OAuthError("invalid_grant", "state is not that of the authorization")
        verifier = fields["code_verifier"]
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        if not VERIFIER.match(verifier) or not hmac.compare_digest(digest, asked.challenge.encode()):
            raise OAuthError("invalid_grant", "code_verifier does not fit the code_challenge")
        found.family = _Family(asked.client_id, asked.scope, secrets.token_hex(8))
        return self._issue(found.family)

    def refresh(self, fields: dict[str, str]) -> dict[str, Any]:
        """Rotate a refresh token.

        Args:
            fields: The token request's fields.

        Returns:
            The reply, with the next refresh token.

        Raises:
            OAuthError: For a token that is unknown, revoked or spent.
        """
        for name in ("refresh_token", "client_id"):
            if not fields.get(name):
                raise OAuthError("invalid_request", f"{name} is required")
        found = self._refresh.get(fields["refresh_token"])
        if found is None or found.family.revoked:
            raise OAuthError("invalid_grant", "Refresh token not found or invalid")
        if fields["client_id"] != found.family.client_id:
            raise OAuthError("invalid_grant", "The refresh token was issued to another client_id")
        now = self._clock.now()
        if found.spent is not None:
            if found.reply is not None and now - found.spent < self._grace_seconds:
                return found.reply
            found.family.revoked = True
            raise OAuthError(
                "invalid_grant", "The refresh token was spent before; every token of this login is revoked", reused=True
            )
        found.spent, found.reply = now, self._issue(found.family)
        return found.reply

    def _issue(self, family: _Family, expires_in: int | None = None) -> dict[str, Any]:
        life = self._access_seconds if expires_in is None else expires_in
        access = self._mint(family, life)
        refresh = "sk-ant-ort01-" + secrets.token_urlsafe(64)[:86] + "-simAAA"
        self._refresh[refresh] = _Refresh(family)
        while len(self._refresh) > MOST_TOKENS:
            del self._refresh[next(iter(self._refresh))]
        return {
            "token_type": "Bearer",
            "access_token": access,
            "expires_in": life,
            "refresh_token": refresh,
            "scope": family.scope,
            "organization": {
                "uuid": f"00000000-0000-4000-8000-{family.account[:12]}",
                "name": "Simulated organization",
            },
            "account": {
                "uuid": f"00000000-0000-4000-9000-{family.account[:12]}",
                "email_address": "someone@example.com",
            },
        }

    def mint(self, account: str, *, scope: str, expires_in: float, rule: str) -> str:
        """Return an access token of federation, which has no refresh token.

        Args:
            account: Whom it acts as.
            scope: Its scopes, divided by spaces.
            expires_in: Seconds that it lives.
            rule: The federation rule.
        """
        return self._mint(_Family(CLIENT_ID, scope, account, rule=rule), expires_in)

    def _mint(self, family: _Family, seconds: float) -> str:
        access = "sk-ant-oat01-" + secrets.token_urlsafe(64)[:86] + "-simAAA"
        self._access[access] = (family, self._clock.now() + seconds)
        while len(self._access) > MOST_TOKENS:
            del self._access[next(iter(self._access))]
        return access

    def check(self, access: str) -> str | None:
        """Check an access token.

        Args:
            access: The token.

        Returns:
            Its account, or None when this simulator did not issue it.

        Raises:
            ServiceError: It has expired, was revoked, or may not be used for messages.
        """
        found = self._access.get(access)
        if found is None:
            return None
        family, expires = found
        if family.revoked:
            raise ServiceError(
                "permission_error" if family.rule is None else "authentication_error",
                "OAuth token has been revoked. Please obtain a new token.",
                rule="oauth",
            )
        if expires <= self._clock.now():
            raise ServiceError(
                "authentication_error",
                "OAuth token has expired. Please obtain a new token or refresh your existing token.",
                rule="oauth",
            )
        if FOR_MESSAGES.isdisjoint(family.scope.split()):
            raise ServiceError(
                "permission_error", "OAuth token does not meet scope requirement user:inference", rule="oauth"
            )
        return family.account

    def revoke_minted(self, rule: str | None = None) -> None:
        """Revoke the access tokens of a federation rule, or of all rules; the service answers 401 then (a guess)."""
        for family, _ in self._access.values():
            if family.rule is not None and rule in {None, family.rule}:
                family.revoked = True

    def revoke(self) -> None:
        """Revoke every token that was issued, as an administrator would."""
        for refresh in self._refresh.values():
            refresh.family.revoked = True
