"""Report the usage of messages to the `on_usage` hook and to the adaptive rate limiter."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keybearer.flow import CallHook
from keybearer.types.hooks import Hook, UsageReported
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.policy.adaptive import AdaptiveRateLimiter

__all__ = ["UsageReports"]


class UsageReports:
    """The usage reports of one client.

    Args:
        hook: Called with each report; None for no hook.
        adaptive: Updates its average cost of a request with each complete message; None without one.
    """

    def __init__(self, hook: Hook | None = None, adaptive: AdaptiveRateLimiter | None = None) -> None:
        self._hook = hook
        self._adaptive = adaptive
        self._owed: deque[UsageReported] = deque()

    def report(self, message: Message, *, complete: bool) -> CallHook | None:
        """Update the rate limiter with a message's usage; return the effect that calls the hook, or None without one.

        Args:
            message: The message, as far as it came.
            complete: Whether the message is complete.
        """
        if self._adaptive is not None and complete:
            self._adaptive.on_usage(message.usage)
        return None if self._hook is None else CallHook(self._hook, _reported(message, complete=complete))

    def owe(self, message: Message, *, complete: bool) -> None:
        """Keep the report of an abandoned stream for `settle`. A finalizer calls this, so it takes no lock."""
        if self._hook is not None:
            self._owed.append(_reported(message, complete=complete))

    def settle(self) -> Iterator[CallHook]:
        """Yield the effects that make the reports kept by `owe`."""
        while self._hook is not None and self._owed:
            yield CallHook(self._hook, self._owed.popleft())


def _reported(message: Message, *, complete: bool) -> UsageReported:
    return UsageReported(
        usage=message.usage,
        model=message.model,
        request_id=message.request_id,
        complete=complete,
        cost=message.cost,
    )
