"""What both kinds of stream are made of: everything but the waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from keybearer.errors import StreamError
from keybearer.exchange.lease import Lease
from keybearer.flow import CallHook
from keybearer.shell.transports.base import no_progress
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.response.reader import StreamReader

__all__ = ["E_", "BaseStream"]

E_ = TypeVar("E_")
"""What a stream gives."""


class BaseStream(Generic[E_]):
    """What both kinds of stream know."""

    _raw = False  # whether it gives the events as the service sent them

    def __init__(self, lease: Lease, call_hook: Callable[[CallHook], Any]) -> None:
        self._lease = lease
        self._call_hook = call_hook
        self._reader: StreamReader = lease.reader
        self._body: Any = lease.body
        self._failure: StreamError | None = None
        self._closed = False
        self._progress, self._waited = 0, 0.0
        self._feed: Callable[[bytes], Iterator[Any]] = self._reader.feed_raw if self._raw else self._reader.feed
        self.headers: Headers = lease.headers

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("request-id")

    @property
    def current_message(self) -> Message | None:
        """The message as far as it came; None before its start did. Built anew at each read."""
        return self._reader.message

    def __repr__(self) -> str:
        state = "failed" if self._failure is not None else "closed" if self._closed else "open"
        state = "complete" if self._reader.done else state
        return f"<{type(self).__name__}: {state}, {self._reader.events} events, request_id={self.request_id!r}>"

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):  # it may not have been made
            self._lease.abandon()

    def _check_progress(self) -> None:
        """Refuse to wait for ever on a stream of pings."""
        seen = self._reader.accumulator.progress
        if seen != self._progress:
            self._progress, self._waited = seen, 0.0
        elif (limit := self._lease.progress) is not None and self._waited > limit:
            raise no_progress(limit)

    def _report(self) -> Any:
        """Report what the message cost, once; return what there is to await."""
        report = self._lease.report()
        return None if report is None else self._call_hook(report)

    def _ended(self) -> None:
        """Raise unless the stream was read to its message's end."""
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
