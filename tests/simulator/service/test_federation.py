"""The exchange of an identity token: what a rule accepts, and what not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.service.federation import FEDERATION_BETA, FederatedGrants, IdentityRule
from keybearer.simulator.service.grants import Grants, OAuthError
from keybearer.simulator.service.identity_provider import IdentityProvider

BETAS = frozenset({FEDERATION_BETA})


class Service:
    """The service's side, on a clock that stands."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(running_from=1_800_000_000.0)
        self.clock.freeze()
        self.grants = Grants(self.clock, access_seconds=100, grace_seconds=0)
        self.provider = IdentityProvider(self.clock)
        self.federation = FederatedGrants(self.clock, self.grants, self.provider)

    def exchange(self, assertion: str | None = None, **fields: str) -> dict[str, Any]:
        """Exchange a token."""
        rule = IdentityRule()
        named = {"federation_rule_id": rule.id, "organization_id": rule.organization_id} | fields
        return self.federation.exchange({"assertion": assertion or self.provider.issue()} | named, BETAS)


@pytest.fixture
def service() -> Service:
    """Return the service."""
    return Service()


def test_a_good_token_gets_an_access_token(service: Service) -> None:
    """It acts as the rule's service account, in a workspace; its life is the rule's, or twice what the identity token has left."""
    reply = service.exchange(workspace_id="wrkspc_1")
    assert (reply["token_type"], reply["expires_in"], reply["scope"]) == ("Bearer", 3600, "workspace:inference")
    assert service.grants.check(reply["access_token"]) == "svac_simulator/wrkspc_1"
    assert "refresh_token" not in reply
    assert service.exchange(service.provider.issue(expires_in=100))["expires_in"] in {199, 200}  # its times are whole
    assert service.exchange(service.provider.issue(expires_in=20))["expires_in"] == 60


def test_access_tokens_expire_and_are_revoked(service: Service) -> None:
    """Each is a 401; tokens of another rule stay good."""
    token = service.exchange()["access_token"]
    service.grants.revoke_minted("fdrl_other")
    assert service.grants.check(token)
    service.grants.revoke_minted("fdrl_simulator")
    for wait in (0, 3601):
        service.clock.advance(wait)
        with pytest.raises(ServiceError) as caught:
            service.grants.check(token)
        assert caught.value.type == "authentication_error"


def tampered(token: str) -> str:
    """Return a token whose claims were changed after it was signed."""
    header, _, signature = token.split(".")
    claims = jwt.utils.base64url_encode(b'{"sub": "system:serviceaccount:admin"}').decode()
    return f"{header}.{claims}.{signature}"


def by_another_key(provider: IdentityProvider) -> str:
    """Return a token with the id of a key that did not sign it."""
    from cryptography.hazmat.primitives.asymmetric import ec

    header = jwt.get_unverified_header(provider.issue())
    claims = jwt.decode(provider.issue(), options={"verify_signature": False})
    return jwt.encode(
        claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": header["kid"]}
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda it: it.issue(expires_in=-31), "has expired"),
        (lambda it: it.issue(claims={"iat": it._clock.now() + 31}), "from the future"),
        (lambda it: it.issue(claims={"nbf": it._clock.now() + 31}), "from the future"),
        (lambda it: it.issue(claims={"iat": "now"}), "are numbers"),
        (lambda it: it.issue(claims={"iat": None}), "iat"),
        (lambda it: it.issue(expires_in=90_000), "lives longer"),
        (lambda it: it.issue(claims={"iss": "https://evil.example"}), "issuer"),
        (lambda it: it.issue(claims={"sub": None}), "sub"),
        (lambda it: tampered(it.issue()), "Signature verification failed"),
        (by_another_key, "Signature verification failed"),
        (lambda _: "x" * 16_385, "16 KiB"),
        (lambda _: "a.b.c", "is not good"),
        (
            lambda _: jwt.encode({"sub": "x"}, "k" * 32, algorithm="HS256", headers={"kid": "x"}),
            "no key of the issuer",
        ),
    ],
)
def test_a_token_that_is_not_good_is_a_400(
    service: Service, make: Callable[[IdentityProvider], str], words: str
) -> None:
    """Expired, from the future, of another issuer, changed, signed by another: none is accepted."""
    service.provider.issue()
    with pytest.raises(OAuthError, match=words) as caught:
        service.exchange(make(service.provider))
    assert (caught.value.code, caught.value.status) == ("invalid_grant", 400)


def test_clocks_may_be_half_a_minute_apart(service: Service) -> None:
    """A token that expired, or is from the future, by less than the leeway is accepted."""
    assert service.exchange(service.provider.issue(expires_in=-29))["expires_in"] == 60
    assert service.exchange(service.provider.issue(claims={"iat": service.clock.now() + 29}))


@pytest.mark.parametrize(
    ("rule", "token", "fields", "words"),
    [
        ({}, {}, {"federation_rule_id": "fdrl_none"}, "no such federation rule"),
        ({}, {}, {"organization_id": "other"}, "no such federation rule"),
        ({"archived": True}, {}, {}, "no such federation rule"),
        ({}, {}, {"service_account_id": "svac_other"}, "another service account"),
        ({}, {"audience": "sts.amazonaws.com"}, {}, "aud is not"),
        ({}, {"subject": "repo:acme/site"}, {}, "sub does not match"),
        ({"subject_prefix": "system:serviceaccount:default"}, {}, {}, "sub does not match"),
        (
            {"claims": {"repository": "acme/site"}},
            {"claims": {"repository": "evil/site"}},
            {},
            "'repository' does not match",
        ),
        ({"workspace_ids": ["a", "b"]}, {}, {}, "workspace_id is required"),
        ({"workspace_ids": ["a"]}, {}, {"workspace_id": "b"}, "not for this workspace"),
    ],
)
def test_a_rule_that_does_not_match_is_a_401(
    service: Service, rule: dict[str, Any], token: dict[str, Any], fields: dict[str, str], words: str
) -> None:
    """As the SDK's hint has it; the reason is in the description."""
    service.federation.add_rule(rule)
    with pytest.raises(OAuthError, match=words) as caught:
        service.exchange(service.provider.issue(**token), **fields)
    assert (caught.value.code, caught.value.status) == ("invalid_grant", 401)


def test_a_rule_that_matches_by_every_field(service: Service) -> None:
    """One audience of several, an exact subject, a claim, the only workspace."""
    service.federation.add_rule({"subject_prefix": "me", "claims": {"team": "a"}, "workspace_ids": ["w"]})
    token = service.provider.issue(subject="me", audience=["x", "https://api.anthropic.com"], claims={"team": "a"})
    assert service.grants.check(service.exchange(token)["access_token"]) == "svac_simulator/w"


def test_a_token_is_good_once_where_the_issuer_asks_for_it(service: Service) -> None:
    """A `jti` is spent by its exchange; a token without one is not."""
    service.federation.add_rule({"check_jti": True})
    once, many = service.provider.issue(), service.provider.issue(claims={"jti": None})
    service.exchange(once)
    with pytest.raises(OAuthError, match="was used before") as caught:
        service.exchange(once)
    assert caught.value.reused
    assert service.exchange(many)
    assert service.exchange(many)


def test_a_rotated_key_is_good_and_a_revoked_one_is_not(service: Service) -> None:
    """Rotation ends no token; revocation ends those of its key."""
    old = service.provider.issue()
    service.provider.rotate("RS256")
    assert service.exchange(old)
    assert service.exchange(service.provider.issue())
    service.provider.revoke(jwt.get_unverified_header(old)["kid"])
    with pytest.raises(OAuthError, match="no key of the issuer"):
        service.exchange(old)


def test_an_incomplete_request_says_what_is_missing(service: Service) -> None:
    """A field, or the beta tag."""
    with pytest.raises(OAuthError, match=FEDERATION_BETA):
        service.federation.exchange({}, frozenset())
    with pytest.raises(OAuthError, match="assertion is required"):
        service.federation.exchange({"assertion": ""}, BETAS)


@pytest.mark.parametrize("fields", [{"ids": "x"}, {"audience": 5}, {"claims": {"a": 1}}])
def test_a_wrong_field_of_a_rule_is_refused(service: Service, fields: dict[str, Any]) -> None:
    """A rule that would not mean what was written is none."""
    with pytest.raises(ValueError, match=r"ids|audience|claims"):
        service.federation.add_rule(fields)


def test_the_keys_of_another_provider_are_given_or_fetched(service: Service) -> None:
    """Inline keys, and an address that nothing listens on."""
    other = IdentityProvider(service.clock)
    token = other.issue(claims={"iss": "https://other.example"})
    service.federation.add_rule({"id": "fdrl_o", "issuer_url": "https://other.example", "jwks": other.key_set()})
    assert service.exchange(token, federation_rule_id="fdrl_o")
    service.federation.add_rule(
        {"id": "fdrl_u", "issuer_url": "https://other.example", "jwks_url": "http://127.0.0.1:9/j"}
    )
    with pytest.raises(OAuthError, match="cannot be fetched"):
        service.exchange(token, federation_rule_id="fdrl_u")
    service.federation.add_rule({"id": "fdrl_n", "issuer_url": "https://other.example"})
    with pytest.raises(OAuthError, match="no key of the issuer"):
        service.exchange(token, federation_rule_id="fdrl_n")
