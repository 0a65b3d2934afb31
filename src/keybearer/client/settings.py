"""What a client is made of: its arguments, `llm.yaml` and the environment, resolved.

Strategy: an explicit argument wins over the configuration, the configuration over the environment, the environment over the default.
The result is a `Settings`, from which both clients are made the same way.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

import msgspec
from msgspec import Struct

from keybearer.client.admission import hooks_of, make_admission
from keybearer.client.checks import check_client
from keybearer.config.schema import AuthConfig
from keybearer.config.urls import normal_url, url_problem
from keybearer.credentials.credential import SETUP_TOKEN, CredentialProvider
from keybearer.credentials.sources.static import StaticKey, unquoted
from keybearer.errors import ConfigError
from keybearer.errors.sanitize import sanitize
from keybearer.exchange.request import Exchange
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.retry import RetryPolicy
from keybearer.shell.clocks import CLOCKS
from keybearer.shell.transports.base import TransportOptions
from keybearer.types.hooks import Hook
from keybearer.types.http import Timeouts
from keybearer.types.secret import ProxyURL, Secret
from keybearer.wire.request.build import Endpoint
from keybearer.wire.request.headers import API_VERSION
from keybearer.wire.response.limits import StreamLimits

__all__ = ["ClientOptions", "FromConfig", "Settings", "mask", "resolve"]

DEFAULT_BASE_URL: Final = "https://api.anthropic.com"


class ClientOptions(TypedDict, total=False):
    """The keyword arguments of `Client` and `AsyncClient` beside the transport.

    Attributes:
        api_key: An API key. Default: `ANTHROPIC_API_KEY`.
        credentials: What gives the credentials, in place of a key.
        base_url: Where the API is. Default: `ANTHROPIC_BASE_URL`, else Anthropic's.
        model: The model of calls that name none.
        api_version: The `anthropic-version` header.
        timeout: A call's deadline in seconds, or all time limits. Default: 10 minutes.
        max_retries: How often a call is sent again at the most. Default: as `retry` says.
        retry: When to send again.
        requests_per_second: The client's own rate. Default: none.
        burst: How many requests may go at once after a quiet time, under that rate. Default: 1.
        concurrency: How many requests are under way at once at the most; a stream counts until it is closed. Default: no limit.
        adaptive: Whether to slow down by what the service's headers say is left. Default: true.
        quota_alert_threshold: Warn once when this share of a limit is used.
        retry_budget: Retries that a successful call pays for, once the reserve is spent; 1 for no budget. Default: 0.1.
        retry_reserve: How many retries there are however few calls succeed; a 429 draws on none of this. Default: the larger of
            10 and 1.5 times the calls under way.
        circuit_breaker: False for none, or one of your own. Default: one that opens after 20 failures in a row over 10 s.
        on_overload: Other models to ask, in order, when the one asked for is overloaded.
        on_request, on_response, on_retry, on_usage, on_limit: Hooks; see `keybearer.types.hooks`.
        default_headers: Headers that every request has.
        betas: Beta tags that every request has.
        proxy: The proxy's URL. Default: what the environment says.
        ca_file: A PEM file of certificates to trust instead of the system's store.
        trust_env: Whether proxies are read from the environment.
        stream_limits: What one stream may hold.
        strict_streams: False accepts a stream whose last event is missing after a stop reason.
        stream_long_requests: False sends what may take more than ten minutes as any other request. Default: it is streamed underneath.
    """

    api_key: str
    credentials: CredentialProvider
    base_url: str
    model: str
    api_version: str
    timeout: float | Timeouts
    max_retries: int
    retry: RetryPolicy
    requests_per_second: float
    burst: int
    concurrency: int
    adaptive: bool
    quota_alert_threshold: float
    retry_budget: float
    retry_reserve: float
    circuit_breaker: CircuitBreaker | bool
    on_overload: Sequence[str]
    on_request: Hook
    on_response: Hook
    on_retry: Hook
    on_usage: Hook
    on_limit: Hook
    default_headers: Mapping[str, str]
    betas: list[str]
    proxy: str
    ca_file: str | os.PathLike[str]
    trust_env: bool
    stream_limits: StreamLimits
    strict_streams: bool
    stream_long_requests: bool


class Settings(Struct, frozen=True, kw_only=True):
    """A client's resolved settings."""

    endpoint: Endpoint
    exchange: Exchange
    transport: TransportOptions
    timeouts: Timeouts
    model: str | None
    max_tokens: int | None
    max_retries: int | None
    limits: StreamLimits
    strict: bool
    stream_long_requests: bool
    on_overload: tuple[str, ...]
    own_credentials: bool

    def close(self) -> None:
        """Stop what the credentials do in the background, unless they were an argument: then they are the caller's."""
        if self.own_credentials and (close := getattr(self.exchange.credentials, "close", None)):
            close()


class FromConfig(Struct, frozen=True, kw_only=True):
    """What a configuration says.

    Attributes:
        options: The arguments of `Client` that it stands for.
        max_tokens: The `max_tokens` of calls that name none: an agent's.
        auth: How requests are authenticated.
        key: The provider's API key.
        key_source: Where that came from, in words.
    """

    options: dict[str, Any] = {}
    max_tokens: int | None = None
    auth: AuthConfig = AuthConfig()
    key: Secret | None = None
    key_source: str = ""


def resolve(explicit: ClientOptions, config: FromConfig | None = None) -> Settings:
    """Make a client's settings.

    Args:
        explicit: The client's arguments.
        config: What the configuration says; the arguments win over it.

    Raises:
        ConfigError: An argument cannot work, such as a base URL that a key may not be sent to.
        NoCredentials: There is no credential.
        TypeError: An argument is not known.
    """
    mask(explicit)
    check_client(explicit)
    config = config or FromConfig()
    options: Any = {**config.options, **{name: value for name, value in explicit.items() if value is not None}}
    transport = TransportOptions(
        proxy=options.get("proxy"),
        ca_file=os.fspath(options["ca_file"]) if "ca_file" in options else None,
        trust_env=options.get("trust_env", True),
    )
    credentials, home = _credentials(options, config, transport)
    base_url = options.get("base_url") or _base_url_of_environment() or home or DEFAULT_BASE_URL
    headers = {name.lower(): value for name, value in (options.get("default_headers") or {}).items()}
    if betas := options.get("betas"):
        headers["anthropic-beta"] = ",".join([*filter(None, [headers.get("anthropic-beta")]), *betas])
    exchange = Exchange(
        credentials=credentials,
        admission=make_admission(options),
        retry=options.get("retry") or RetryPolicy(),
        clocks=CLOCKS,
        hooks=hooks_of(options),
        retry_on_401=config.auth.retry_on_401,
    )
    return Settings(
        endpoint=Endpoint(
            base_url=normal_url(base_url), api_version=options.get("api_version") or API_VERSION, headers=headers
        ),
        exchange=exchange,
        transport=transport,
        timeouts=timeouts_of(options.get("timeout"), Timeouts()),
        model=options.get("model"),
        max_tokens=config.max_tokens,
        max_retries=options.get("max_retries"),
        limits=options.get("stream_limits") or StreamLimits(),
        strict=options.get("strict_streams", True),
        stream_long_requests=options.get("stream_long_requests", True),
        on_overload=tuple(options.get("on_overload") or ()),
        own_credentials="credentials" not in options,
    )


def _base_url_of_environment() -> str | None:
    url = os.environ.get("ANTHROPIC_BASE_URL")
    if url and (problem := url_problem(url)):
        shown = "" if "@" in url else f" is {sanitize(repr(url), 60)}: it"
        raise ConfigError(f"The environment's ANTHROPIC_BASE_URL{shown} {problem}.", key="ANTHROPIC_BASE_URL")
    return url


def timeouts_of(timeout: float | Timeouts | None, default: Timeouts) -> Timeouts:
    """Return the time limits that an argument stands for: a number is the call's deadline in seconds."""
    if timeout is None:
        return default
    return timeout if isinstance(timeout, Timeouts) else msgspec.structs.replace(default, total=float(timeout))


def mask(options: ClientOptions) -> None:
    """Make the secrets among the arguments ones that a traceback's locals do not show; the callers hold the same mapping."""
    key: object = options.get("api_key")
    if isinstance(key, str | Secret):
        options["api_key"] = (key if isinstance(key, Secret) else Secret(key)).reveal()
    if isinstance(proxy := options.get("proxy"), str):
        options["proxy"] = ProxyURL(proxy)


def _credentials(
    options: ClientOptions, config: FromConfig, transport: TransportOptions
) -> tuple[CredentialProvider, str | None]:
    """Return what gives the credentials, and the API that they are for when they say: an argument, else what is found."""
    if credentials := options.get("credentials"):
        return credentials, None
    if (text := options.get("api_key")) is not None:
        if config.auth.mode not in {None, "auto", "static"}:
            import logging

            logging.getLogger("keybearer").info(
                "credentials: the api_key argument wins over auth.mode %s", config.auth.mode
            )
        if not unquoted(text).startswith(SETUP_TOKEN):
            # A plain key, given by hand: nothing of the other credentials is loaded for it.
            return StaticKey(text, source="the api_key argument"), None
        from keybearer.credentials.sources.table import Key, from_key

        return from_key(Key(Secret(text), "the api_key argument"), tuple(config.auth.allow_other_hosts or ())), None
    key = None
    if config.key:
        from keybearer.credentials.sources.table import Key

        key = Key(config.key, config.key_source)
    from keybearer.client.credentials import chain

    resolved = chain(config.auth, key, transport).resolve()
    return resolved.provider, resolved.found.base_url
