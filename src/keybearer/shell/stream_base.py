"""The base of sync and async streams: everything except reading and waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from keybearer.errors import StreamError
from keybearer.exchange.lease import Lease
from keybearer.flow import CallHook
from keybearer.shell.transports.base import no_progress
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.response.reader import StreamReader

if TYPE_CHECKING:
    from keybearer.prices import Cost

__all__ = ["E_", "BaseStream"]

E_ = TypeVar("E_")
"""The type of a stream's events."""


class BaseStream(Generic[E_]):
    """The state of a stream, and the properties that do not wait."""

    _raw = False  # whether it gives the events as the service sent them

    def __init__(self, lease: Lease, call_hook: Callable[[CallHook], Any]) -> None:
        self._lease = lease
        self._call_hook = call_hook
        self._reader: StreamReader = lease.reader
        self._body: Any = lease.body
        self._failure: StreamError | None = None
        self._cancelled: BaseException | None = None  # what ended the reading from outside
        self._closed = False
        self._progress, self._waited = 0, 0.0
        self._feed: Callable[[bytes], Iterator[Any]] = lease.watched(helpers=not self._raw)
        self.headers: Headers = lease.headers

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("request-id")

    @property
    def response(self) -> Self:
        """The stream itself, which has what programs read of the official SDK's `response`: `headers`, `status_code`, `close()`."""
        return self

    @property
    def status_code(self) -> int:
        """The reply's HTTP status."""
        return self._lease.status

    @property
    def is_closed(self) -> bool:
        """Whether it was read to its end, or closed."""
        return self._closed

    @property
    def current_message(self) -> Message | None:
        """The message as far as it came; None before `message_start`. It is built at each read."""
        return self._reader.message

    @property
    def cost(self) -> Cost:
        """What the message has cost so far; its output is in `cost.unknown` until the service has said it, near the end."""
        return self._reader.accumulator.cost

    def __repr__(self) -> str:
        state = "failed" if self._failure is not None else "closed" if self._closed else "open"
        state = "complete" if self._reader.done else state
        return f"<{type(self).__name__}: {state}, {self._reader.events} events, request_id={self.request_id!r}>"

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):  # `__init__` may have raised
            self._lease.abandon()

    def _check_progress(self) -> None:
        """Raise when a stream had only pings for longer than its progress limit."""
        seen = self._reader.accumulator.progress
        if seen != self._progress:
            self._progress, self._waited = seen, 0.0
        elif (limit := self._lease.progress) is not None and self._waited > limit:
            raise no_progress(limit)

    def _report(self) -> Any:
        """Report the message's usage, once; return the awaitable of an async hook call, if there is one."""
        report = self._lease.report(self._failure, self._cancelled)
        return None if report is None else self._call_hook(report)

    def _ended(self) -> None:
        """Raise unless the message is complete."""
        if self._failure is not None:
            raise self._failure
        if not self._reader.done:
            raise StreamError(
                "The stream was closed before its message was complete.",
                partial=self._reader.message,
                hint="Read it to its end inside the `with` block.",
            )

    def _final(self) -> Message:
        self._ended()
        message = self._reader.message
        assert message is not None  # noqa: S101 - it is done
        return message
