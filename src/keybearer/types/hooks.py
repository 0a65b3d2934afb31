"""What a caller may listen to: hooks, and what each is given.

A hook is a function, or for `AsyncClient` a coroutine function too. What it raises is logged and changes nothing: a hook cannot
break a call. Nothing that a hook is given holds a secret or a prompt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct

from keybearer.types.rate_limits import RateLimits
from keybearer.types.usage import Usage

__all__ = ["Hook", "Hooks", "LimitCrossed", "RequestSent", "ResponseReceived", "RetryPlanned", "UsageReported"]

Hook: TypeAlias = Callable[[Any], Any]


class RequestSent(Struct, frozen=True, kw_only=True):
    """A request is about to go out.

    Attributes:
        method: The HTTP method.
        url: Where it goes.
        attempt: The attempt's number, from 1.
        source: Where its credential came from, in words.
        size: The body's size, in bytes.
    """

    method: str
    url: str
    attempt: int
    source: str
    size: int


class ResponseReceived(Struct, frozen=True, kw_only=True):
    """A reply came: for a stream, its head.

    Attributes:
        url: Where the request went.
        status: The HTTP status.
        request_id: The service's id of the request.
        attempt: The attempt's number, from 1.
        seconds: From the request to the reply.
        limits: What the reply said of the limits.
    """

    url: str
    status: int
    request_id: str | None
    attempt: int
    seconds: float
    limits: RateLimits | None


class RetryPlanned(Struct, frozen=True, kw_only=True):
    """Another attempt will follow.

    Attributes:
        error: What the last attempt ended with.
        attempt: The number of the attempt that failed, from 1.
        delay: How long until the next, in seconds.
        model: The model that the next one asks, where it is another.
    """

    error: Exception
    attempt: int
    delay: float
    model: str | None = None


class UsageReported(Struct, frozen=True, kw_only=True):
    """What a message cost: reported once for each call that got one, also where its stream was cut or left before its end.

    Attributes:
        usage: The figures; of a stream that was cut, those that had come: `output_tokens` is then what the start said, or None.
        model: The model that answered.
        request_id: The service's id of the request.
        complete: Whether the message came whole. If not, more was spent than the figures say.
    """

    usage: Usage
    model: str
    request_id: str | None
    complete: bool = True


class LimitCrossed(Struct, frozen=True, kw_only=True):
    """More of a limit is used than the alert threshold; reported once until it resets.

    Attributes:
        name: The limit, or `window 5h`.
        used: How much of it is used: 0 to 1, and above.
        resets_at: When it resets, in epoch seconds.
    """

    name: str
    used: float
    resets_at: float | None


class Hooks(Struct, frozen=True, kw_only=True):
    """What to call, each with the value of its name."""

    on_request: Hook | None = None
    on_response: Hook | None = None
    on_retry: Hook | None = None
    on_usage: Hook | None = None
    on_limit: Hook | None = None
