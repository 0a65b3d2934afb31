"""A login by workload identity federation, which stays fresh: from the configuration, the variables, or one of the SDK's profiles.

Strategy: the login is an `OAuthLogin`, as that of every refreshed token, whose store is a cache and whose renewal is the exchange. So
one exchange serves all threads, tasks and processes that ask for the same, and a 401 marks the token for all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import structs

from keybearer.config.auth_schema import FederationConfig
from keybearer.credentials.bundle import Grant
from keybearer.credentials.federation.exchange import HEADERS, FederationRule, TokenExchange
from keybearer.credentials.federation.identity import (
    CommandIdentity,
    EndpointIdentity,
    FileIdentity,
    IdentitySource,
    VariableIdentity,
)
from keybearer.credentials.federation.named import FILES, OPTIONAL, ORGANIZATION, RULE, TOKEN, TOKEN_FILE, missing
from keybearer.credentials.federation.platforms import IdentityRequest
from keybearer.credentials.folders import own_folder
from keybearer.credentials.oauth.bundle_codec import BundleCodec
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.search import Found, Search
from keybearer.credentials.sources.profile import BASE_URL, Profile, ProfileCodec
from keybearer.credentials.stores.cache import NOWHERE, CacheStore
from keybearer.credentials.stores.documents import changed
from keybearer.credentials.stores.protocol import Codec
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["FederatedLogin", "from_configuration", "from_profile"]

AUDIENCE: Final = "https://api.anthropic.com"
"""The audience that a platform is asked for; Anthropic's guide for GitHub Actions names it."""


class FederationCodec(BundleCodec):
    """The cache's format: that of a login, without a refresh token."""

    what = "the federation token"
    login = "keybearer auth refresh"


class _ProfileCache(ProfileCodec):
    """The format of the SDK's cache: a profile's tokens, with the marks that the SDK writes."""

    login = "keybearer auth refresh"

    def merge(self, text: Secret, grant: Grant, now: float) -> Secret:
        """Return the file's text with a new token in it."""
        return changed(super().merge(text, grant, now), {"version": "1.0", "type": "oauth_token"})


FEDERATION_TOKEN: Final = FederationCodec()
PROFILE_TOKEN: Final = _ProfileCache()


class FederatedLogin(OAuthLogin):
    """A login by federation.

    Args:
        exchange: How the next token is got.
        store: Where the token is shared.
        search: The input of the search.
    """

    def __init__(self, exchange: TokenExchange, store: CacheStore, search: Search) -> None:
        self.exchange = exchange
        rules = structs.replace(
            search.rules,
            token_endpoint=exchange.endpoint,
            other_hosts=search.other_hosts,
            headers=HEADERS,
            renewal=exchange,
        )
        super().__init__(store, search.scheduler, rules)

    @property
    def whose(self) -> str:
        """Whom its tokens act as, and by which identity token, in words."""
        rule = self.exchange.rule
        account = f"service account {rule.service_account_id}" if rule.service_account_id else "its service account"
        place = f", workspace {rule.workspace_id}" if rule.workspace_id else ""
        return f"{account} by rule {rule.federation_rule_id}{place}, for the token from {self.exchange.identity.words}"


def from_configuration(search: Search) -> Found:
    """Return the login of `auth.federation` and the variables, which name all that it needs."""
    exchange = _exchange(search.auth.federation, search, search.base_url or BASE_URL)
    return _opened(exchange, _cache(exchange, search), search, FEDERATION_TOKEN)


def from_profile(profile: Profile, search: Search) -> Found:
    """Return the login of one of the official SDK's profiles; its file of tokens, which the SDK reads too, is the cache.

    Raises:
        CredentialError: Something that it needs is not named.
    """
    config = profile.federation or FederationConfig()
    if lacks := missing(config, search.environ):
        raise CredentialError(
            f"The SDK profile {profile.name!r} is for workload identity federation, and lacks {lacks[0]}.",
            source=f"the SDK profile {profile.name!r}",
            problem="incomplete",
            hint="Name it in the profile's file, or set its variable: docs/federation.md lists them.",
        )
    base = profile.base_url if profile.pinned else search.base_url or BASE_URL
    return _opened(
        _exchange(config, search, base),
        profile.tokens,
        search,
        PROFILE_TOKEN,
        base_url=profile.base_url if profile.pinned else None,
    )


def _exchange(config: FederationConfig, search: Search, base_url: str) -> TokenExchange:
    endpoint = search.auth.token_endpoint or base_url.rstrip("/").removesuffix("/v1") + "/v1/oauth/token"
    return TokenExchange(_rule(config, search), _identity(config, search), endpoint)


def _opened(
    exchange: TokenExchange, cache: Path, search: Search, codec: Codec, *, base_url: str | None = None
) -> Found:
    """Return the login of an exchange, with the token that is shared already, if there is one."""
    login = FederatedLogin(exchange, _NamedStore(cache, codec, exchange.rule.federation_rule_id), search)
    held = login.read()
    expires_at = held.expires_at if held.access_token else None
    return Found(provider=login, expires_at=expires_at, refreshes=True, refused=login.refused(), base_url=base_url)


class _NamedStore(CacheStore):
    def __init__(self, path: Path, codec: Codec, rule: str) -> None:
        super().__init__(path, codec)
        self._rule = rule

    @property
    def name(self) -> str:
        """The token by its rule and its file."""
        return f"the token of federation rule {self._rule} ({self.path})"


def _rule(config: FederationConfig, search: Search) -> FederationRule:
    """Return the rule of a configuration; the variables stand in for what it omits."""
    environ, platform = search.environ, config.identity_token.platform
    return FederationRule(
        federation_rule_id=config.federation_rule_id or environ.get(RULE, ""),
        organization_id=config.organization_id or environ.get(ORGANIZATION, ""),
        service_account_id=config.service_account_id or environ.get(OPTIONAL["service_account_id"]) or None,
        workspace_id=config.workspace_id or environ.get(OPTIONAL["workspace_id"]) or None,
        audience=config.audience or (AUDIENCE if platform in FILES else None),
        subject=config.subject,
    )


def _identity(config: FederationConfig, search: Search) -> IdentitySource:
    """Return where the identity token comes from; the variables stand in where the configuration does not say."""
    token, environ = config.identity_token, search.environ
    if token.file:
        return FileIdentity(Path(token.file))
    if token.variable:
        return VariableIdentity(token.variable, environ)
    if token.command:
        return CommandIdentity(tuple(token.command))
    if token.platform in FILES:
        name = next(name for name in FILES[token.platform] if environ.get(name))
        return FileIdentity(Path(environ[name]), name)
    if token.platform:
        asked = IdentityRequest(audience=config.audience or AUDIENCE, environ=environ, client_id=token.client_id)
        return EndpointIdentity(token.platform, asked)
    if path := environ.get(TOKEN_FILE):
        return FileIdentity(Path(path), TOKEN_FILE)
    return VariableIdentity(TOKEN, environ)


def _cache(exchange: TokenExchange, search: Search) -> Path:
    """Return the file that shares the access token."""
    if search.auth.federation.cache:
        return Path(search.auth.federation.cache)
    try:
        folder = own_folder(search.environ, search.home, search.platform) / "federation"
    except CredentialError:
        folder = NOWHERE
    return folder / f"{exchange.rule.digest(exchange.endpoint, exchange.identity.words)}.json"
