"""The access tokens of Google and Entra: how they are issued, checked, and revoked.

Strategy: each cloud's own way. Google's access tokens are opaque, and known to whoever issued them (introspection, RFC 7662). A
service account may also sign a token itself, which its published key checks. Entra's are JWTs, which the tenant's key set checks.
The keys and signatures are those of the simulator's identity provider, so what is signed needs the extra `simulator-identity`.

Contract: unlike the clouds, a refusal says its reason: here it is for tests. No refusal has any part of the token.

Sources: Google, "Using OAuth 2.0 for server to server applications" and "Service account authorization without OAuth"; Microsoft,
"Access tokens in the Microsoft identity platform". The audiences are those of the official SDK 2.14.0 and of Azure's guides.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.service.identity_provider import IdentityProvider, load_jwt

__all__ = ["ACCOUNT", "AUDIENCES", "SCOPE", "TENANT", "CloudTokenRefused", "CloudTokens"]

ACCOUNT: Final = "app@a-project.iam.gserviceaccount.com"
TENANT: Final = "00000000-0000-4000-8000-00000000e17a"
SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
AUDIENCES: Final = ("https://cognitiveservices.azure.com", "https://ai.azure.com")
"""Whom an Entra token for Foundry is for."""

GOOGLE_API: Final = "aiplatform.googleapis.com/"
"""How the audience of a service account's own token ends."""

LIFETIME: Final = 3600.0
LONGEST: Final = 3600
"""The longest life of a token that a service account signs itself, in seconds."""
LEEWAY: Final = 30.0
MOST_TOKENS: Final = 100_000


class CloudTokenRefused(Exception):  # noqa: N818 - what happened, as elsewhere in the simulator
    """A token is not good; the text says why."""


class CloudTokens:
    """The tokens of both clouds.

    Args:
        clock: The clock that they are dated by.

    Attributes:
        entra: The keys of the Entra tenant.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self.entra = IdentityProvider(clock)
        self._accounts: dict[str, IdentityProvider] = {}
        self._issued: dict[str, tuple[str, float]] = {}
        self._revoked: set[str] = set()

    def account(self, email: str = ACCOUNT) -> IdentityProvider:
        """Return the keys of a service account, which is made with the first look."""
        if email not in self._accounts:
            self._accounts[email] = IdentityProvider(self._clock)
            self._accounts[email].rotate("RS256")
        return self._accounts[email]

    def account_file(self, token_uri: str, email: str = ACCOUNT) -> dict[str, str]:
        """Return the file of a service account with its present key, as Google's console gives it."""
        kid, pem = self.account(email).private_pem()
        return {
            "type": "service_account",
            "project_id": email.partition("@")[2].partition(".")[0],
            "private_key_id": kid,
            "private_key": pem,
            "client_email": email,
            "token_uri": token_uri,
        }

    def issue_google(self, email: str = ACCOUNT, *, expires_in: float = LIFETIME) -> str:
        """Issue an opaque access token."""
        token = "ya29." + secrets.token_urlsafe(48)
        self._issued[token] = (email, self._clock.now() + expires_in)
        while len(self._issued) > MOST_TOKENS:
            del self._issued[next(iter(self._issued))]
        return token

    def issue_entra(
        self, audience: str = AUDIENCES[1], *, expires_in: float = LIFETIME, claims: dict[str, Any] | None = None
    ) -> str:
        """Issue an access token of the tenant, a signed JWT; None as a claim's value leaves it out."""
        own = {"iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "oid": "sim-app", "ver": "1.0"}
        if not self.entra.key_set()["keys"]:
            self.entra.rotate("RS256")
        return self.entra.issue(
            subject="sim-app", audience=audience, expires_in=expires_in, claims=own | (claims or {})
        )

    def revoke(self, token: str) -> None:
        """Revoke a token of either cloud."""
        self._revoked.add(token)

    def exchange(self, assertion: str) -> str:
        """Return an access token for a service account's assertion (RFC 7523).

        Raises:
            CloudTokenRefused: The assertion is not good.
        """
        claims = self._by_account(assertion)
        if not str(claims.get("aud", "")).endswith("/token"):
            raise CloudTokenRefused("the assertion's audience (aud) is not the token endpoint")
        if not claims.get("scope"):
            raise CloudTokenRefused("the assertion has no scope")
        return self.issue_google(str(claims["iss"]))

    def introspect(self, token: str) -> tuple[str, float]:
        """Return whose an opaque token of Google's is, and for how many seconds it is good.

        Raises:
            CloudTokenRefused: It is not good.
        """
        if token in self._revoked:
            raise CloudTokenRefused("the token was revoked")
        found = self._issued.get(token)
        if found is None:
            raise CloudTokenRefused("the token was not issued here")
        left = found[1] - self._clock.now()
        if left <= 0:
            raise CloudTokenRefused("the token has expired")
        return found[0], left

    def check(self, cloud: str, token: str) -> str:
        """Return whose a token is that a platform's request has.

        Args:
            cloud: `google` or `azure`.
            token: The token.

        Raises:
            CloudTokenRefused: It is not good.
        """
        if token in self._revoked:
            raise CloudTokenRefused("the token was revoked")
        if cloud == "azure":
            return self._by_tenant(token)
        if token.count(".") != 2:
            return self.introspect(token)[0]
        claims = self._by_account(token)
        audience = str(claims.get("aud", ""))
        if not audience.endswith(GOOGLE_API) and SCOPE not in str(claims.get("scope", "")).split():
            raise CloudTokenRefused("the token is for another service (aud)")
        return str(claims["iss"])

    def _by_tenant(self, token: str) -> str:
        claims = self._verified(token, self.entra, ["iss", "sub", "aud", "iat", "exp", "tid"])
        if claims["iss"] not in {
            f"https://sts.windows.net/{TENANT}/",
            f"https://login.microsoftonline.com/{TENANT}/v2.0",
        }:
            raise CloudTokenRefused("the token is of another issuer (iss)")
        if claims["tid"] != TENANT:
            raise CloudTokenRefused("the token is of another tenant (tid)")
        if str(claims["aud"]).rstrip("/") not in AUDIENCES:
            raise CloudTokenRefused("the token is for another service (aud)")
        return str(claims["sub"])

    def _by_account(self, token: str) -> dict[str, Any]:
        jwt = load_jwt()
        try:
            email = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except jwt.PyJWTError:
            raise CloudTokenRefused("the token is no JWT") from None
        if email not in self._accounts:
            raise CloudTokenRefused("there is no such service account (iss)")
        claims = self._verified(token, self._accounts[email], ["iss", "iat", "exp", "aud"])
        if claims.get("sub", email) != email:
            raise CloudTokenRefused("the token is about another account than the one that signed it (sub)")
        if claims["exp"] - claims["iat"] > LONGEST:
            raise CloudTokenRefused("the token lives longer than an hour")
        return claims

    def _verified(self, token: str, keys: IdentityProvider, required: list[str]) -> dict[str, Any]:
        """Return the claims of a token that a published key has signed, and that is good now."""
        jwt = load_jwt()
        unchecked = dict.fromkeys(("verify_aud", "verify_exp", "verify_iat", "verify_nbf", "verify_iss"), False)
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            known = [each for each in keys.key_set()["keys"] if each["kid"] == kid]
            if not known:
                raise CloudTokenRefused("no published key has signed the token (kid)")
            key = jwt.PyJWK.from_dict(known[0])
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[known[0]["alg"]], options={"require": required, **unchecked}
            )
        except jwt.InvalidSignatureError:
            raise CloudTokenRefused("the signature is wrong") from None
        except jwt.PyJWTError as error:
            raise CloudTokenRefused(f"the token is not good: {error}") from None
        now, times = self._clock.now(), (claims["iat"], claims.get("nbf", claims["iat"]), claims["exp"])
        if not all(isinstance(each, int | float) for each in times):
            raise CloudTokenRefused("iat, nbf and exp are numbers")
        if now >= times[2] + LEEWAY:
            raise CloudTokenRefused("the token has expired")
        if max(times[:2]) > now + LEEWAY:
            raise CloudTokenRefused("the token is from the future")
        return claims
