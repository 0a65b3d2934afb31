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
from typing import Any, Final

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
        limits: dict[str, dict[str, Any]] = {}
        windows: dict[str, dict[str, str]] = {}
        claim, found = None, False
        for name, value in headers.items():
            if not name.startswith(_PREFIXES):
                continue
            found = True
            of_window, key, part = _part(name)
            if of_window:
                windows.setdefault(key, {})[part] = value
            elif part:
                limits.setdefault(key, {})[part] = _time(value) if part == "reset" else _whole(_number(value))
            elif name == _CLAIM:
                claim = value
        if not found:
            return None
        overall = windows.pop("", {})
        return cls(
            limits={name: Limit(**each) for name, each in limits.items()},
            windows={
                name: Window(
                    status=each.get("status"),
                    utilization=_number(each.get("utilization")),
                    reset=_time(each.get("reset")),
                )
                for name, each in windows.items()
            },
            status=overall.get("status"),
            reset=_time(overall.get("reset")),
            claim=claim,
        )


@lru_cache(maxsize=64)  # every reply has the same few names, and is read for the client's own limits
def _part(name: str) -> tuple[bool, str, str]:
    """Return whether a header is about a window, the name of the window or limit, and the field; empty texts for any other header."""
    if match := _UNIFIED.fullmatch(name):
        return True, match[1] or "", match[2]
    if match := _LIMIT.fullmatch(name):
        return False, f"priority-{match[2]}" if match[1] else match[2], match[3]
    return False, "", ""


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e15 else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _time(value: str | None) -> float | None:
    """Read epoch seconds or an RFC 3339 time."""
    if value and value[4:5] == "-":  # as the service writes it
        try:
            return datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError):
            return None
    return _number(value)
