"""The exchange of an identity token for an access token, as a `Renewal` (RFC 7523, section 2.1).

Strategy: the identity token is read anew, its claims are compared with what the configuration expects, and it is sent to the token
endpoint of the API that the requests go to. There is no refresh token: the next access token comes from the next identity token.

    read ─▶ a JWT? the expected audience and subject? ─▶ POST ─┬▶ granted
                                                               ├▶ refused ─▶ read again: rotated meanwhile? ask once more
                                                               ├▶ refused ─▶ the reason, with the claims decoded
                                                               └▶ busy, strange, no reply ─▶ as for every login

Contract: no message holds the token. It is sent to Anthropic's hosts, to loopback and to the hosts that the configuration allows.

Source: the official SDK 2.14.0, `lib/credentials/_workload.py`: fields, headers and the limit of 16 KiB.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec
from msgspec import Struct

from keybearer.credentials.bundle import OAuthBundle
from keybearer.credentials.federation.claims import Claims, mismatch, read_claims
from keybearer.credentials.federation.identity import IdentitySource
from keybearer.credentials.hosts import check_host
from keybearer.credentials.oauth.renewal import post_grant
from keybearer.credentials.oauth.rules import RefreshRules
from keybearer.credentials.oauth.token_endpoint import Verdict
from keybearer.credentials.signers.bearer import OAUTH_BETA
from keybearer.credentials.stores.protocol import Store
from keybearer.errors import CredentialError, RefreshFailed
from keybearer.flow import Flow
from keybearer.types.secret import Secret

__all__ = ["HEADERS", "FederationRule", "TokenExchange"]

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FEDERATION_BETA: Final = "oidc-federation-2026-04-01"
HEADERS: Final = {"anthropic-beta": f"{OAUTH_BETA},{FEDERATION_BETA}"}
"""The headers of an exchange; the second tag is for exchanges alone."""

REFUSED: Final = frozenset({"invalid_grant", "refused", "unparsed"})


class FederationRule(Struct, frozen=True, kw_only=True):
    """The rule that an exchange names, and what it is known to want.

    Attributes:
        federation_rule_id: The rule, `fdrl_...`.
        organization_id: The organization's UUID.
        service_account_id: The service account that the token acts as, `svac_...`; None for the rule's own.
        workspace_id: The workspace of the token, `wrkspc_...` or `default`; None for the rule's only one.
        audience: What the rule wants as the audience; None for whatever it wants.
        subject: What the rule wants as the subject, with `*` at the end for a beginning; None likewise.
    """

    federation_rule_id: str
    organization_id: str
    service_account_id: str | None = None
    workspace_id: str | None = None
    audience: str | None = None
    subject: str | None = None

    def fields(self, token: Secret) -> dict[str, Secret | str]:
        """Return the parameters of an exchange."""
        fields: dict[str, Secret | str] = {
            "grant_type": GRANT_TYPE,
            "assertion": token,
            "federation_rule_id": self.federation_rule_id,
            "organization_id": self.organization_id,
        }
        if self.service_account_id is not None:
            fields["service_account_id"] = self.service_account_id
        if self.workspace_id is not None:
            fields["workspace_id"] = self.workspace_id
        return fields

    def digest(self, endpoint: str, identity: str) -> str:
        """Return a name for what an access token is good for, which is shared by all who would ask for the same.

        Args:
            endpoint: The token endpoint.
            identity: The place of the identity token, in words.
        """
        whole = [
            endpoint,
            self.federation_rule_id,
            self.organization_id,
            self.service_account_id,
            self.workspace_id,
            identity,
        ]
        return hashlib.sha256(b"keybearer federation\0" + msgspec.json.encode(whole)).hexdigest()[:16]


class TokenExchange:
    """Gets the next access token for an identity token.

    Args:
        rule: The federation rule.
        identity: Where the identity token comes from.
        endpoint: The token endpoint.
    """

    spends = False

    def __init__(self, rule: FederationRule, identity: IdentitySource, endpoint: str) -> None:
        self.rule, self.identity, self.endpoint = rule, identity, endpoint

    def possible(self, held: OAuthBundle) -> bool:  # noqa: ARG002 - the protocol's
        """Return True: the identity token is read when it is needed."""
        return True

    def remedy(self, store: Store) -> str:  # noqa: ARG002 - the protocol's
        """Return what to look at where a new token is refused too."""
        return "check in the Console what the federation rule's service account may do in this workspace"

    def ask(self, held: OAuthBundle, store: Store, rules: RefreshRules) -> Flow[tuple[Verdict, int]]:  # noqa: ARG002 - as above
        """Exchange the identity token; one that was replaced while it was refused is tried once."""
        check_host(self.endpoint, rules.other_hosts, what=f"The identity token from {self.identity.words}")
        requests, sent = 0, Secret("")
        while True:
            token = yield from self.identity.read()
            claims = self.checked(token)
            if token == sent:
                break
            sent = token
            verdict, asked = yield from post_grant(self.endpoint, self.rule.fields(token), store, rules)
            requests += asked
            if verdict.outcome not in REFUSED | {"not_here"}:
                return verdict, requests
            if not self.identity.local or requests > 1:
                break
        raise self._refusal(verdict, claims, rules.clocks.wall())

    def checked(self, token: Secret) -> Claims:
        """Return a token's claims.

        Raises:
            RefreshFailed: It is no identity token, or not the one that the configuration expects.
        """
        claims, problem = read_claims(token)
        if claims is None:
            raise self._unusable(
                f"What {self.identity.words} holds is no identity token: {problem}",
                "identity_not_jwt",
                "Name the place of a JSON Web Token (JWT) that the platform's identity provider issued.",
            )
        if problem := mismatch(claims, self.rule.audience, self.rule.subject):
            raise self._unusable(
                f"The identity token from {self.identity.words} is not the one that is expected: {problem}",
                "identity_mismatch",
                "Have the token issued for that audience and subject, or correct auth.federation. "
                "A token for another service could be used there by whoever gets it, so it was not sent.",
            )
        return claims

    def _unusable(self, message: str, problem: str, hint: str) -> CredentialError:
        return RefreshFailed(
            f"{message}. Nothing was sent.", source=self.identity.words, problem=problem, hint=hint, retryable=False
        )

    def _refusal(self, verdict: Verdict, claims: Claims, now: float) -> CredentialError:
        """Return the error of an exchange that was refused, with what the rule may not have liked."""
        if verdict.outcome == "not_here":
            message, hint = f"{self.endpoint} exchanges no identity tokens ({verdict.words})", "Check base_url."
        else:
            message = (
                f"The federation rule {self.rule.federation_rule_id!r} did not accept the identity token from "
                f"{self.identity.words} ({verdict.words}). The token says: {claims.words(now)}"
            )
            hint = self._advice(claims, now)
        return RefreshFailed(
            f"{message}.", source=self.identity.words, problem=verdict.outcome, hint=hint, retryable=False
        )

    def _advice(self, claims: Claims, now: float) -> str:
        if claims.expired(now):
            return (
                "It has expired by this machine's clock: see why it is not replaced, as a projected token is. "
                "If it should be good still, check the clock."
            )
        hint = (
            "Compare that with the rule's issuer, subject and audience in the Console, which lists each attempt under "
            "Workload identity."
        )
        if self.rule.workspace_id is None:
            hint += " If the rule is for several workspaces, name one: auth.federation.workspace_id, or ANTHROPIC_WORKSPACE_ID."
        return hint
