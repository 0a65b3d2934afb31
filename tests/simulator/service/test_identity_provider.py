"""The simulator's identity provider: its tokens are checked here by PyJWT alone, from its key set."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.service.identity_provider import AUDIENCE, ISSUER, SUBJECT, IdentityProvider


def read(provider: IdentityProvider, token: str) -> dict[str, Any]:
    """Check a token as anybody would, by the published keys."""
    keys = {each.key_id: each for each in jwt.PyJWKSet.from_dict(provider.key_set()).keys}
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=[key.algorithm_name], audience=AUDIENCE, issuer=ISSUER)
    return claims


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_token_is_signed_by_a_published_key(algorithm: str) -> None:
    """Another's library accepts it: signature, issuer, audience, times; more claims win, and None leaves one out."""
    provider = IdentityProvider(SimulatedClock())
    provider.rotate(algorithm)
    token = provider.issue(claims={"repository": "acme/site", "jti": None}, expires_in=60)
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    claims = read(provider, token)
    assert (claims["sub"], claims["repository"], claims["exp"] - claims["iat"]) == (SUBJECT, "acme/site", 60)
    assert "jti" not in claims
    with pytest.raises(jwt.ExpiredSignatureError):
        read(provider, provider.issue(expires_in=-10))


def test_a_rotated_key_stays_until_it_is_revoked() -> None:
    """Tokens of the older key are good meanwhile; after its revocation its id is unknown."""
    provider = IdentityProvider(SimulatedClock())
    old = provider.issue()
    kid = jwt.get_unverified_header(old)["kid"]
    assert provider.rotate() != kid
    assert read(provider, old)["sub"] == SUBJECT
    provider.revoke(kid)
    assert [key["kid"] for key in provider.key_set()["keys"]] != []
    with pytest.raises(KeyError):
        read(provider, old)
    provider.revoke()
    assert provider.key_set() == {"keys": []}
    with pytest.raises(ValueError, match="ES256, RS256"):
        provider.rotate("HS256")
