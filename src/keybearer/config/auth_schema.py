"""The keys of `auth` in `llm.yaml`: how requests are authenticated; see `keybearer.config.schema`."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta

from keybearer.config.fields import URL, FilePath, Section
from keybearer.types.secret import Secret

__all__ = ["ALIASES", "MEANINGS", "AuthConfig", "AuthMode", "FederationConfig", "IdentityTokenConfig"]

AuthMode: TypeAlias = Literal[
    "auto",
    "static",
    "setup_token",
    "oauth_bundle",
    "cli_import",
    "profile",
    "auth_token",
    "claude_code_token",
    "federation",
]

ALIASES: Final[dict[str, str]] = {"refresh_endpoint": "token_endpoint"}
"""The second name of a key to the key."""


MEANINGS: Final[dict[str, str]] = {
    "oauth": "oauth_bundle",
    "login": "oauth_bundle",
    "subscription": "oauth_bundle",
    "api_key": "static",
    "apikey": "static",
    "key": "static",
    "claude_code": "cli_import",
    "claude": "cli_import",
    "cli": "cli_import",
    "token": "setup_token",
    "sdk": "profile",
    "oidc": "federation",
    "workload": "federation",
    "workload_identity": "federation",
    "oidc_federation": "federation",
}
"""Other words for a mode to the mode; only for the hints of errors."""


class IdentityTokenConfig(Section, frozen=True, kw_only=True):
    """Where the identity token comes from: exactly one of the first four.

    Attributes:
        file: The file that holds it, read anew for each exchange.
        variable: The variable that holds it.
        command: The program that prints it, with its arguments; no shell is between.
        platform: The platform that hands it out.
        client_id: On Azure, which of the machine's managed identities.
    """

    file: FilePath | None = None
    variable: str | None = None
    command: list[str] | None = None
    platform: Literal["github_actions", "google", "azure", "aks", "eks"] | None = None
    client_id: str | None = None


class FederationConfig(Section, frozen=True, kw_only=True):
    """Workload identity federation; see `keybearer.credentials.federation`. The SDK's variables stand in for what is omitted.

    Attributes:
        federation_rule_id: The rule, `fdrl_...`.
        organization_id: The organization's UUID.
        service_account_id: The service account that the token acts as.
        workspace_id: The workspace of the token, or `default`; needed where the rule is for several.
        identity_token: Where the identity token comes from.
        audience: Whom the identity token is for: asked of a platform, and checked before it is sent.
        subject: Whom it is about, with `*` at the end for a beginning; checked before it is sent.
        cache: The file that shares the access token between processes.
    """

    federation_rule_id: str | None = None
    organization_id: str | None = None
    service_account_id: str | None = None
    workspace_id: str | None = None
    identity_token: IdentityTokenConfig = IdentityTokenConfig()
    audience: str | None = None
    subject: str | None = None
    cache: FilePath | None = None


class AuthConfig(Section, frozen=True, kw_only=True):
    """How requests are authenticated.

    Attributes:
        mode: The kind of credential; `auto` tries them in order.
        bundle: The OAuth bundle file.
        setup_token_file: The file that holds a setup token.
        token_endpoint: Where tokens are refreshed, in place of the one that the bundle records.
        token_format: How the token endpoint is asked: JSON, or a form; what the login records, or JSON, when omitted.
        authorize_url: The page that a login opens.
        redirect_host: How this machine is named in the address that a login comes back to.
        client_id: The OAuth client id.
        scopes: The OAuth scopes.
        retry_on_401: Refresh and send once more after a 401, instead of failing at once.
        allow_other_hosts: Hosts beside Anthropic's and loopback that may get an OAuth token.
        store: Where tokens are kept: files, the OS keyring, or a Redis that machines share.
        store_url: The Redis: `redis://`, `rediss://` (TLS) or `unix://`; that of the section `redis` when omitted.
        store_key: The key that tokens in Redis are encrypted with; several, in any white space, while it is changed.
        store_name: Which login in Redis.
        federation: How an identity token of the workload's is exchanged for an access token.
    """

    mode: AuthMode | None = None
    bundle: FilePath | None = None
    setup_token_file: FilePath | None = None
    token_endpoint: URL | None = None
    token_format: Literal["json", "form"] | None = None
    authorize_url: URL | None = None
    redirect_host: Literal["localhost", "127.0.0.1", "[::1]"] = "localhost"
    client_id: str | None = None
    scopes: list[str] | None = None
    retry_on_401: bool = False
    allow_other_hosts: list[str] | None = None
    store: Literal["file", "keyring", "redis"] = "file"
    store_url: Secret | None = None
    store_key: Secret | None = None
    store_name: Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,64}$")] = "main"
    federation: FederationConfig = FederationConfig()
