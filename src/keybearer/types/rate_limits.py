"""The rate limits in a reply's headers: how large each is, what is left, and when it resets.

Strategy: header names are matched by pattern, so a new limit or window needs no change here.

Source: docs/protocol.md. `anthropic-ratelimit-<name>-{limit,remaining,reset}` with RFC 3339 times, `anthropic-priority-<name>-...`
likewise; `anthropic-ratelimit-unified-...` (subscriptions, seen but not documented) with epoch seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

__all__ = ["Limit", "RateLimits", "Window"]

_LIMIT: Final = re.compile(r"anthropic-(?:ratelimit|(priority))-([a-z-]+)-(limit|remaining|reset)")
_UNIFIED: Final = re.compile(r"anthropic-ratelimit-unified-(?:(.+)-)?(status|utilization|reset)")
_CLAIM: Final = "anthropic-ratelimit-unified-representative-claim"
_PREFIXES: Final = ("anthropic-ratelimit-", "anthropic-priority-")


class Limit(Struct, frozen=True, kw_only=True):
    """One limit: `requests`, `tokens`, `input-tokens`, `output-tokens`, or `priority-...`.

    Attributes:
        limit: How much it allows until it resets, in requests or tokens.
        remaining: What is left of it.
        reset: When it is full again, in epoch seconds.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None


class Window(Struct, frozen=True, kw_only=True):
    """One usage window of a subscription: `5h`, `7d`, or one for a model family.

    Attributes:
        status: `allowed`, `allowed_warning` or `rejected`.
        utilization: The share that is used: 0 to 1, or above 1.
        reset: When it resets, in epoch seconds.
    """

    status: str | None = None
    utilization: float | None = None
    reset: float | None = None


class RateLimits(Struct, frozen=True, kw_only=True):
    """The rate limits in the headers of one reply.

    Attributes:
        limits: The limits by name, such as `input-tokens`.
        windows: The subscription's windows by name, such as `5h`.
        status: The subscription's overall status: `allowed`, `allowed_warning` or `rejected`.
        reset: When the window in `claim` resets, in epoch seconds.
        claim: The window that decides `status`, as the service names it (`representative-claim`).
    """

    limits: dict[str, Limit] = {}
    windows: dict[str, Window] = {}
    status: str | None = None
    reset: float | None = None
    claim: str | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> RateLimits | None:
        """Read the limits from a reply's headers, names in lower case; None when they have none."""
        values = dict(headers.items())
        named = _named(tuple(values))
        if named is None:
            return None
        value = values.get
        overall = named.windows.get("", _NO_WINDOW)
        return cls(
            limits={
                name: Limit(
                    limit=_limit(value(each.limit)),
                    remaining=_whole(value(each.remaining)),
                    reset=_time(value(each.reset)),
                )
                for name, each in named.limits.items()
            },
            windows={
                name: Window(
                    status=value(each.status),
                    utilization=_number(value(each.utilization)),
                    reset=_time(value(each.reset)),
                )
                for name, each in named.windows.items()
                if name
            },
            status=value(overall.status),
            reset=_time(value(overall.reset)),
            claim=value(_CLAIM),
        )


class _LimitHeaders(NamedTuple):
    """The headers of one limit; an empty name for one that did not come."""

    limit: str = ""
    remaining: str = ""
    reset: str = ""


class _WindowHeaders(NamedTuple):
    """The headers of one window; an empty name for one that did not come."""

    status: str = ""
    utilization: str = ""
    reset: str = ""


_NO_LIMIT: Final = _LimitHeaders()
_NO_WINDOW: Final = _WindowHeaders()


class _Named(NamedTuple):
    """Which headers of a reply are about what, by the name of the limit or window; "" for all windows."""

    limits: dict[str, _LimitHeaders]
    windows: dict[str, _WindowHeaders]


@lru_cache(maxsize=32)  # the replies of a service have the same names, in the same order
def _named(names: tuple[str, ...]) -> _Named | None:
    """Return which headers are about limits; None when none of them is."""
    named, found = _Named({}, {}), False
    for name in names:
        if not name.startswith(_PREFIXES):
            continue
        found = True
        if match := _UNIFIED.fullmatch(name):
            window = match[1] or ""
            named.windows[window] = named.windows.get(window, _NO_WINDOW)._replace(**{match[2]: name})
        elif match := _LIMIT.fullmatch(name):
            limit = f"priority-{match[2]}" if match[1] else match[2]
            named.limits[limit] = named.limits.get(limit, _NO_LIMIT)._replace(**{match[3]: name})
    return named if found else None


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e15 else None


def _whole(value: str | None) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


_limit: Final = lru_cache(maxsize=64)(_whole)  # it is the same in every reply


@lru_cache(maxsize=256)  # it is given in whole seconds, so the replies of a second have a few
def _time(value: str | None) -> float | None:
    """Read epoch seconds or an RFC 3339 time."""
    if value and value[4:5] == "-":  # as the service writes it
        try:
            return datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError):
            return None
    return _number(value)
