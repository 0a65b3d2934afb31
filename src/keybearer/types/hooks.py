"""Hooks, and the value that each is called with.

A hook is a function; with `AsyncClient` it may also be a coroutine function. What it raises is logged, and the call goes on. No value
that a hook gets holds a secret or a prompt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from keybearer.types.rate_limits import RateLimits
from keybearer.types.usage import Usage

if TYPE_CHECKING:
    from keybearer.prices import Cost, PriceTable

__all__ = [
    "FleetChanged",
    "Hook",
    "Hooks",
    "LimitCrossed",
    "RequestSent",
    "ResponseReceived",
    "RetryPlanned",
    "UsageReported",
]

Hook: TypeAlias = Callable[[Any], Any]


class RequestSent(Struct, frozen=True, kw_only=True):
    """A request is about to be sent.

    Attributes:
        method: The HTTP method.
        url: Where it goes.
        attempt: The attempt's number, from 1.
        source: Where its credential came from, in words.
        size: The body's size, in bytes.
        call_id: The call's id.
        headers: Headers that an observer may add to the request, such as `traceparent`; it is empty. A header that the request has
            already is left as it is.
    """

    method: str
    url: str
    attempt: int
    source: str
    size: int
    call_id: str = ""
    headers: dict[str, str] = {}


class ResponseReceived(Struct, frozen=True, kw_only=True):
    """A reply came: for a stream, its head.

    Attributes:
        url: Where the request went.
        status: The HTTP status.
        request_id: The service's id of the request.
        attempt: The attempt's number, from 1.
        seconds: From sending the request to its reply.
        limits: The rate limits in the reply's headers; None without any.
        method: The request's HTTP method.
        call_id: The call's id.
        organization: The organization that the service counts it for; None where it did not say.
        workspace: The workspace that it does; None where it did not say.
    """

    url: str
    status: int
    request_id: str | None
    attempt: int
    seconds: float
    limits: RateLimits | None
    method: str = ""
    call_id: str = ""
    organization: str | None = None
    workspace: str | None = None


class RetryPlanned(Struct, frozen=True, kw_only=True):
    """Another attempt will follow.

    Attributes:
        error: The error of the last attempt.
        attempt: The number of the attempt that failed, from 1.
        delay: How long until the next attempt, in seconds.
        model: The model of the next attempt, if it is another one; else None.
        stale: Whether it failed because the other side had closed the idle connection, which is usual.
        call_id: The call's id.
    """

    error: Exception
    attempt: int
    delay: float
    model: str | None = None
    stale: bool = False
    call_id: str = ""


class UsageReported(Struct, frozen=True, kw_only=True):
    """The usage of a message, reported once for each call that got one, even if its stream was cut or abandoned.

    A row of a batch's results is reported when a client reads it for the first time. An attempt whose stream broke before its first
    content, and after which the call was sent again, is reported too, once: it is `retried`.

    Attributes:
        usage: The figures, in tokens. If the stream was cut, those that had come: `output_tokens` may then be too low, or None.
        model: The model that answered.
        request_id: The service's id of the request.
        complete: Whether the message is complete. If not, more is billed than the figures say.
        seconds: From the call to the end of its message; None where nobody measured it.
        error: The class of the error that ended it; None for none.
        date: The `date` header of the reply; None without one.
        prices: The user's own prices; None for the public ones.
        refused: Whether the service refused the call, so that nothing was billed.
        batch: The batch's id and the `custom_id`, with a slash between, for a row of a batch's results; None for a call.
        retried: Whether it was an attempt that may have been billed, and after which its call was sent again.
        provider: The provider's name; empty for Anthropic's own API.
        call_id: The call's id, where observers follow it; empty for a row of a batch, and for an attempt that was made again.
    """

    usage: Usage
    model: str
    request_id: str | None
    complete: bool = True
    seconds: float | None = None
    error: str | None = None
    date: str | None = None
    prices: PriceTable | None = None
    refused: bool = False
    batch: str | None = None
    retried: bool = False
    provider: str = ""
    call_id: str = ""

    @property
    def cost(self) -> Cost:
        """What it cost, as `message.cost` says; it is counted at each read."""
        from keybearer.prices.amount import Cost
        from keybearer.prices.billing import cost_of_reply

        if self.refused:
            return Cost()
        return cost_of_reply(self.usage, self.model, self.date, self.prices, complete=self.complete)


class LimitCrossed(Struct, frozen=True, kw_only=True):
    """The alert threshold of a limit is crossed; reported once until the limit resets.

    Attributes:
        name: The limit's name, such as `input-tokens`, or the window's, such as `window 5h`.
        used: The share that is used: 0 to 1, or above 1.
        resets_at: When it resets, in epoch seconds; None when the service did not say.
    """

    name: str
    used: float
    resets_at: float | None


class FleetChanged(Struct, frozen=True, kw_only=True):
    """The limits that a client shares with a fleet were lost, or joined again; reported once for each change.

    Attributes:
        joined: Whether they are shared again; False when this process goes on alone, with its share of them.
        server: Where they are kept, such as `Redis at redis.internal:6379`.
        members: How many processes share them, as far as this one knows; 0 where it never joined.
        reason: Why they were lost, in words; empty when they were joined again.
    """

    joined: bool
    server: str
    members: int
    reason: str = ""


class Hooks(Struct, frozen=True, kw_only=True):
    """The hooks of a client; None for none.

    Attributes:
        on_request: Called with a `RequestSent` before each attempt.
        on_response: Called with a `ResponseReceived` after each reply, errors included.
        on_retry: Called with a `RetryPlanned` before each further attempt, and before the wait for it.
        on_usage: Called with a `UsageReported` once for each message.
        on_limit: Called with a `LimitCrossed` when a reply shows that the alert threshold was crossed.
        on_fleet: Called with a `FleetChanged` before the next request, when the limits of a fleet were lost, or joined again.
    """

    on_request: Hook | None = None
    on_response: Hook | None = None
    on_retry: Hook | None = None
    on_usage: Hook | None = None
    on_limit: Hook | None = None
    on_fleet: Hook | None = None

    def of(self, event: object) -> Hook | None:
        """Return the hook that is called with a value; None for none."""
        name = _HOOKS.get(type(event))
        return None if name is None else getattr(self, name)


_HOOKS: Final[dict[type, str]] = {
    RequestSent: "on_request",
    ResponseReceived: "on_response",
    RetryPlanned: "on_retry",
    UsageReported: "on_usage",
    LimitCrossed: "on_limit",
    FleetChanged: "on_fleet",
}
"""The hook that is called with each value."""
