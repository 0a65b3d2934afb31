"""Identity tokens that no key has signed: the client reads them, and only a service checks them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from keybearer.config.auth_schema import AuthConfig, FederationConfig, IdentityTokenConfig
from keybearer.credentials.sources.federated_login import FederatedLogin
from keybearer.credentials.sources.federation import Federation
from keybearer.credentials.sources.table import look
from support.logins import NOW, Endpoint, HandClock, InlineScheduler, run, search, token_in, write_private

RULE = "fdrl_1"
ORGANIZATION = "00000000-0000-4000-8000-000000000001"
ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:acme/site:ref:refs/heads/main"
AUDIENCE = "https://api.anthropic.com"
SIGNATURE = "canary-signature-canary-signature"


def part(value: dict[str, Any]) -> str:
    """Encode one part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(**claims: Any) -> str:
    """Return a token; None leaves a claim out."""
    whole = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "iat": NOW - 60, "exp": NOW + 600} | claims
    kept = {name: value for name, value in whole.items() if value is not None}
    return f"{part({'alg': 'RS256', 'kid': 'k1'})}.{part(kept)}.{SIGNATURE}"


class Workload:
    """A workload with its identity token in a file, and everything around it."""

    def __init__(
        self,
        folder: Path,
        *replies: Any,
        token: str | None = None,
        environ: dict[str, str] | None = None,
        **config: Any,
    ) -> None:
        self.file = write_private(folder / "identity", (token if token is not None else jwt()).encode())
        self.clock, self.endpoint = HandClock(), Endpoint(*replies)
        named = {"federation_rule_id": RULE, "organization_id": ORGANIZATION} | config
        named.setdefault("identity_token", IdentityTokenConfig(file=str(self.file)))
        self.search = search(
            folder,
            auth=AuthConfig(mode="federation", federation=FederationConfig(**named)),
            clock=self.clock,
            endpoint=self.endpoint,
            environ=environ,
        )
        self.scheduler = self.search.scheduler
        assert isinstance(self.scheduler, InlineScheduler)
        self.login = self.opened()

    def opened(self) -> FederatedLogin:
        """Another client's login, which has the same search."""
        provider = look(Federation(), self.search).provider
        assert isinstance(provider, FederatedLogin)
        return provider

    def token(self, login: FederatedLogin | None = None) -> str:
        """The access token that the next request is signed with."""
        return token_in(run((login or self.login).current(), self.endpoint, self.clock))
