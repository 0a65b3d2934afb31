"""The options of a client: the one table of their names, types, checks, `llm.yaml` keys and meanings.

Strategy: each row is a key of `ClientOptions`, annotated with an `Option`, so type checkers and the code read the same lines.
`OPTIONS` is taken from the annotations; checks, configuration and docs are taken from `OPTIONS`.

Contract: no value is shown that may hold a secret: a key, a header, a URL with a user in it.
"""
# No `from __future__ import annotations` here: the annotations are values.

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypedDict

from keybearer.api.checks import (
    CALL,
    Check,
    count,
    flag,
    kind,
    list_of,
    mapping,
    number,
    seconds,
    shown,
    spend_limits,
    text,
    timeout,
    word,
)
from keybearer.config.urls import proxy_problem, url_problem
from keybearer.credentials.credential import CredentialProvider
from keybearer.errors import ConfigError, UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.retry import RetryPolicy
from keybearer.types.hooks import Hook
from keybearer.types.http import Timeouts
from keybearer.wire.response.limits import StreamLimits

if TYPE_CHECKING:
    from keybearer.config.redis_server import RedisServer
    from keybearer.prices import PriceTable
    from keybearer.providers.platform import Platform
    from keybearer.shell.ledger import Ledger
    from keybearer.shell.spend_limit import SpendLimit
    from keybearer.types.observing import Observer

__all__ = [
    "CLIENT_ONLY",
    "OPTIONS",
    "ClientOptions",
    "Option",
    "OwnOptions",
    "check_client",
    "header_problem",
    "merged",
    "options_of",
    "retry_problem",
    "spend_limit_problem",
]

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTABLE: Final = re.compile(r"[\t -~]*")

CREDENTIALS: Final = frozenset({"authorization", "x-api-key"})
"""Headers that only a credential sets."""


class Option(NamedTuple):
    """What is known of one option.

    Attributes:
        check: Says what is wrong with a value; None when nothing is.
        words: What it is, and its default.
        key: The key below `providers.<name>` in `llm.yaml` that sets it; None where the file cannot.
        from_file: Turns the file's value into the option's; None where it is the same.
    """

    check: Check
    words: str
    key: str | None = None
    from_file: Callable[[Any], Any] | None = None


# ── what an option takes ─────────────────────────────────────────────────────


def _secret(value: Any) -> str | None:
    return None if isinstance(value, str) else f"is {kind(value)}; it takes the key as text"


_at_least_one = number("a whole number, 1 or more", lambda n: n >= 1, whole=True)
_rate = number("a number above 0", lambda n: 0 < n < math.inf)
_part = number("a share, above 0 and at most 1", lambda n: 0 < n <= 1)
_budget = number("a share, from 0 to 1", lambda n: 0 <= n <= 1)
_reserve = number("a number of retries, 0 or more", lambda n: 0 <= n < math.inf)
_delay = number("a number of seconds, 0 or more", lambda n: 0 <= n < math.inf)
_factor = number("a number, 1 or more", lambda n: 1 <= n < math.inf)


def retry_problem(value: Any) -> str | None:
    """Return what is wrong with a retry policy, in words."""
    if not isinstance(value, RetryPolicy):
        return f"is {shown(value)}; it takes RetryPolicy(...); max_retries takes how often to try again"
    for name, check in _RETRY.items():
        if (problem := check(getattr(value, name))) is not None:
            return f"has {name}={problem.removeprefix('is ')}"
    if value.min_delay > value.max_delay:
        return f"has a min_delay of {value.min_delay:g} s, which is above its max_delay of {value.max_delay:g} s"
    return None


_RETRY: Final[dict[str, Check]] = {
    "rate_limit_attempts": _at_least_one,
    "server_attempts": _at_least_one,
    "min_delay": seconds,
    "max_delay": seconds,
    "multiplier": _factor,
    "rate_limit_delay": _delay,
}


def _headers(value: Any) -> str | None:
    if (problem := mapping(value)) is not None:
        return problem
    return next((problem for name in value if (problem := header_problem(name, value[name]))), None)


def header_problem(name: Any, value: Any) -> str | None:
    """Return what is wrong with a header of every request, in words; its value is not shown, for it may be a secret."""
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        return f"has {shown(name)}, which is not a header's name"
    if name.lower() in CREDENTIALS:
        return f"has {name!r}: a credential is never taken from a header; give it as api_key"
    if not isinstance(value, str):
        return f"has {name!r} with a value {kind(value)}; it takes text"
    if not _PRINTABLE.fullmatch(value):
        return f"has {name!r} with a value that is not printable ASCII, such as a line end"
    return None


def _url(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is {kind(value)}; it takes a URL as text"
    if (problem := url_problem(value)) is None:
        return None
    meant = f"; did you mean https://{value}" if "://" not in value and not url_problem(f"https://{value}") else ""
    return problem if "@" in value else f"is {shown(value)}: it {problem}{meant}"


def _proxy(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is {kind(value)}; it takes a URL as text"
    return proxy_problem(value) if value else None  # an empty one is a direct connection


def _path(value: Any) -> str | None:
    if not isinstance(value, str | os.PathLike):
        return f"is {shown(value)}; it takes the path of a PEM file"
    from keybearer.shell.transports.tls import ca_problem

    path = os.fspath(value)
    problem = ca_problem(path) if path else "cannot be read: its name is empty"
    return problem and f"is {sanitize(repr(path))}: the file {problem}"


def _hook(value: Any) -> str | None:
    return None if callable(value) else f"is {shown(value)}; it takes a function"


def _observer(value: Any) -> str | None:
    return (
        None
        if callable(getattr(value, "observe", None))
        else f"is {kind(value)}; it takes an object with observe(event)"
    )


def _credentials(value: Any) -> str | None:
    if callable(getattr(value, "current", None)) and callable(getattr(value, "rejected", None)):
        return None
    return f"is {kind(value)}; it takes a provider with current() and rejected(); a key goes into api_key"


def _breaker(value: Any) -> str | None:
    good = isinstance(value, bool | CircuitBreaker)
    return None if good else f"is {shown(value)}; it takes False for none, or a CircuitBreaker"


def _limits(value: Any) -> str | None:
    return None if isinstance(value, StreamLimits) else f"is {shown(value)}; it takes StreamLimits(...)"


def _redis(value: Any) -> str | None:
    from keybearer.config.redis_server import redis_problem

    return redis_problem(value)


def _prices(value: Any) -> str | None:
    from keybearer.prices import PriceTable
    from keybearer.prices.contract import problem, read_file

    if isinstance(value, PriceTable):
        return None
    if not isinstance(value, str | os.PathLike):
        wrong = problem(value)
        return wrong and f"is not right: {wrong}"
    try:
        read_file(value)
    except ConfigError as error:
        return f"is {shown(os.fspath(value))}: {error.message.rstrip('.')}"
    return None


def _ledger(value: Any) -> str | None:
    if isinstance(value, str | os.PathLike):
        return None if os.fspath(value) else "is empty; it takes the path of a file"
    good = callable(getattr(value, "add", None)) and callable(getattr(value, "release", None))
    return None if good else f"is {kind(value)}; it takes a Ledger, or a path"


def _platform(value: Any) -> str | None:
    from keybearer.providers.destination import platform_problem
    from keybearer.providers.platform import Platform

    if not isinstance(value, Platform):
        return f"is {shown(value)}; it takes keybearer.Platform(...)"
    return platform_problem(value)


# ── from a value of llm.yaml ─────────────────────────────────────────────────


def _breaker_of(section: Any) -> CircuitBreaker | bool:
    import threading

    if not section.enabled:
        return False
    given = {name: value for name in ("failures", "cooldown") if (value := getattr(section, name)) is not None}
    return CircuitBreaker(**given, lock=threading.Lock())


def prices_entry(section: Any) -> dict[str, Any]:
    """Return a model's section of `prices` as an entry of a user's own prices (`keybearer.prices.contract`)."""
    from msgspec import structs

    entry = {name: value for name, value in structs.asdict(section).items() if value is not None}
    return {
        name: prices_entry(value) if hasattr(value, "__struct_fields__") else value for name, value in entry.items()
    }


def _spend_limit_of(section: Any) -> Any:
    from msgspec import structs

    from keybearer.shell.spend_limit import SpendLimit

    return SpendLimit(**{name: value for name, value in structs.asdict(section).items() if value is not None})


def spend_limit_problem(section: Any) -> str | None:
    """Return what is wrong with the spend limit of `llm.yaml`, in words."""
    try:
        _spend_limit_of(section)
    except UsageError as error:
        return f"cannot be: {error.message.rstrip('.')}"
    return None


def merged(base: Any, *sections: Any) -> Any:
    """Return a policy with the values that the sections set, the last one first."""
    from msgspec import structs

    values = {
        name: value
        for section in sections
        for name in base.__struct_fields__
        if (value := getattr(section, name, None)) is not None
    }
    return structs.replace(base, **values)


# ── the table ────────────────────────────────────────────────────────────────


class OwnOptions(TypedDict, total=False):
    """The keyword arguments of a client that the official SDK's clients do not have."""

    model: Annotated[str, Option(text, "The model of calls that name none.", "model")]
    api_version: Annotated[str, Option(word, "The `anthropic-version` header.", "api_version")]
    retry: Annotated[RetryPolicy, Option(retry_problem, "When to send again.")]
    requests_per_second: Annotated[
        float, Option(_rate, "The client's own rate. Default: none.", "rate_limit.requests_per_second")
    ]
    burst: Annotated[
        int,
        Option(
            _at_least_one,
            "How many requests may go at once after a quiet time, under that rate. Default: 1.",
            "rate_limit.burst",
        ),
    ]
    concurrency: Annotated[
        int,
        Option(
            _at_least_one,
            "How many requests are under way at once at the most; a stream counts until it is closed. Default: no limit.",
            "rate_limit.concurrency",
        ),
    ]
    adaptive: Annotated[
        bool,
        Option(
            flag,
            "Whether to slow down by what the service's headers say is left. Default: true.",
            "rate_limit.adaptive",
        ),
    ]
    quota_alert_threshold: Annotated[
        float, Option(_part, "Warn once when this share of a limit is used.", "rate_limit.quota_alert_threshold")
    ]
    shared_limits: Annotated[
        "RedisServer | str",
        Option(
            _redis,
            "The Redis in which a fleet of processes shares the service's limits, and `concurrency`; see [fleets.md](fleets.md). "
            "Default: none.",
            "rate_limit.shared",
        ),
    ]
    tenant: Annotated[
        str,
        Option(text, "Whom this client works for: tenants have fair shares of what is shared.", "rate_limit.tenant"),
    ]
    tenant_weight: Annotated[float, Option(_rate, "The tenant's weight. Default: 1.", "rate_limit.tenant_weight")]
    retry_budget: Annotated[
        float,
        Option(
            _budget,
            "Retries that a successful call pays for, once the reserve is spent; 1 for no budget. Default: 0.1.",
        ),
    ]
    retry_reserve: Annotated[
        float,
        Option(
            _reserve,
            "How many retries there are however few calls succeed; a 429 draws on none of this. "
            "Default: the larger of 10 and 1.5 times the calls under way.",
        ),
    ]
    circuit_breaker: Annotated[
        CircuitBreaker | bool,
        Option(
            _breaker,
            "False for none, or one of your own. Default: one that opens after 20 failures in a row over 10 s.",
            "circuit_breaker",
            _breaker_of,
        ),
    ]
    on_overload: Annotated[
        Sequence[str],
        Option(
            list_of("models", text),
            "Other models to ask, in order, when the one asked for is overloaded; "
            "`provider/model` asks another provider of the file.",
            "on_overload",
        ),
    ]
    observers: Annotated[
        "Sequence[Observer]",
        Option(
            list_of("observers", _observer),
            "Objects that hear what happens to each call; see [telemetry.md](telemetry.md). Default: none.",
        ),
    ]
    telemetry: Annotated[
        bool,
        Option(
            flag,
            "Whether there are spans and metrics of OpenTelemetry: true imports its API, false makes none; see "
            "[telemetry.md](telemetry.md). Default: once the program has set a provider.",
        ),
    ]
    on_request: Annotated[Hook, Option(_hook, "A hook, called before each request; see `keybearer.types.hooks`.")]
    on_response: Annotated[Hook, Option(_hook, "A hook, called for each reply.")]
    on_retry: Annotated[Hook, Option(_hook, "A hook, called before another attempt.")]
    on_usage: Annotated[Hook, Option(_hook, "A hook, called with what each message cost.")]
    on_limit: Annotated[Hook, Option(_hook, "A hook, called when the alert threshold of a limit is crossed.")]
    on_fleet: Annotated[Hook, Option(_hook, "A hook, called when the limits of a fleet were lost, or joined again.")]
    prices: Annotated[
        "Mapping[str, Any] | PriceTable | str | os.PathLike[str]",
        Option(
            _prices,
            "Your own prices by model, or a JSON file of them; they win over the public ones, see [cost.md](cost.md).",
            "prices",
            lambda models: {name: prices_entry(section) for name, section in models.items()},
        ),
    ]
    ledger: Annotated[
        "Ledger | str | os.PathLike[str]",
        Option(
            _ledger,
            "A ledger, or the path of one, in which each call gets a row; see [ledger.md](ledger.md). Default: none.",
            "ledger",
        ),
    ]
    spend_limit: Annotated[
        "SpendLimit | Sequence[SpendLimit]",
        Option(
            spend_limits,
            "The most that may be spent, or several such limits; see [spend-limits.md](spend-limits.md). Default: none.",
            "spend_limit",
            _spend_limit_of,
        ),
    ]
    platform: Annotated[
        "Platform",
        Option(
            _platform, "The cloud that serves Claude; see [platforms.md](platforms.md). Default: Anthropic's own API."
        ),
    ]
    betas: Annotated[list[str], Option(list_of("beta tags", word), "Beta tags that every request has.", "betas")]
    proxy: Annotated[str, Option(_proxy, "The proxy's URL. Default: what the environment says.", "proxy")]
    ca_file: Annotated[
        str | os.PathLike[str],
        Option(_path, "A PEM file of certificates to trust instead of the system's store.", "ca_file"),
    ]
    trust_env: Annotated[bool, Option(flag, "Whether proxies are read from the environment.")]
    stream_limits: Annotated[
        StreamLimits,
        Option(_limits, "What one stream may hold.", "stream_limits", lambda section: merged(StreamLimits(), section)),
    ]
    strict_streams: Annotated[
        bool, Option(flag, "False accepts a stream whose last event is missing after a stop reason.", "strict_streams")
    ]
    stream_long_requests: Annotated[
        bool,
        Option(
            flag,
            "False sends what may take more than ten minutes as any other request. Default: it is streamed underneath.",
            "stream_long_requests",
        ),
    ]


class ClientOptions(OwnOptions, total=False):
    """The keyword arguments of `Client` and `AsyncClient` beside the transport."""

    api_key: Annotated[str, Option(_secret, "An API key. Default: `ANTHROPIC_API_KEY`.")]
    auth_token: Annotated[
        str, Option(_secret, "A bearer token: an OAuth token, or a gateway's own. Default: `ANTHROPIC_AUTH_TOKEN`.")
    ]
    credentials: Annotated[CredentialProvider, Option(_credentials, "What gives the credentials, in place of a key.")]
    base_url: Annotated[
        str, Option(_url, "Where the API is. Default: `ANTHROPIC_BASE_URL`, else Anthropic's.", "base_url")
    ]
    timeout: Annotated[
        float | Timeouts,
        Option(
            timeout,
            "A call's deadline in seconds, or all time limits. Default: 10 minutes.",
            "timeouts",
            lambda section: merged(Timeouts(), section),
        ),
    ]
    max_retries: Annotated[
        int, Option(count, "How often a call is sent again at the most. Default: as `retry` says.", "max_retries")
    ]
    default_headers: Annotated[Mapping[str, str], Option(_headers, "Headers that every request has.", "headers")]


OPTIONS: Final[dict[str, Option]] = {name: hint.__metadata__[0] for name, hint in ClientOptions.__annotations__.items()}
"""Every option of a client, by name."""

ClientOptions.__doc__ = f"{ClientOptions.__doc__}\n\n    Attributes:\n" + "\n".join(
    f"        {name}: {option.words}" for name, option in OPTIONS.items()
)


CLIENT_ONLY: Final = frozenset(OPTIONS.keys() - CALL.keys() - {"model"})
"""What a client takes and a call does not."""


def options_of(section: Any) -> dict[str, Any]:
    """Return the options that a provider's section of `llm.yaml` sets.

    Args:
        section: The section (`ProviderConfig`).
    """
    found = {}
    for name, option in OPTIONS.items():
        value = attrgetter(option.key)(section) if option.key else None
        if value is not None:
            found[name] = option.from_file(value) if option.from_file else value
    return found


def check_client(options: Mapping[str, Any]) -> None:
    """Refuse a client's arguments that cannot work.

    Args:
        options: The arguments; one that is None counts as not given.

    Raises:
        TypeError: There is no such argument.
        ConfigError: A value cannot work.
    """
    for name, value in options.items():
        if (option := OPTIONS.get(name)) is None:
            raise TypeError(_unknown(name))
        if value is not None and (problem := option.check(value)) is not None:
            raise ConfigError(f"Client({name}=...) {problem}.", key=name)


def _unknown(name: str) -> str:
    from keybearer.errors.nearest import did_you_mean

    meant = did_you_mean(name, OPTIONS) or f" It takes {', '.join(sorted(OPTIONS))}."
    return f"A client has no argument {name!r}.{meant}"
