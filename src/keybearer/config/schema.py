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

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, structs

from keybearer.config.auth_schema import AuthConfig
from keybearer.config.fields import (
    URL,
    AtLeastOne,
    Count,
    Dollars,
    FilePath,
    Positive,
    Proxy,
    RedisURL,
    Seconds,
    Section,
    Share,
)
from keybearer.types.secret import Secret

__all__ = [
    "AgentConfig",
    "AgentModel",
    "BreakerConfig",
    "Config",
    "ProviderConfig",
    "RateLimitConfig",
    "RedisConfig",
    "RetryConfig",
    "StreamLimitsConfig",
    "TimeoutConfig",
]

ProviderKind: TypeAlias = Literal["anthropic", "bedrock", "bedrock_mantle", "aws", "vertex", "google_cloud", "foundry"]


class RateLimitConfig(Section, frozen=True, kw_only=True):
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


class RetryConfig(Section, frozen=True, kw_only=True):
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


class TimeoutConfig(Section, frozen=True, kw_only=True):
    """Time limits in seconds; see `keybearer.Timeouts`."""

    connect: Seconds | None = None
    first_byte: Seconds | None = None
    idle: Seconds | None = None
    progress: Seconds | None = None
    total: Seconds | None = None


class BreakerConfig(Section, frozen=True, kw_only=True):
    """The circuit breaker.

    Attributes:
        enabled: Whether there is one.
        failures: How many failures in a row open it.
        cooldown: How long it stays open, in seconds.
    """

    enabled: bool = True
    failures: AtLeastOne | None = None
    cooldown: Seconds | None = None


class StreamLimitsConfig(Section, frozen=True, kw_only=True):
    """What one stream may hold; see `keybearer.StreamLimits`."""

    event_bytes: AtLeastOne | None = None
    text_bytes: AtLeastOne | None = None
    blocks: AtLeastOne | None = None


class RatesConfig(Section, frozen=True, kw_only=True):
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


class SpendLimitConfig(Section, frozen=True, kw_only=True):
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


class RedisConfig(Section, frozen=True, kw_only=True):
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


class ProviderConfig(Section, frozen=True, kw_only=True):
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


class Config(Section, frozen=True, kw_only=True):
    """The whole of `llm.yaml`.

    Attributes:
        providers: The providers by name.
        retry: When a request is sent again, for every provider.
    """

    providers: dict[str, ProviderConfig]
    retry: RetryConfig = RetryConfig()


class AgentModel(Section, frozen=True, kw_only=True):
    """The provider and the model of an agent."""

    provider: str
    model: str
    max_tokens: AtLeastOne | None = None


class AgentConfig(Section, frozen=True, kw_only=True):
    """An agent's file. Its other keys are the application's own and are not read."""

    model: AgentModel
