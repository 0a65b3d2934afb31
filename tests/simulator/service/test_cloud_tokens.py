"""Google's and Entra's access tokens: issued, looked up or checked by a published key, and refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.platforms.callers import identify
from keybearer.simulator.platforms.refusal import PlatformRefusal
from keybearer.simulator.service.cloud_tokens import ACCOUNT, SCOPE, TENANT, CloudTokens

API = "https://us-east5-aiplatform.googleapis.com/"


class Clouds(CloudTokens):
    """The tokens, on a clock that the test turns."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        super().__init__(self.clock)

    def signed(self, *, pem: str | None = None, **claims: Any) -> str:
        """Return a token that the service account has signed itself; None leaves a claim out."""
        kid, own = self.account().private_pem()
        now = int(self.clock.now())
        whole = {"iss": ACCOUNT, "sub": ACCOUNT, "aud": API, "iat": now, "exp": now + 3600} | claims
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(kept, pem or own, algorithm="RS256", headers={"kid": kid})

    def revoked(self, token: str) -> str:
        """Return a token that was revoked."""
        self.revoke(token)
        return token

    def late(self, token: str, seconds: float = 3700) -> str:
        """Return a token long after it was issued."""
        self.clock.advance(seconds)
        return token

    def rotated_away(self, provider: Any, token: str) -> str:
        """Return a token whose key is published no longer."""
        provider.rotate("RS256")
        provider.revoke(jwt.get_unverified_header(token)["kid"])
        return token


@pytest.fixture
def clouds() -> Clouds:
    """Return both clouds."""
    return Clouds()


def tampered(token: str) -> str:
    """Return a token whose signature is not that of its claims."""
    head, body, signature = token.split(".")
    return f"{head}.{body}.{signature[:10]}{'A' if signature[10] != 'A' else 'B'}{signature[11:]}"


GOOD: dict[str, tuple[str, Callable[[Clouds], str]]] = {
    "issued": ("google", lambda c: c.issue_google()),
    "exchanged": ("google", lambda c: c.exchange(c.signed(aud="http://x/token", scope=SCOPE))),
    "self-signed": ("google", lambda c: c.signed()),
    "self-signed for the scope": ("google", lambda c: c.signed(aud="x", scope=SCOPE)),
    "entra": ("azure", lambda c: c.issue_entra()),
    "entra for cognitive services": ("azure", lambda c: c.issue_entra("https://cognitiveservices.azure.com/")),
    "entra of version 2": (
        "azure",
        lambda c: c.issue_entra(claims={"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0"}),
    ),
}

BAD: dict[str, tuple[str, Callable[[Clouds], str], str]] = {
    "google unknown": ("google", lambda _: "ya29.unknown", "was not issued here"),
    "google expired": ("google", lambda c: c.late(c.issue_google()), "has expired"),
    "google revoked": ("google", lambda c: c.revoked(c.issue_google()), "was revoked"),
    "account expired": ("google", lambda c: c.late(c.signed()), "has expired"),
    "account from the future": ("google", lambda c: c.signed(iat=9e9, exp=9e9), "from the future"),
    "account too long": ("google", lambda c: c.signed(exp=int(c.clock.now()) + 7200), "longer than an hour"),
    "account audience": ("google", lambda c: c.signed(aud="https://pubsub.googleapis.com/"), "for another service"),
    "account signature": ("google", lambda c: tampered(c.signed()), "signature is wrong"),
    "account of another key": (
        "google",
        lambda c: c.signed(pem=Clouds().account().private_pem()[1]),
        "signature is wrong",
    ),
    "account rotated": ("google", lambda c: c.rotated_away(c.account(), c.signed()), "no published key"),
    "account unknown": ("google", lambda c: c.signed(iss="other@x"), "no such service account"),
    "account of another": ("google", lambda c: c.signed(sub="other@x"), "about another account"),
    "account revoked": ("google", lambda c: c.revoked(c.signed()), "was revoked"),
    "account garbage": ("google", lambda _: "a.b.c", "no JWT"),
    "entra expired": ("azure", lambda c: c.late(c.issue_entra()), "has expired"),
    "entra audience": ("azure", lambda c: c.issue_entra("https://graph.microsoft.com"), "for another service"),
    "entra issuer": ("azure", lambda c: c.issue_entra(claims={"iss": "https://x"}), "another issuer"),
    "entra tenant": ("azure", lambda c: c.issue_entra(claims={"tid": "other"}), "another tenant"),
    "entra without tenant": ("azure", lambda c: c.issue_entra(claims={"tid": None}), "tid"),
    "entra signature": ("azure", lambda c: tampered(c.issue_entra()), "signature is wrong"),
    "entra rotated": ("azure", lambda c: c.rotated_away(c.entra, c.issue_entra()), "no published key"),
    "entra revoked": ("azure", lambda c: c.revoked(c.issue_entra()), "was revoked"),
    "entra opaque": ("azure", lambda _: "opaque", "not good"),
    "entra times": ("azure", lambda c: c.issue_entra(claims={"exp": "soon"}), "are numbers"),
}


def ask(clouds: Clouds, cloud: str, token: str) -> str:
    """Call on a platform."""
    headers = {"authorization": f"Bearer {token}"}
    return identify(cloud, "", method="POST", url="http://x/", headers=headers, body=b"", now=0.0, tokens=clouds)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_token_is_taken(clouds: Clouds, name: str) -> None:
    """Opaque tokens that were issued, and tokens that a published key has signed; after a rotation too, until all are revoked."""
    cloud, make = GOOD[name]
    token = make(clouds)
    assert ask(clouds, cloud, token) == "token"
    clouds.entra.rotate("RS256")
    clouds.account().rotate("RS256")
    assert ask(clouds, cloud, token) == "token"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused_in_words(clouds: Clouds, name: str) -> None:
    """Each is a 401 that says what is wrong with it, and shows no part of it."""
    cloud, make, words = BAD[name]
    token = make(clouds)
    with pytest.raises(PlatformRefusal, match=words) as caught:
        ask(clouds, cloud, token)
    assert caught.value.status == 401
    assert token not in caught.value.message


@pytest.mark.parametrize(
    ("claims", "words"), [({"aud": API, "scope": SCOPE}, "token endpoint"), ({"aud": "x/token"}, "scope")]
)
def test_an_assertion_is_for_the_token_endpoint(clouds: Clouds, claims: dict[str, str], words: str) -> None:
    """It names the endpoint as its audience, and a scope."""
    with pytest.raises(Exception, match=words):
        clouds.exchange(clouds.signed(**claims))
