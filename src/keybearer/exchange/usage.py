"""Report what messages cost: to the `on_usage` hook, and to the adaptive rate limiter."""

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
        adaptive: Learns from complete messages what a request usually costs.
    """

    def __init__(self, hook: Hook | None = None, adaptive: AdaptiveRateLimiter | None = None) -> None:
        self._hook = hook
        self._adaptive = adaptive
        self._owed: deque[UsageReported] = deque()

    def report(self, message: Message, *, complete: bool) -> CallHook | None:
        """Learn from a message's usage; return the effect that reports it, or None when there is no hook.

        Args:
            message: The message, as far as it came.
            complete: Whether it is whole.
        """
        if self._adaptive is not None and complete:
            self._adaptive.on_usage(message.usage)
        return None if self._hook is None else CallHook(self._hook, _reported(message, complete=complete))

    def owe(self, message: Message, *, complete: bool) -> None:
        """Keep the report of an abandoned stream. A finalizer calls this: it takes no lock."""
        if self._hook is not None:
            self._owed.append(_reported(message, complete=complete))

    def settle(self) -> Iterator[CallHook]:
        """Give the effects that make the reports that are owed."""
        while self._hook is not None and self._owed:
            yield CallHook(self._hook, self._owed.popleft())


def _reported(message: Message, *, complete: bool) -> UsageReported:
    return UsageReported(usage=message.usage, model=message.model, request_id=message.request_id, complete=complete)
