"""The schema of `llm.yaml` and of an agent's file.

Strategy: these Structs are the whole schema. The loader reads their fields, types and defaults, so a new key is a new
field. Unknown keys are refused (`keybearer.config.loader`).

    providers:
      anthropic:
        api_key: ${ANTHROPIC_API_KEY:-}
        base_url: https://api.anthropic.com
        rate_limit:
          requests_per_second: 2.0
        auth:
          mode: oauth_bundle
          bundle: ./secrets/anthropic_oauth.json
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import Meta, Struct, structs

from keybearer.types.secret import Secret

__all__ = [
    "URL",
    "AgentConfig",
    "AgentModel",
    "AuthConfig",
    "AuthMode",
    "BreakerConfig",
    "Config",
    "FederationConfig",
    "FilePath",
    "IdentityTokenConfig",
    "ProviderConfig",
    "RateLimitConfig",
    "RedisConfig",
    "RetryConfig",
    "StreamLimitsConfig",
    "TimeoutConfig",
]

FilePath: TypeAlias = Annotated[str, Meta(extra={"kind": "path"})]
"""A path; a relative one is against the folder of the file that names it, and `~` is the home."""

URL: TypeAlias = Annotated[str, Meta(extra={"kind": "url"})]
"""An https URL; http only to a loopback address."""

Proxy: TypeAlias = Annotated[str, Meta(extra={"kind": "proxy"})]
"""A proxy's URL, whose repr shows no password."""

RedisURL: TypeAlias = Annotated[str, Meta(extra={"kind": "redis"})]
"""The URL of a Redis server, whose repr shows no password; or the word `redis` for the one of the provider's section."""

Positive: TypeAlias = Annotated[float, Meta(gt=0)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=31_536_000)]
"""A time limit: at most a year, which a system's clock can count."""

Count: TypeAlias = Annotated[int, Meta(ge=0)]
AtLeastOne: TypeAlias = Annotated[int, Meta(ge=1)]
Share: TypeAlias = Annotated[float, Meta(gt=0, le=1)]

Dollars: TypeAlias = Annotated[float, Meta(ge=0)]

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

ProviderKind: TypeAlias = Literal["anthropic", "bedrock", "bedrock_mantle", "aws", "vertex", "google_cloud", "foundry"]


class _Section(Struct, frozen=True, kw_only=True):
    """A mapping of the file; keys with a second name are in `ALIASES`."""


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


class IdentityTokenConfig(_Section, frozen=True, kw_only=True):
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


class FederationConfig(_Section, frozen=True, kw_only=True):
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


class AuthConfig(_Section, frozen=True, kw_only=True):
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


class RateLimitConfig(_Section, frozen=True, kw_only=True):
    """How fast this client sends.

    Attributes:
        requests_per_second: The client's own rate; no limit when omitted.
        burst: How many requests may be sent at once after an idle time.
        concurrency: The most requests under way at once; no limit when omitted.
        adaptive: Whether to keep to the rate limits in the service's headers.
        quota_alert_threshold: The used share of a limit, above 0 to 1, at which to warn once; never when omitted.
        shared: The Redis in which a fleet of processes shares the service's limits, and `concurrency`; none when omitted.
        tenant: Whom this client works for: tenants have fair shares of what is shared.
        tenant_weight: The tenant's weight; one of 2 has twice the share of one of 1.
    """

    requests_per_second: Positive | None = None
    burst: AtLeastOne = 1
    concurrency: AtLeastOne | None = None
    adaptive: bool = True
    quota_alert_threshold: Share | None = None
    shared: RedisURL | None = None
    tenant: str | None = None
    tenant_weight: Positive | None = None


class RetryConfig(_Section, frozen=True, kw_only=True):
    """When a request is sent again.

    Attributes:
        rate_limit_attempts: The most attempts of a request that gets a 429, the first one included.
        server_attempts: The most attempts after a 5xx, a 529 or a failed connection, the first one included.
        min_delay: The shortest backoff, in seconds.
        max_delay: The longest backoff, in seconds; the service may ask for a longer wait.
        multiplier: The most that one backoff may be, as a multiple of the one before.
        rate_limit_delay: The wait after a 429 that names none, in seconds; 0 for no more than the backoff.
        budget: How many retries a successful call pays for, once the reserve is spent; 1 for no budget.
        reserve: How many retries are available without successful calls.
    """

    rate_limit_attempts: AtLeastOne | None = None
    server_attempts: AtLeastOne | None = None
    min_delay: Seconds | None = None
    max_delay: Seconds | None = None
    multiplier: Annotated[float, Meta(ge=1)] | None = None
    rate_limit_delay: Annotated[float, Meta(ge=0)] | None = None
    budget: Share | None = None
    reserve: Annotated[float, Meta(ge=0)] | None = None


class TimeoutConfig(_Section, frozen=True, kw_only=True):
    """Time limits in seconds; see `keybearer.Timeouts`."""

    connect: Seconds | None = None
    first_byte: Seconds | None = None
    idle: Seconds | None = None
    progress: Seconds | None = None
    total: Seconds | None = None


class BreakerConfig(_Section, frozen=True, kw_only=True):
    """The circuit breaker.

    Attributes:
        enabled: Whether there is one.
        failures: How many failures in a row open it.
        cooldown: How long it stays open, in seconds.
    """

    enabled: bool = True
    failures: AtLeastOne | None = None
    cooldown: Seconds | None = None


class StreamLimitsConfig(_Section, frozen=True, kw_only=True):
    """What one stream may hold; see `keybearer.StreamLimits`."""

    event_bytes: AtLeastOne | None = None
    text_bytes: AtLeastOne | None = None
    blocks: AtLeastOne | None = None


class RatesConfig(_Section, frozen=True, kw_only=True):
    """Dollars for a million tokens; see `keybearer.prices.contract`."""

    input: Dollars | None = None
    output: Dollars | None = None
    cache_read: Dollars | None = None
    cache_write_5m: Dollars | None = None
    cache_write_1h: Dollars | None = None


class PricesConfig(RatesConfig, frozen=True, kw_only=True):
    """A user's own prices of a model.

    Attributes:
        web_search: Dollars for a thousand searches.
        web_fetch: Dollars for a thousand fetches.
        batch: The prices in a batch.
        fast: The prices with `speed: fast`.
        regions: What tokens' prices are multiplied by, by the region of inference.
        discount: The share that is taken off the public prices that are not named here.
    """

    web_search: Dollars | None = None
    web_fetch: Dollars | None = None
    batch: RatesConfig | None = None
    fast: RatesConfig | None = None
    regions: dict[str, Dollars] | None = None
    discount: Annotated[float, Meta(ge=0, le=1)] | None = None


class SpendLimitConfig(_Section, frozen=True, kw_only=True):
    """The most that may be spent; see `keybearer.SpendLimit`."""

    usd: Dollars | None = None
    tokens: Count | None = None
    per: Literal["run", "day", "month"] | None = None
    name: str | None = None
    on_full: Literal["fail", "wait"] | None = None
    store: RedisURL | None = None
    timezone: str | None = None
    alert_at: Share | None = None
    may_be_raised: bool | None = None


class RedisConfig(_Section, frozen=True, kw_only=True):
    """A Redis server, or one that speaks as it does; see `keybearer.RedisServer`.

    Attributes:
        url: Where it is.
        user: The ACL user.
        password: Its password.
        ca_file: A PEM file of certificates to trust instead of the system's.
        prefix: What every key begins with.
        timeout: How long a command may take.
    """

    url: RedisURL
    user: str | None = None
    password: Secret | None = None
    ca_file: FilePath | None = None
    prefix: str | None = None
    timeout: Seconds | None = None


class ProviderConfig(_Section, frozen=True, kw_only=True):
    """One provider: Anthropic's own API, a gateway or a platform that serves Claude, and the way to it.

    Attributes:
        kind: What it is; the keys up to `allow` are a platform's (`keybearer.Platform`).
        region: The region, of AWS and Vertex.
        project: The project, of Google.
        location: The location, of Claude on Google Cloud.
        workspace: The workspace's id, of Claude Platform on AWS and Claude on Google Cloud.
        resource: The resource's name, of Foundry.
        profile: The profile in AWS's files whose credentials sign.
        inference_profile: What stands before the names of models on Bedrock's runtime.
        allow: Features to send although the platform is said not to offer them.
        api_key: The API key, or a setup token.
        api_keys: Several of them: each request is signed with the one whose limits leave most.
        base_url: Where the API is.
        api_version: The `anthropic-version` header.
        model: The model when neither the call nor the agent names one.
        auth: How requests are authenticated.
        rate_limit: How fast to send.
        redis: The Redis that `shared: redis` and the like stand for.
        retry: When to send again; in place of the file's `retry`, key by key.
        timeouts: Time limits.
        circuit_breaker: When to stop sending for a while.
        max_retries: How often a call is sent again at the most.
        on_overload: Other models to try when this one is overloaded.
        proxy: The proxy's URL.
        ca_file: A PEM file of certificates to trust instead of the system's.
        headers: Headers that every request has.
        betas: Beta tags that every request has.
        strict_streams: False accepts a stream whose last event is missing after a stop reason.
        stream_limits: What one stream may hold.
        prices: The user's own prices by model; `*` for a discount on all others.
        ledger: The database in which each call gets a row.
        spend_limit: The most that may be spent.
        stream_long_requests: False sends what may take more than ten minutes as any other request, not as a stream underneath.
    """

    kind: ProviderKind = "anthropic"
    region: str | None = None
    project: str | None = None
    location: str | None = None
    workspace: str | None = None
    resource: str | None = None
    profile: str | None = None
    inference_profile: str | None = None
    allow: list[str] | None = None
    api_key: Secret | None = None
    api_keys: list[Secret] | None = None
    base_url: URL | None = None
    api_version: str | None = None
    model: str | None = None
    auth: AuthConfig = AuthConfig()
    rate_limit: RateLimitConfig = RateLimitConfig()
    redis: RedisConfig | None = None
    retry: RetryConfig = RetryConfig()
    timeouts: TimeoutConfig = TimeoutConfig()
    circuit_breaker: BreakerConfig = BreakerConfig()
    max_retries: Count | None = None
    on_overload: list[str] | None = None
    proxy: Proxy | None = None
    ca_file: FilePath | None = None
    headers: dict[str, str] | None = None
    betas: list[str] | None = None
    strict_streams: bool = True
    stream_limits: StreamLimitsConfig = StreamLimitsConfig()
    stream_long_requests: bool = True
    prices: dict[str, PricesConfig] | None = None
    ledger: FilePath | None = None
    spend_limit: SpendLimitConfig | None = None

    @property
    def login(self) -> AuthConfig:
        """How requests are authenticated; a login in Redis is in the section's `redis`, where `auth.store_url` names no other."""
        url = self.auth.store_url
        if self.redis is None or (url is not None and url.reveal() != "redis"):
            return self.auth
        shared: Any = self.redis
        return structs.replace(self.auth, store_url=shared)

    @property
    def is_platform(self) -> bool:
        """Whether it is a platform that serves Claude, and neither Anthropic's own API nor a gateway to it."""
        return self.kind != "anthropic"


class Config(_Section, frozen=True, kw_only=True):
    """The whole of `llm.yaml`.

    Attributes:
        providers: The providers by name.
        retry: When a request is sent again, for every provider.
    """

    providers: dict[str, ProviderConfig]
    retry: RetryConfig = RetryConfig()


class AgentModel(_Section, frozen=True, kw_only=True):
    """The provider and the model of an agent."""

    provider: str
    model: str
    max_tokens: AtLeastOne | None = None


class AgentConfig(_Section, frozen=True, kw_only=True):
    """An agent's file. Its other keys are the application's own and are not read."""

    model: AgentModel


def is_section(cls: Any) -> bool:
    """Return whether a type is a mapping of the schema."""
    return isinstance(cls, type) and issubclass(cls, _Section)
