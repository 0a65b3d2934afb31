"""What the options of a client take: a check for each kind of value, and how a value of `llm.yaml` becomes one.

Strategy: a check returns what is wrong with a value, as the end of a sentence that begins with the option's name, or None.

Contract: no value is shown that may hold a secret: a key, a header, a URL with a user in it.
"""

from __future__ import annotations

import math
import os
import re
from typing import Any, Final

from keybearer.api.checks import Check, kind, mapping, number, seconds, shown
from keybearer.config.urls import proxy_problem, url_problem
from keybearer.errors import ConfigError, UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.retry import RetryPolicy
from keybearer.wire.response.limits import StreamLimits

__all__ = [
    "CREDENTIALS",
    "at_least_one",
    "breaker",
    "breaker_of",
    "budget",
    "credentials",
    "header_problem",
    "headers",
    "hook",
    "ledger",
    "merged",
    "observer",
    "part",
    "pem_file",
    "platform",
    "prices",
    "prices_entry",
    "proxy",
    "rate",
    "redis",
    "reserve",
    "retry_problem",
    "secret",
    "spend_limit_of",
    "spend_limit_problem",
    "stream_limits",
    "url",
]

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTABLE: Final = re.compile(r"[\t -~]*")

CREDENTIALS: Final = frozenset({"authorization", "x-api-key"})
"""Headers that only a credential sets."""


# ── what an option takes ─────────────────────────────────────────────────────


def secret(value: Any) -> str | None:
    """Return what is wrong with a key, in words."""
    return None if isinstance(value, str) else f"is {kind(value)}; it takes the key as text"


at_least_one = number("a whole number, 1 or more", lambda n: n >= 1, whole=True)
rate = number("a number above 0", lambda n: 0 < n < math.inf)
part = number("a share, above 0 and at most 1", lambda n: 0 < n <= 1)
budget = number("a share, from 0 to 1", lambda n: 0 <= n <= 1)
reserve = number("a number of retries, 0 or more", lambda n: 0 <= n < math.inf)
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
    "rate_limit_attempts": at_least_one,
    "server_attempts": at_least_one,
    "min_delay": seconds,
    "max_delay": seconds,
    "multiplier": _factor,
    "rate_limit_delay": _delay,
}


def headers(value: Any) -> str | None:
    """Return what is wrong with headers of every request, in words."""
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


def url(value: Any) -> str | None:
    """Return what is wrong with a URL, in words."""
    if not isinstance(value, str):
        return f"is {kind(value)}; it takes a URL as text"
    if (problem := url_problem(value)) is None:
        return None
    meant = f"; did you mean https://{value}" if "://" not in value and not url_problem(f"https://{value}") else ""
    return problem if "@" in value else f"is {shown(value)}: it {problem}{meant}"


def proxy(value: Any) -> str | None:
    """Return what is wrong with a proxy's URL, in words."""
    if not isinstance(value, str):
        return f"is {kind(value)}; it takes a URL as text"
    return proxy_problem(value) if value else None  # an empty one is a direct connection


def pem_file(value: Any) -> str | None:
    """Return what is wrong with the path of a PEM file, in words."""
    if not isinstance(value, str | os.PathLike):
        return f"is {shown(value)}; it takes the path of a PEM file"
    from keybearer.shell.transports.tls import ca_problem

    path = os.fspath(value)
    problem = ca_problem(path) if path else "cannot be read: its name is empty"
    return problem and f"is {sanitize(repr(path))}: the file {problem}"


def hook(value: Any) -> str | None:
    """Return what is wrong with a hook, in words."""
    return None if callable(value) else f"is {shown(value)}; it takes a function"


def observer(value: Any) -> str | None:
    """Return what is wrong with an observer, in words."""
    return (
        None
        if callable(getattr(value, "observe", None))
        else f"is {kind(value)}; it takes an object with observe(event)"
    )


def credentials(value: Any) -> str | None:
    """Return what is wrong with a provider of credentials, in words."""
    if callable(getattr(value, "current", None)) and callable(getattr(value, "rejected", None)):
        return None
    return f"is {kind(value)}; it takes a provider with current() and rejected(); a key goes into api_key"


def breaker(value: Any) -> str | None:
    """Return what is wrong with a circuit breaker, in words."""
    good = isinstance(value, bool | CircuitBreaker)
    return None if good else f"is {shown(value)}; it takes False for none, or a CircuitBreaker"


def stream_limits(value: Any) -> str | None:
    """Return what is wrong with limits of streams, in words."""
    return None if isinstance(value, StreamLimits) else f"is {shown(value)}; it takes StreamLimits(...)"


def redis(value: Any) -> str | None:
    """Return what is wrong with a Redis server, in words."""
    from keybearer.config.redis_server import redis_problem

    return redis_problem(value)


def prices(value: Any) -> str | None:
    """Return what is wrong with prices, in words."""
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


def ledger(value: Any) -> str | None:
    """Return what is wrong with a ledger, in words."""
    if isinstance(value, str | os.PathLike):
        return None if os.fspath(value) else "is empty; it takes the path of a file"
    good = callable(getattr(value, "add", None)) and callable(getattr(value, "release", None))
    return None if good else f"is {kind(value)}; it takes a Ledger, or a path"


def platform(value: Any) -> str | None:
    """Return what is wrong with a platform, in words."""
    from keybearer.providers.destination import platform_problem
    from keybearer.providers.platform import Platform

    if not isinstance(value, Platform):
        return f"is {shown(value)}; it takes keybearer.Platform(...)"
    return platform_problem(value)


# ── from a value of llm.yaml ─────────────────────────────────────────────────


def breaker_of(section: Any) -> CircuitBreaker | bool:
    """Return the circuit breaker of a section."""
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


def spend_limit_of(section: Any) -> Any:
    """Return the spend limit of a section."""
    from msgspec import structs

    from keybearer.shell.spend_limit import SpendLimit

    return SpendLimit(**{name: value for name, value in structs.asdict(section).items() if value is not None})


def spend_limit_problem(section: Any) -> str | None:
    """Return what is wrong with the spend limit of `llm.yaml`, in words."""
    try:
        spend_limit_of(section)
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
