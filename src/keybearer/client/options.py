"""The options of a client: the one table of their names, types, checks, `llm.yaml` keys and meanings.

Strategy: each row is a key of `ClientOptions`, annotated with an `Option`, so type checkers and the code read the same lines.
`OPTIONS` is taken from the annotations; checks, configuration and docs are taken from `OPTIONS`.

Contract: no value is shown that may hold a secret: a key, a header, a URL with a user in it.
"""
# No `from __future__ import annotations` here: the annotations are values.

import os
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypedDict

from keybearer.api.checks import CALL, Check, count, flag, list_of, spend_limits, text, timeout, word
from keybearer.client import option_checks as takes
from keybearer.credentials.credential import CredentialProvider
from keybearer.errors import ConfigError
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
    "options_of",
]


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


# ── the table ────────────────────────────────────────────────────────────────


class OwnOptions(TypedDict, total=False):
    """The keyword arguments of a client that the official SDK's clients do not have."""

    model: Annotated[str, Option(text, "The model of calls that name none.", "model")]
    api_version: Annotated[str, Option(word, "The `anthropic-version` header.", "api_version")]
    retry: Annotated[RetryPolicy, Option(takes.retry_problem, "When to send again.")]
    requests_per_second: Annotated[
        float, Option(takes.rate, "The client's own rate. Default: none.", "rate_limit.requests_per_second")
    ]
    burst: Annotated[
        int,
        Option(
            takes.at_least_one,
            "How many requests may go at once after a quiet time, under that rate. Default: 1.",
            "rate_limit.burst",
        ),
    ]
    concurrency: Annotated[
        int,
        Option(
            takes.at_least_one,
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
        float, Option(takes.part, "Warn once when this share of a limit is used.", "rate_limit.quota_alert_threshold")
    ]
    shared_limits: Annotated[
        "RedisServer | str",
        Option(
            takes.redis,
            "The Redis in which a fleet of processes shares the service's limits, and `concurrency`; see [fleets.md](fleets.md). "
            "Default: none.",
            "rate_limit.shared",
        ),
    ]
    tenant: Annotated[
        str,
        Option(text, "Whom this client works for: tenants have fair shares of what is shared.", "rate_limit.tenant"),
    ]
    tenant_weight: Annotated[float, Option(takes.rate, "The tenant's weight. Default: 1.", "rate_limit.tenant_weight")]
    retry_budget: Annotated[
        float,
        Option(
            takes.budget,
            "Retries that a successful call pays for, once the reserve is spent; 1 for no budget. Default: 0.1.",
        ),
    ]
    retry_reserve: Annotated[
        float,
        Option(
            takes.reserve,
            "How many retries there are however few calls succeed; a 429 draws on none of this. "
            "Default: the larger of 10 and 1.5 times the calls under way.",
        ),
    ]
    circuit_breaker: Annotated[
        CircuitBreaker | bool,
        Option(
            takes.breaker,
            "False for none, or one of your own. Default: one that opens after 20 failures in a row over 10 s.",
            "circuit_breaker",
            takes.breaker_of,
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
            list_of("observers", takes.observer),
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
    on_request: Annotated[Hook, Option(takes.hook, "A hook, called before each request; see `keybearer.types.hooks`.")]
    on_response: Annotated[Hook, Option(takes.hook, "A hook, called for each reply.")]
    on_retry: Annotated[Hook, Option(takes.hook, "A hook, called before another attempt.")]
    on_usage: Annotated[Hook, Option(takes.hook, "A hook, called with what each message cost.")]
    on_limit: Annotated[Hook, Option(takes.hook, "A hook, called when the alert threshold of a limit is crossed.")]
    on_fleet: Annotated[
        Hook, Option(takes.hook, "A hook, called when the limits of a fleet were lost, or joined again.")
    ]
    prices: Annotated[
        "Mapping[str, Any] | PriceTable | str | os.PathLike[str]",
        Option(
            takes.prices,
            "Your own prices by model, or a JSON file of them; they win over the public ones, see [cost.md](cost.md).",
            "prices",
            lambda models: {name: takes.prices_entry(section) for name, section in models.items()},
        ),
    ]
    ledger: Annotated[
        "Ledger | str | os.PathLike[str]",
        Option(
            takes.ledger,
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
            takes.spend_limit_of,
        ),
    ]
    platform: Annotated[
        "Platform",
        Option(
            takes.platform,
            "The cloud that serves Claude; see [platforms.md](platforms.md). Default: Anthropic's own API.",
        ),
    ]
    betas: Annotated[list[str], Option(list_of("beta tags", word), "Beta tags that every request has.", "betas")]
    proxy: Annotated[str, Option(takes.proxy, "The proxy's URL. Default: what the environment says.", "proxy")]
    ca_file: Annotated[
        str | os.PathLike[str],
        Option(takes.pem_file, "A PEM file of certificates to trust instead of the system's store.", "ca_file"),
    ]
    trust_env: Annotated[bool, Option(flag, "Whether proxies are read from the environment.")]
    stream_limits: Annotated[
        StreamLimits,
        Option(
            takes.stream_limits,
            "What one stream may hold.",
            "stream_limits",
            lambda section: takes.merged(StreamLimits(), section),
        ),
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

    api_key: Annotated[str, Option(takes.secret, "An API key. Default: `ANTHROPIC_API_KEY`.")]
    auth_token: Annotated[
        str,
        Option(takes.secret, "A bearer token: an OAuth token, or a gateway's own. Default: `ANTHROPIC_AUTH_TOKEN`."),
    ]
    credentials: Annotated[
        CredentialProvider, Option(takes.credentials, "What gives the credentials, in place of a key.")
    ]
    base_url: Annotated[
        str, Option(takes.url, "Where the API is. Default: `ANTHROPIC_BASE_URL`, else Anthropic's.", "base_url")
    ]
    timeout: Annotated[
        float | Timeouts,
        Option(
            timeout,
            "A call's deadline in seconds, or all time limits. Default: 10 minutes.",
            "timeouts",
            lambda section: takes.merged(Timeouts(), section),
        ),
    ]
    max_retries: Annotated[
        int, Option(count, "How often a call is sent again at the most. Default: as `retry` says.", "max_retries")
    ]
    default_headers: Annotated[Mapping[str, str], Option(takes.headers, "Headers that every request has.", "headers")]


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
