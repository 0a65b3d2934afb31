"""Check a call's options, and what any argument takes.

Strategy: a check returns what is wrong with a value, as the end of a sentence that begins with the option's name, or None.
What goes into a request's body is the linter's.

Contract: no value is shown that may hold a secret: a key, a header, a URL with a user in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias

from keybearer.errors import UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.types.http import Timeouts
from keybearer.types.requests import WorkspaceOptions

__all__ = [
    "CALL",
    "Check",
    "check_call",
    "check_get",
    "check_query",
    "count",
    "flag",
    "kind",
    "list_of",
    "mapping",
    "number",
    "one_of",
    "seconds",
    "shown",
    "spend_limits",
    "text",
    "timeout",
    "word",
]

Check: TypeAlias = Callable[[Any], str | None]
"""Says what is wrong with a value; None when nothing is."""

LONGEST: Final = 86_400.0 * 365
"""The longest time limit, in seconds: more than a system's clock takes would fail later, in strange words."""

_WORD: Final = re.compile(r"[!-~]+")


def shown(value: Any) -> str:
    """Return a value as an error shows it: short, on one line."""
    return sanitize(repr(value), 60)


def kind(value: Any) -> str:
    """Return a value's type as an error shows it."""
    return f"of type {type(value).__name__}"


def text(value: Any) -> str | None:
    """Take text that is not empty."""
    if not isinstance(value, str):
        return f"is {shown(value)}; it takes text"
    return None if value.strip() else "is empty"


def word(value: Any) -> str | None:
    """Take printable ASCII without spaces."""
    if (problem := text(value)) is not None:
        return problem
    return None if _WORD.fullmatch(value) else f"is {shown(value)}; it takes printable ASCII without spaces"


def flag(value: Any) -> str | None:
    """Take True or False."""
    return None if isinstance(value, bool) else f"is {shown(value)}; it takes True or False"


def number(words: str, fits: Callable[[float], bool], *, whole: bool = False) -> Check:
    """Make the check of a number: `words` says what it takes, `fits` whether a number is one of these."""
    kinds = int if whole else int | float

    def problem(value: Any) -> str | None:
        if isinstance(value, kinds) and not isinstance(value, bool) and fits(value):  # nan fits nothing
            return None
        return f"is {shown(value)}; it takes {words}"

    return problem


count = number("a whole number, 0 or more", lambda n: n >= 0, whole=True)
seconds = number("a number of seconds, above 0 and at most a year", lambda n: 0 < n <= LONGEST)


def timeout(value: Any) -> str | None:
    """Take a number of seconds, or time limits."""
    if not isinstance(value, Timeouts):
        if (problem := seconds(value)) is None:
            return None
        return f"{problem}, or Timeouts(...), where None is no limit"
    for name in Timeouts.__struct_fields__:
        limit = getattr(value, name)
        if limit is not None and (problem := seconds(limit)) is not None:
            return f"has {name}={problem.removeprefix('is ')}, or None for no limit"
    return None


def spend_limits(value: Any) -> str | None:
    """Take a spend limit, or a list of them."""
    for each in value if isinstance(value, list | tuple) else [value]:
        if not all(callable(getattr(each, name, None)) for name in ("reserve", "mark_sent", "settle", "wait", "leave")):
            return f"is {shown(each)}; it takes SpendLimit(usd=...), or a list of them"
    return None


def list_of(what: str, item: Check) -> Check:
    """Make the check of a list, each item of which has a check."""

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


def mapping(value: Any) -> str | None:
    """Take a mapping."""
    return None if isinstance(value, Mapping) else f"is {kind(value)}; it takes a mapping"


def one_of(*choices: str) -> Check:
    """Make the check of a choice."""
    words = " or ".join(repr(each) for each in choices)
    return lambda value: None if value in choices else f"is {shown(value)}; it takes {words}"


QUERY: Final[dict[str, Check]] = {
    "limit": number("a whole number from 1 to 1000", lambda n: 1 <= n <= 1000, whole=True),
    "after_id": text,
    "before_id": text,
    "page": text,
    "lifecycle[]": list_of("stages", text),
    "ids[]": list_of("ids", text),
    "scope_id": text,
}
"""The query parameters of the lists that are typed by hand."""


def check_query(query: Mapping[str, Any]) -> None:
    """Refuse what a list cannot be asked for with; a parameter that is None counts as not given.

    Raises:
        UsageError: It names the parameter.
    """
    for name, value in query.items():
        if value is not None and (problem := QUERY[name](value)) is not None:
            raise UsageError(f"{name.removesuffix('[]')} {problem}.")
    if query.get("after_id") is not None and query.get("before_id") is not None:
        raise UsageError("after_id and before_id lead in opposite directions: give one of them.")


CALL: Final[dict[str, Check]] = {
    "betas": list_of("beta tags", word),
    "extra_headers": mapping,
    "extra_query": mapping,
    "extra_body": mapping,
    "timeout": timeout,
    "max_retries": count,
    "workspace_id": word,
    "user_profile_id": word,
    "validate": flag,
    "cache": one_of("auto", "auto-1h", "adaptive"),
    "media": one_of("fit"),
    "spend_limit": spend_limits,
}
"""Every option of a call (`RequestOptions`; a test holds them together)."""


def check_get(options: Mapping[str, Any], client_only: frozenset[str], takes: type = WorkspaceOptions) -> None:
    """Refuse options that a call without a body does not take, or that cannot work.

    Args:
        options: The options; one that is None counts as not given.
        client_only: Options that the client takes and a call does not.
        takes: The TypedDict of the options that the call takes.

    Raises:
        TypeError: There is no such option of this call.
        UsageError: A value cannot work.
    """
    check_call(options, client_only)
    known = takes.__annotations__
    if unknown := options.keys() - known.keys():
        raise TypeError(f"{min(unknown)!r} is no option of this call. It takes {', '.join(known)}.")


def check_call(params: Mapping[str, Any], client_only: frozenset[str]) -> None:
    """Refuse a call's options that cannot work.

    Args:
        params: The arguments of the call; one that is None counts as not given.
        client_only: Options that the client takes and a call does not.

    Raises:
        TypeError: It is the client that takes such an argument.
        UsageError: A value cannot work.
    """
    if CALL.keys().isdisjoint(params) and client_only.isdisjoint(params):
        return
    for name, value in params.items():
        if name in client_only:
            raise TypeError(f"{name} is no option of a call: give it to the client, {name}=... where it is made.")
        if value is not None and (check := CALL.get(name)) is not None and (problem := check(value)) is not None:
            raise UsageError(f"The call's {name} {problem}.")
