"""What a client is made of: its arguments, `llm.yaml` and the environment, resolved.

Strategy: an explicit argument wins over the configuration, the configuration over the environment, the environment over the default.
The result is a `Settings`, from which both clients are made the same way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, structs

from keybearer.api.call import CallDefaults, timeouts_of
from keybearer.client.admission import follow_refreshes, hooks_of, make_admission, observers_of
from keybearer.client.options import CLIENT_ONLY, ClientOptions, check_client
from keybearer.config.auth_schema import AuthConfig
from keybearer.config.urls import normal_url, url_problem
from keybearer.credentials.credential import SETUP_TOKEN, CredentialProvider
from keybearer.credentials.sources.static import StaticKey, unquoted
from keybearer.errors import ConfigError
from keybearer.errors.sanitize import sanitize
from keybearer.exchange.request import Exchange
from keybearer.exchange.usage import UsageReports
from keybearer.policy.retry import RetryPolicy
from keybearer.shell.clocks import CLOCKS
from keybearer.shell.transports.base import TransportOptions
from keybearer.types.secret import ProxyURL, Secret
from keybearer.wire.request.build import Endpoint
from keybearer.wire.request.headers import join_betas

if TYPE_CHECKING:
    from keybearer.client.elsewhere import Elsewhere
    from keybearer.conversation.cache_watch import CacheWatch
    from keybearer.prices import PriceTable
    from keybearer.providers.destination import Destination
    from keybearer.shell.ledger import Ledger

__all__ = ["FromConfig", "Settings", "mask", "resolve"]

DEFAULT_BASE_URL: Final = "https://api.anthropic.com"

OF_CALLS: Final = frozenset(
    {
        "api_version",
        "base_url",
        "betas",
        "default_headers",
        "max_retries",
        "model",
        "on_overload",
        "prices",
        "spend_limit",
        "stream_limits",
        "stream_long_requests",
        "strict_streams",
        "timeout",
    }
)
"""The options that are defaults of the calls, so that `with_options` can change them."""


class Settings(Struct, frozen=True, kw_only=True):
    """A client's resolved settings.

    Attributes:
        defaults: What every call starts from.
        exchange: Sends the requests.
        transport: How connections are made.
        own_credentials: Whether the client made the credentials itself.
        own_ledger: The ledger that the client opened itself.
        elsewhere: The other providers of the configuration, where there are any.
    """

    defaults: CallDefaults
    exchange: Exchange
    transport: TransportOptions
    own_credentials: bool
    own_ledger: Ledger | None = None
    elsewhere: Elsewhere | None = None

    def release_ledger(self) -> None:
        """Close the client's file of the ledger, after the last row; a ledger that was an argument is the caller's."""
        if self.own_ledger is not None:
            self.own_ledger.release()

    def close(self) -> None:
        """Leave the fleet, and stop what the credentials do in the background; those that were an argument are the caller's."""
        if (fleet := self.exchange.admission.fleet) is not None:
            fleet.close()
        if self.elsewhere is not None:
            self.elsewhere.close()
        if self.own_credentials and (close := getattr(self.exchange.credentials, "close", None)):
            close()


class FromConfig(Struct, frozen=True, kw_only=True):
    """What a configuration says.

    Attributes:
        options: The arguments of `Client` that it stands for.
        max_tokens: The `max_tokens` of calls that name none: an agent's.
        auth: How requests are authenticated.
        key: The provider's API key.
        keys: The provider's keys, where it has several.
        key_source: Where they came from, in words.
        agent: The agent's name.
        provider: The provider's name.
        elsewhere: Returns what the file says of another provider; None where there is none of that name.
    """

    options: dict[str, Any] = {}
    max_tokens: int | None = None
    auth: AuthConfig = AuthConfig()
    key: Secret | None = None
    keys: tuple[Secret, ...] = ()
    key_source: str = ""
    agent: str | None = None
    provider: str = ""
    elsewhere: Callable[[str], FromConfig | None] | None = None


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
    destination = None
    if options.get("platform") is not None:
        from keybearer.client.platform import connect

        key = (config.key, config.key_source) if config.key else None
        credentials, destination = connect(options, config.auth, key, transport=transport, clocks=CLOCKS)
        base_url = destination.root
    else:
        named = options.get("base_url") or _base_url_of_environment()
        credentials, home = _credentials(options, config, transport, named)
        base_url = named or home or DEFAULT_BASE_URL
    rotates = hasattr(credentials, "replied")
    if rotates and not options.get("shared_limits"):
        options["adaptive"] = False  # each key has limits of its own
    admission, hooks = make_admission(options), hooks_of(options)
    observers = observers_of(options, hooks)
    follow_refreshes(credentials, observers)
    ledger, own_ledger = _ledger(options.get("ledger"), config.agent)
    exchange = Exchange(
        credentials=credentials,
        admission=admission,
        retry=options.get("retry") or RetryPolicy(),
        clocks=CLOCKS,
        hooks=hooks,
        observers=observers,
        usage=UsageReports(
            hooks.on_usage, admission.adaptive, None if ledger is None else ledger.add, admission.fleet, observers
        ),
        retry_on_401=config.auth.retry_on_401 or rotates,
        destination=destination,
        provider=_provider_name(config.provider, destination),
    )
    before = CallDefaults(
        endpoint=Endpoint(base_url=normal_url(base_url)),
        max_tokens=config.max_tokens,
        cache_watch=cache(_cache_watch),
        client_only=CLIENT_ONLY,
        ledger_path=getattr(ledger, "path", None),
    )
    at = {} if destination is None else {"base_url": destination.root}
    settings = Settings(
        defaults=_changed(before, {**options, **at}),
        exchange=exchange,
        transport=transport,
        own_credentials="credentials" not in options,
        own_ledger=ledger if own_ledger else None,
    )
    if config.elsewhere is None:
        return settings
    from keybearer.client.elsewhere import Elsewhere

    others = Elsewhere(config.elsewhere, settings, partial(resolve, {}))
    return structs.replace(settings, elsewhere=others, defaults=structs.replace(settings.defaults, elsewhere=others))


def _provider_name(named: str, destination: Destination | None) -> str:
    """Return the name for `Message.provider`; empty for Anthropic's own API."""
    if named == "anthropic":
        return ""
    return named or ("" if destination is None else destination.row.kind)


def _base_url_of_environment() -> str | None:
    url = os.environ.get("ANTHROPIC_BASE_URL")
    if url and (problem := url_problem(url)):
        shown = "" if "@" in url else f" is {sanitize(repr(url), 60)}: it"
        raise ConfigError(f"The environment's ANTHROPIC_BASE_URL{shown} {problem}.", key="ANTHROPIC_BASE_URL")
    return url


def derived(settings: Settings, options: ClientOptions) -> Settings:
    """Return a client's settings with other defaults of its calls.

    Args:
        settings: The client's.
        options: The arguments of `with_options`; one that is None counts as not given.

    Raises:
        TypeError: An argument is not known, or is decided where the client is made.
        ConfigError: A value cannot work.
    """
    check_client(options)
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if fixed := given.keys() - OF_CALLS:
        raise TypeError(
            f"{min(fixed)} is decided where the client is made; with_options takes {', '.join(sorted(OF_CALLS))}."
        )
    if "base_url" in given and settings.exchange.destination is not None:
        raise TypeError("base_url is decided where the client of a platform is made: its credential is for that host.")
    return structs.replace(settings, defaults=_changed(settings.defaults, given))


def _changed(before: CallDefaults, options: Mapping[str, Any]) -> CallDefaults:
    """Return the defaults of calls with those that the options name; a header replaces one of its name.

    Args:
        before: The defaults that the others keep.
        options: Options that were checked, by the name of the client's argument; none of those is None.
    """
    given = {name.lower(): value for name, value in options.get("default_headers", {}).items()}
    headers = {**before.endpoint.headers, **given}
    if "betas" in options:
        headers["anthropic-beta"] = join_betas(given.get("anthropic-beta"), options["betas"])
    if not headers.get("anthropic-beta"):
        headers.pop("anthropic-beta", None)  # an empty list takes the tags away
    endpoint = Endpoint(
        base_url=normal_url(options.get("base_url") or before.endpoint.base_url),
        api_version=options.get("api_version") or before.endpoint.api_version,
        headers=headers,
    )
    plain = {name: options[name] for name in ("model", "max_retries", "stream_long_requests") if name in options}
    if "spend_limit" in options:
        before = before.with_limits(options["spend_limit"])
    return structs.replace(
        before,
        **plain,
        endpoint=endpoint,
        timeouts=timeouts_of(options.get("timeout"), before.timeouts),
        limits=options.get("stream_limits", before.limits),
        strict=options.get("strict_streams", before.strict),
        on_overload=tuple(options.get("on_overload", before.on_overload)),
        prices=_price_table(options["prices"]) if "prices" in options else before.prices,
    )


def _price_table(prices: Any) -> PriceTable:
    """Return the table that a client's `prices` stand for: a table, entries by model, or the file of those."""
    from keybearer.prices import PriceTable, contract

    if isinstance(prices, PriceTable):
        return prices
    return contract.with_own(prices) if isinstance(prices, Mapping) else contract.read_file(prices)


def _cache_watch() -> CacheWatch:
    from keybearer.conversation.cache_watch import CacheWatch

    return CacheWatch()


def _ledger(ledger: Ledger | str | os.PathLike[str] | None, agent: str | None) -> tuple[Ledger | None, bool]:
    """Return a client's ledger, and whether it was opened here."""
    if isinstance(ledger, str | os.PathLike):
        from keybearer.shell.ledger import Ledger

        return Ledger(ledger, agent=agent), True
    return ledger, False


def mask(options: ClientOptions) -> None:
    """Make the secrets among the arguments ones that a traceback's locals do not show; the callers hold the same mapping."""
    for name in ("api_key", "auth_token"):
        secret: object = options.get(name)
        if isinstance(secret, str | Secret):
            options[name] = (secret if isinstance(secret, Secret) else Secret(secret)).reveal()
    if isinstance(proxy := options.get("proxy"), str):
        options["proxy"] = ProxyURL(proxy)


def _credentials(
    options: ClientOptions, config: FromConfig, transport: TransportOptions, base_url: str | None
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
    if (token := options.get("auth_token")) is not None:
        from keybearer.credentials.sources.environment import auth_token

        gateway = options.get("base_url") or os.environ.get("ANTHROPIC_BASE_URL")
        hosts = tuple(config.auth.allow_other_hosts or ())
        return auth_token(Secret(token), "the auth_token argument", gateway, hosts), None
    if config.keys:
        from keybearer.client.credentials import several_keys

        return several_keys(config.keys, config.key_source, tuple(config.auth.allow_other_hosts or ())), None
    key = None
    if config.key:
        from keybearer.credentials.sources.table import Key

        key = Key(config.key, config.key_source)
    from keybearer.client.credentials import chain

    resolved = chain(config.auth, key, transport, base_url=base_url).resolve()
    return resolved.provider, resolved.found.base_url
