"""The caller's arguments, checked: a client's when it is made, a call's options when it has any.

Strategy: two tables from an argument to the function that says what is wrong with a value, in words, as the end of a sentence that
begins with the argument; None when nothing is. What goes into a request's body is not looked at here: that is the linter's.

Contract: no value is shown that may hold a secret: a key, a header, a URL with a user in it. A call without options costs one
lookup.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Collection, Mapping
from inspect import iscoroutinefunction
from typing import Any, Final, TypeAlias

from keybearer.config.urls import proxy_problem, url_problem
from keybearer.errors import ConfigError, UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.retry import RetryPolicy
from keybearer.types.http import Timeouts
from keybearer.wire.response.limits import StreamLimits

__all__ = ["CALL", "CLIENT", "check_call", "check_client", "check_transport", "header_problem", "retry_problem"]

Problem: TypeAlias = Callable[[Any], str | None]

LONGEST: Final = 86_400.0 * 365
"""The longest time limit, in seconds: more than a system's clock takes would fail later, in strange words."""

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTABLE: Final = re.compile(r"[\t -~]*")
_WORD: Final = re.compile(r"[!-~]+")

CREDENTIALS: Final = frozenset({"authorization", "x-api-key"})
"""Headers that only a credential sets."""


def shown(value: Any) -> str:
    """Return a value as an error shows it: short, on one line."""
    return sanitize(repr(value), 60)


def _kind(value: Any) -> str:
    return f"of type {type(value).__name__}"


# ── what an argument takes ───────────────────────────────────────────────────


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is {shown(value)}; it takes text"
    return None if value.strip() else "is empty"


def _secret(value: Any) -> str | None:
    return None if isinstance(value, str) else f"is {_kind(value)}; it takes the key as text"


def _word(value: Any) -> str | None:
    if (problem := _text(value)) is not None:
        return problem
    return None if _WORD.fullmatch(value) else f"is {shown(value)}; it takes printable ASCII without spaces"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"is {shown(value)}; it takes True or False"


def _number(words: str, fits: Callable[[float], bool], *, whole: bool = False) -> Problem:
    kinds = int if whole else int | float

    def problem(value: Any) -> str | None:
        if isinstance(value, kinds) and not isinstance(value, bool) and fits(value):  # nan fits nothing
            return None
        return f"is {shown(value)}; it takes {words}"

    return problem


_count = _number("a whole number, 0 or more", lambda n: n >= 0, whole=True)
_at_least_one = _number("a whole number, 1 or more", lambda n: n >= 1, whole=True)
_rate = _number("a number above 0", lambda n: 0 < n < math.inf)
_part = _number("a share, above 0 and at most 1", lambda n: 0 < n <= 1)
_budget = _number("a share, from 0 to 1", lambda n: 0 <= n <= 1)
_reserve = _number("a number of retries, 0 or more", lambda n: 0 <= n < math.inf)
_factor = _number("a number, 1 or more", lambda n: 1 <= n < math.inf)
_seconds = _number("a number of seconds, above 0 and at most a year", lambda n: 0 < n <= LONGEST)


def _timeout(value: Any) -> str | None:
    if not isinstance(value, Timeouts):
        if (problem := _seconds(value)) is None:
            return None
        return f"{problem}, or Timeouts(...), where None is no limit"
    for name in Timeouts.__struct_fields__:
        limit = getattr(value, name)
        if limit is not None and (problem := _seconds(limit)) is not None:
            return f"has {name}={problem.removeprefix('is ')}, or None for no limit"
    return None


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


_RETRY: Final[dict[str, Problem]] = {
    "rate_limit_attempts": _at_least_one,
    "server_attempts": _at_least_one,
    "min_delay": _seconds,
    "max_delay": _seconds,
    "multiplier": _factor,
}


def _list_of(what: str, item: Problem) -> Problem:
    def problem(value: Any) -> str | None:
        if isinstance(value, str):
            return f"is the text {shown(value)}; it takes a list: write [{shown(value)}]"
        if isinstance(value, Mapping | bytes) or not isinstance(value, Collection):
            return f"is {shown(value)}; it takes a list of {what}"
        for each in value:
            if (wrong := item(each)) is not None:
                return f"has one that {wrong}"
        return None

    return problem


def _mapping(value: Any) -> str | None:
    return None if isinstance(value, Mapping) else f"is {_kind(value)}; it takes a mapping"


def _headers(value: Any) -> str | None:
    if (problem := _mapping(value)) is not None:
        return problem
    return next((problem for name in value if (problem := header_problem(name, value[name]))), None)


def header_problem(name: Any, value: Any) -> str | None:
    """Return what is wrong with a header of every request, in words; its value is not shown, for it may be a secret."""
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        return f"has {shown(name)}, which is not a header's name"
    if name.lower() in CREDENTIALS:
        return f"has {name!r}: a credential is never taken from a header; give it as api_key"
    if not isinstance(value, str):
        return f"has {name!r} with a value {_kind(value)}; it takes text"
    if not _PRINTABLE.fullmatch(value):
        return f"has {name!r} with a value that is not printable ASCII, such as a line end"
    return None


def _url(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is {_kind(value)}; it takes a URL as text"
    if (problem := url_problem(value)) is None:
        return None
    meant = f"; did you mean https://{value}" if "://" not in value and not url_problem(f"https://{value}") else ""
    return problem if "@" in value else f"is {shown(value)}: it {problem}{meant}"


def _proxy(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is {_kind(value)}; it takes a URL as text"
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


def _credentials(value: Any) -> str | None:
    if callable(getattr(value, "current", None)) and callable(getattr(value, "rejected", None)):
        return None
    return f"is {_kind(value)}; it takes a provider with current() and rejected(); a key goes into api_key"


def _breaker(value: Any) -> str | None:
    good = isinstance(value, bool | CircuitBreaker)
    return None if good else f"is {shown(value)}; it takes False for none, or a CircuitBreaker"


def _limits(value: Any) -> str | None:
    return None if isinstance(value, StreamLimits) else f"is {shown(value)}; it takes StreamLimits(...)"


def _one_of(*choices: str) -> Problem:
    words = " or ".join(repr(each) for each in choices)
    return lambda value: None if value in choices else f"is {shown(value)}; it takes {words}"


# ── the tables ───────────────────────────────────────────────────────────────

CLIENT: Final[dict[str, Problem]] = {
    "api_key": _secret,
    "credentials": _credentials,
    "base_url": _url,
    "model": _text,
    "api_version": _word,
    "timeout": _timeout,
    "max_retries": _count,
    "retry": retry_problem,
    "requests_per_second": _rate,
    "burst": _at_least_one,
    "concurrency": _at_least_one,
    "adaptive": _flag,
    "quota_alert_threshold": _part,
    "retry_budget": _budget,
    "retry_reserve": _reserve,
    "circuit_breaker": _breaker,
    "on_overload": _list_of("models", _text),
    "on_request": _hook,
    "on_response": _hook,
    "on_retry": _hook,
    "on_usage": _hook,
    "on_limit": _hook,
    "default_headers": _headers,
    "betas": _list_of("beta tags", _word),
    "proxy": _proxy,
    "ca_file": _path,
    "trust_env": _flag,
    "stream_limits": _limits,
    "strict_streams": _flag,
    "stream_long_requests": _flag,
}
"""Every argument of a client (`ClientOptions`; a test holds them together)."""

CALL: Final[dict[str, Problem]] = {
    "betas": _list_of("beta tags", _word),
    "extra_headers": _mapping,
    "extra_query": _mapping,
    "extra_body": _mapping,
    "timeout": _timeout,
    "max_retries": _count,
    "validate": _flag,
    "cache": _one_of("auto", "auto-1h"),
    "media": _one_of("fit"),
}
"""Every option of a call (`RequestOptions`; a test holds them together)."""

_ONLY_CLIENT: Final = CLIENT.keys() - CALL.keys() - {"model"}
"""What a client takes and a call does not."""

_OPTIONS: Final = frozenset(CALL) | _ONLY_CLIENT


def check_client(options: Mapping[str, Any]) -> None:
    """Refuse a client's arguments that cannot work.

    Args:
        options: The arguments; one that is None counts as not given.

    Raises:
        TypeError: There is no such argument.
        ConfigError: A value cannot work.
    """
    for name, value in options.items():
        if (check := CLIENT.get(name)) is None:
            raise TypeError(_unknown(name))
        if value is not None and (problem := check(value)) is not None:
            raise ConfigError(f"Client({name}=...) {problem}.", key=name)


def check_call(params: Mapping[str, Any]) -> None:
    """Refuse a call's options that cannot work.

    Args:
        params: The arguments of the call; one that is None counts as not given.

    Raises:
        TypeError: It is the client that takes such an argument.
        UsageError: A value cannot work.
    """
    if _OPTIONS.isdisjoint(params):
        return
    for name, value in params.items():
        if name in _ONLY_CLIENT:
            raise TypeError(f"{name} is no option of a call: give it to the client, {name}=... where it is made.")
        if value is not None and (check := CALL.get(name)) is not None and (problem := check(value)) is not None:
            raise UsageError(f"The call's {name} {problem}.")


def check_transport(transport: Any, *, awaited: bool) -> None:
    """Refuse a transport that is none, or one for the other kind of client.

    Args:
        transport: What the caller gave as one.
        awaited: Whether the client is awaited.

    Raises:
        ConfigError: It cannot send this client's requests.
    """
    send, close = getattr(transport, "send", None), getattr(transport, "close", None)
    if not callable(send) or not callable(close):
        raise ConfigError(
            f"Client(transport=...) is {_kind(transport)}; it takes an object with send(request) and close().",
            key="transport",
        )
    if iscoroutinefunction(send) and not awaited:
        raise ConfigError(
            f"Client(transport=...) is {_kind(transport)}, which is awaited; it takes one that blocks.",
            key="transport",
            hint="AsyncClient takes it.",
        )
    if awaited and not iscoroutinefunction(send) and not iscoroutinefunction(close):
        raise ConfigError(
            f"AsyncClient(transport=...) is {_kind(transport)}, which blocks; it takes one that is awaited.",
            key="transport",
            hint="Client takes it.",
        )


def _unknown(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, CLIENT, n=1)
    return f"A client has no argument {name!r}. " + (
        f"Did you mean {near[0]}?" if near else f"It takes {', '.join(sorted(CLIENT))}."
    )
