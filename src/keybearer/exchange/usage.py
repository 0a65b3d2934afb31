"""Report the usage of messages to the observers, to the `on_usage` hook, to the ledger and to the adaptive rate limiter."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from keybearer.errors import KeybearerError, StreamError, UnexpectedResponse
from keybearer.flow import CallHook
from keybearer.policy.repeats import in_doubt
from keybearer.types.api_object import loads
from keybearer.types.hooks import Hook, UsageReported
from keybearer.types.http import PROVIDER, Draft
from keybearer.types.messages import Message
from keybearer.types.usage import Usage

if TYPE_CHECKING:
    from keybearer.exchange.fleet import FleetPort
    from keybearer.exchange.observing import ObservedCall, Observers
    from keybearer.policy.adaptive import AdaptiveRateLimiter
    from keybearer.types.batches import BatchRow
    from keybearer.types.observing import Observer

__all__ = ["UsageReports"]

_NO_USAGE: Final = Usage()
"""That of a call that got no message."""

MESSAGES: Final = "/v1/messages"
"""What the path of a request for a message ends with."""

MOST_BATCHES: Final = 1_000
"""Batches whose reported rows are remembered."""


class UsageReports:
    """The usage reports of one client.

    Args:
        hook: Called with each report; None for no hook.
        adaptive: Updates its average cost of a request with each complete message; None without one.
        add_row: Adds each report to the ledger; it does not wait. None for no ledger.
        fleet: Updates a fleet's shared limits with each message; None without one.
        observers: Hear of each report; None for none.
    """

    def __init__(
        self,
        hook: Hook | None = None,
        adaptive: AdaptiveRateLimiter | None = None,
        add_row: Callable[[UsageReported], None] | None = None,
        fleet: FleetPort | None = None,
        observers: Observers | None = None,
    ) -> None:
        self._hook = hook
        self._observers = observers
        self._adaptive = adaptive
        self._fleet = fleet
        self._add_row = add_row
        self._owed: deque[UsageReported] = deque()
        self._unsaid: deque[UsageReported] = deque()
        self._read: dict[str, int] = {}  # how many rows of a batch's results were reported

    def report(
        self,
        message: Message,
        *,
        complete: bool,
        seconds: float | None = None,
        error: BaseException | None = None,
        observed: ObservedCall | None = None,
    ) -> CallHook | None:
        """Update the rate limiter and the ledger; return the effect that calls the hook, or None without one.

        Args:
            message: The message, as far as it came.
            complete: Whether the message is complete.
            seconds: From the call to now.
            error: What ended it early, if something did.
            observed: The call, as the observers follow it; None for one whose observers have to be asked for.
        """
        if self._adaptive is not None and complete:
            self._adaptive.on_usage(message.usage)
        if self._fleet is not None:
            self._fleet.on_usage(message.usage, message.model)
        if (
            self._hook is None
            and self._add_row is None
            and not (self._heard() if observed is None else observed.observers)
        ):
            return None
        report = _reported(message, complete=complete, seconds=seconds, error=error)
        if observed is not None and observed.call_id:
            report = structs.replace(report, call_id=observed.call_id)
        self._record(report, None if observed is None else observed.observers)
        return None if self._hook is None else CallHook(self._hook, report)

    def failed(self, model: Any, error: KeybearerError, *, seconds: float) -> None:
        """Add a call that got no message to the ledger; what it cost is unknown where the service may have carried it out."""
        if self._heard():
            self._record(_failed(model, error, seconds))

    def retried(
        self, draft: Draft, error: KeybearerError, *, seconds: float
    ) -> list[tuple[KeybearerError, UsageReported]]:
        """Return the report of an attempt after which its call may be sent again, with its error; none where it is not billed.

        Args:
            draft: Its request.
            error: What ended it.
            seconds: How long it took.
        """
        if not draft.url.partition("?")[0].endswith(MESSAGES) or not self._heard():
            return []
        if isinstance(error, StreamError) and error.partial is not None:
            report = _reported(error.partial, complete=False, seconds=seconds, error=error)
        elif _may_be_billed(error):
            report = _failed(_model_of(draft.body), error, seconds)
        else:
            return []
        return [(error, structs.replace(report, retried=True))]

    def of_batch(self, batch_id: str) -> Callable[[BatchRow], CallHook | None] | None:
        """Return what reports each row of a batch's results, in their order; None without a hook and a ledger.

        Results that are read again have the same order, so a row that was reported is known by its number.
        """
        if not self._heard():
            return None
        numbers = itertools.count(1)

        def report(row: BatchRow) -> CallHook | None:
            number = next(numbers)
            if number <= self._read.get(batch_id, 0):
                return None
            self._read[batch_id] = number
            while len(self._read) > MOST_BATCHES:
                del self._read[next(iter(self._read))]
            if row.message is None:
                return None
            reported = structs.replace(
                _reported(row.message, complete=True, seconds=None, error=None),
                usage=row.usage,
                batch=f"{batch_id}/{row.custom_id}",
            )
            self._record(reported)
            return None if self._hook is None else CallHook(self._hook, reported)

        return report

    def owe(self, message: Message, *, complete: bool, seconds: float | None = None) -> None:
        """Keep the report of an abandoned stream for `settle`. A finalizer calls this, so it takes no lock."""
        if self._fleet is not None:
            self._fleet.on_usage(message.usage, message.model)
        if self._hook is not None or self._add_row is not None or self._observers is not None:
            self._owed.append(_reported(message, complete=complete, seconds=seconds, error=None))

    def keep(self, report: UsageReported) -> None:
        """Add a report to the ledger, and keep it for `settle` if there is a usage to call the hook with."""
        self._record(report)
        if self._hook is not None and report.usage is not _NO_USAGE:
            self._unsaid.append(report)

    def settle(self) -> Iterator[CallHook]:
        """Add the reports of abandoned streams to the ledger, and yield the effects that make them, and those that were kept."""
        while self._owed:
            self.keep(self._owed.popleft())
        while self._unsaid and self._hook is not None:
            yield CallHook(self._hook, self._unsaid.popleft())

    def _heard(self) -> bool:
        """Return whether somebody hears of a report."""
        if self._hook is not None or self._add_row is not None:
            return True
        return self._observers is not None and bool(self._observers.now())

    def _record(self, report: UsageReported, observers: tuple[Observer, ...] | None = None) -> None:
        """Add a report to the ledger, and tell the observers of it: these, or those that there are now."""
        if self._add_row is not None:
            self._add_row(report)
        if self._observers is not None:
            self._observers.tell(report, observers)


def _failed(model: Any, error: KeybearerError, seconds: float) -> UsageReported:
    return UsageReported(
        usage=_NO_USAGE,
        model=model if isinstance(model, str) else "",
        request_id=getattr(error, "request_id", None),
        complete=False,
        refused=not _may_be_billed(error),
        seconds=seconds,
        error=type(error).__name__,
    )


def _model_of(body: bytes) -> Any:
    try:
        return loads(body).get("model")
    except (ValueError, AttributeError):
        return None


def _may_be_billed(error: KeybearerError) -> bool:
    """Return whether a call that got no message may have been carried out: nobody knows, or its answer could not be read."""
    return in_doubt(error) or isinstance(error, UnexpectedResponse)


def _reported(message: Message, *, complete: bool, seconds: float | None, error: BaseException | None) -> UsageReported:
    headers = message.headers
    return UsageReported(
        usage=message.usage,
        model=message.model,
        request_id=headers.get("request-id"),
        complete=complete,
        date=headers.get("date"),
        prices=message.prices,
        seconds=seconds,
        error=None if error is None else type(error).__name__,
        provider=headers.get(PROVIDER) or "",
    )
