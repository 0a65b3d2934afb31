"""Workload identity federation as the service does it: rules, and the exchange of an identity token for an access token.

Strategy: a rule names an issuer with its keys, and what a token has to say. Signatures are checked by PyJWT, times by the simulator's
clock. The rules' fields and their meaning are those of the official SDK's types (`types/organization/federation/`).

Contract: unlike the service, a refusal says its reason: here it is for tests. That the service answers 401 where the rule does not
match is the SDK's word ("almost always a federation-rule mismatch", `_workload.py`); that everything else is 400 `invalid_grant`,
and the leeway of 30 s, are guesses.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.service.grants import Grants, OAuthError
from keybearer.simulator.service.identity_provider import ALGORITHMS, AUDIENCE, ISSUER, IdentityProvider, load_jwt

__all__ = ["GRANT_TYPE", "FederatedGrants", "IdentityRule"]

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FEDERATION_BETA: Final = "oidc-federation-2026-04-01"
LARGEST_ASSERTION: Final = 16 * 1024
LARGEST_KEY_SET: Final = 1 << 20
LEEWAY: Final = 30.0
"""How far a token's times may be off, in seconds."""
SHORTEST: Final = 60
MOST_SPENT: Final = 100_000


class IdentityRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule, with the issuer that it trusts.

    Args:
        id: The rule, `fdrl_...`.
        organization_id: The organization that has it.
        service_account_id: Whom its tokens act as.
        issuer_url: The issuer (`iss`); the simulator's own provider by default.
        jwks: The issuer's public keys (RFC 7517); none for the simulator's own, or those of `jwks_url`.
        jwks_url: Where the keys are fetched from.
        audience: What `aud` has to be, or one of it.
        subject_prefix: What `sub` has to be, or begin with before a `*`.
        claims: Further claims, and what each has to be.
        oauth_scope: The scopes of its tokens, divided by spaces.
        token_lifetime_seconds: How long they live at the most.
        workspace_ids: The workspaces that it is for; a caller has to choose where there are several.
        max_jwt_lifetime_seconds: The longest life of an identity token.
        check_jti: Whether an identity token with a `jti` is good for one exchange only.
        archived: Whether it rejects every exchange.
    """

    id: str = "fdrl_simulator"
    organization_id: str = "00000000-0000-4000-8000-000000000000"
    service_account_id: str = "svac_simulator"
    issuer_url: str = ISSUER
    jwks: dict[str, Any] | None = None
    jwks_url: str | None = None
    audience: str = AUDIENCE
    subject_prefix: str | None = "system:serviceaccount:*"
    claims: dict[str, str] = {}
    oauth_scope: str = "workspace:inference"
    token_lifetime_seconds: int = 3600
    workspace_ids: list[str] = []
    max_jwt_lifetime_seconds: int = 86_400
    check_jti: bool = False
    archived: bool = False


class FederatedGrants:
    """The rules, and the access tokens that were minted by them.

    Args:
        clock: The clock by which tokens expire.
        grants: Where access tokens are kept.
        provider: The simulator's own identity provider.
        rules: Rules beside the one that is always there.
    """

    def __init__(
        self, clock: SimulatedClock, grants: Grants, provider: IdentityProvider, rules: tuple[IdentityRule, ...] = ()
    ) -> None:
        self._clock, self._grants, self._provider = clock, grants, provider
        self._rules = {rule.id: rule for rule in (IdentityRule(), *rules)}
        self._spent: dict[tuple[str, str], None] = {}
        self._fetched: dict[str, dict[str, Any]] = {}

    def add_rule(self, fields: dict[str, Any]) -> IdentityRule:
        """Add a rule, or replace the one with its id.

        Raises:
            ValueError: A field is unknown, or has another type.
        """
        try:
            rule = msgspec.convert(fields, IdentityRule)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None
        self._rules[rule.id] = rule
        return rule

    def exchange(self, fields: dict[str, str], betas: frozenset[str]) -> dict[str, Any]:
        """Exchange an identity token for an access token.

        Args:
            fields: The token request's fields.
            betas: The request's beta tags.

        Returns:
            The reply.

        Raises:
            OAuthError: The request is incomplete, the token is not good, or the rule does not match.
        """
        if FEDERATION_BETA not in betas:
            raise OAuthError("invalid_request", f"the beta tag {FEDERATION_BETA} is required")
        for name in ("assertion", "federation_rule_id", "organization_id"):
            if not fields.get(name):
                raise OAuthError("invalid_request", f"{name} is required")
        rule = self._rules.get(fields["federation_rule_id"])
        if rule is None or rule.archived or rule.organization_id != fields["organization_id"]:
            raise _mismatch("there is no such federation rule in this organization, or it is archived")
        if fields.get("service_account_id", rule.service_account_id) != rule.service_account_id:
            raise _mismatch("the federation rule is for another service account")
        claims = self._verified(fields["assertion"], rule)
        self._match(claims, rule)
        workspace = _workspace(fields.get("workspace_id"), rule)
        self._spend(claims, rule)
        left = claims["exp"] - self._clock.now()
        life = int(max(SHORTEST, min(rule.token_lifetime_seconds, 2 * left)))
        account = f"{rule.service_account_id}/{workspace}"
        access = self._grants.mint(account, scope=rule.oauth_scope, expires_in=life, rule=rule.id)
        return {"access_token": access, "token_type": "Bearer", "expires_in": life, "scope": rule.oauth_scope}

    def _verified(self, assertion: str, rule: IdentityRule) -> dict[str, Any]:
        """Return the claims of a token whose signature, issuer and times are good."""
        if len(assertion.encode()) > LARGEST_ASSERTION:
            raise OAuthError("invalid_grant", "the assertion is larger than 16 KiB")
        jwt = load_jwt()
        try:
            kid = jwt.get_unverified_header(assertion).get("kid")
            key = self._key(kid, rule, jwt)
            claims: dict[str, Any] = jwt.decode(
                assertion,
                key,
                algorithms=list(ALGORITHMS),
                issuer=rule.issuer_url,
                options={
                    "require": ["iss", "sub", "aud", "iat", "exp"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as error:
            raise OAuthError("invalid_grant", f"the assertion is not good: {error}") from None
        self._check_times(claims, rule)
        return claims

    def _check_times(self, claims: dict[str, Any], rule: IdentityRule) -> None:
        now = self._clock.now()
        times = [claims["iat"], claims["exp"], claims.get("nbf", claims["iat"])]
        if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in times):
            raise OAuthError("invalid_grant", "iat, exp and nbf of the assertion are numbers")
        if now >= claims["exp"] + LEEWAY:
            raise OAuthError("invalid_grant", "the assertion has expired")
        if max(times[0], times[2]) > now + LEEWAY:
            raise OAuthError("invalid_grant", "the assertion is from the future")
        if claims["exp"] - claims["iat"] > rule.max_jwt_lifetime_seconds:
            raise OAuthError("invalid_grant", "the assertion lives longer than the issuer may let it")

    def _key(self, kid: str | None, rule: IdentityRule, jwt: Any) -> Any:
        """Return the issuer's key of an id; a key set that is fetched is fetched again where it has no such key."""
        for again in (False, True):
            for each in self._key_set(rule, again=again)["keys"]:
                if kid is not None and each.get("kid") == kid:
                    return jwt.PyJWK.from_dict(each)
            if not rule.jwks_url:
                break
        raise jwt.InvalidKeyError("no key of the issuer has its kid")

    def _key_set(self, rule: IdentityRule, *, again: bool) -> dict[str, Any]:
        if rule.jwks is not None:
            return rule.jwks
        if rule.jwks_url is None:
            return self._provider.key_set() if rule.issuer_url == ISSUER else {"keys": []}
        if again or rule.jwks_url not in self._fetched:
            self._fetched[rule.jwks_url] = _fetched(rule.jwks_url)
        return self._fetched[rule.jwks_url]

    def _match(self, claims: dict[str, Any], rule: IdentityRule) -> None:
        audience, subject = claims["aud"], str(claims["sub"])
        if rule.audience not in (audience if isinstance(audience, list) else [audience]):
            raise _mismatch("aud is not the federation rule's audience")
        prefix = rule.subject_prefix
        if prefix is not None:
            fits = subject.startswith(prefix[:-1]) if prefix.endswith("*") else subject == prefix
            if not fits:
                raise _mismatch("sub does not match the federation rule's subject_prefix")
        for name, value in rule.claims.items():
            if claims.get(name) != value:
                raise _mismatch(f"the claim {name!r} does not match the federation rule")

    def _spend(self, claims: dict[str, Any], rule: IdentityRule) -> None:
        jti = claims.get("jti")
        if not rule.check_jti or jti is None:
            return
        if (rule.id, str(jti)) in self._spent:
            raise OAuthError("invalid_grant", "the assertion was used before (jti)", reused=True)
        self._spent[rule.id, str(jti)] = None
        while len(self._spent) > MOST_SPENT:
            del self._spent[next(iter(self._spent))]


def _workspace(asked: str | None, rule: IdentityRule) -> str:
    if not rule.workspace_ids:
        return asked or "default"
    if asked is None and len(rule.workspace_ids) > 1:
        raise _mismatch("the federation rule is for several workspaces: workspace_id is required")
    if asked is not None and asked not in rule.workspace_ids:
        raise _mismatch("the federation rule is not for this workspace")
    return asked or rule.workspace_ids[0]


def _mismatch(words: str) -> OAuthError:
    return OAuthError("invalid_grant", words, status=401)


def _fetched(url: str) -> dict[str, Any]:
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310 - the rule's own, of whoever runs the simulator
            document = json.loads(reply.read(LARGEST_KEY_SET))
    except (OSError, ValueError) as error:
        raise OAuthError("invalid_grant", f"the issuer's keys cannot be fetched: {type(error).__name__}") from None
    return document if isinstance(document, dict) and isinstance(document.get("keys"), list) else {"keys": []}
