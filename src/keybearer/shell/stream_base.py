"""What both kinds of stream are made of: everything but the waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from keybearer.errors import StreamError
from keybearer.shell.transports.base import no_progress
from keybearer.types.http import Headers, Reply
from keybearer.types.messages import Message
from keybearer.wire.response.reader import StreamReader

__all__ = ["E_", "BaseStream"]

E_ = TypeVar("E_")
"""What a stream gives."""


class BaseStream(Generic[E_]):
    """What both kinds of stream know."""

    _raw = False  # whether it gives the events as the service sent them

    def __init__(
        self,
        reply: Reply,
        *,
        progress: float | None = None,
        finished: Callable[[Message, bool], Any] | None = None,
        forgotten: Callable[[Message, bool], None] | None = None,
    ) -> None:
        self._reader: StreamReader = reply.reader
        self._body: Any = reply.stream
        self._release = reply.release
        self._forgotten = reply.forgotten
        self._failure: StreamError | None = None
        self._finished = finished
        self._unread = forgotten
        self._closed = False
        self._progress_limit = progress
        self._progress, self._waited = 0, 0.0
        self._feed: Callable[[bytes], Iterator[Any]] = self._reader.feed_raw if self._raw else self._reader.feed
        self.headers: Headers = reply.headers

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

    def _leave(self) -> None:
        """Give the request's place back, once."""
        release, self._release = self._release, None
        if release is not None:
            release()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):  # it may not have been made
            self._give_up()

    def _check_progress(self) -> None:
        """Refuse to wait for ever on a stream of pings."""
        seen = self._reader.accumulator.progress
        if seen != self._progress:
            self._progress, self._waited = seen, 0.0
        elif self._progress_limit is not None and self._waited > self._progress_limit:
            raise no_progress(self._progress_limit)

    def _report(self) -> Any:
        """Report what the message cost, once; return what there is to await."""
        finished, self._finished = self._finished, None
        message = self._reader.message if finished is not None else None
        return finished(message, self._reader.done) if finished is not None and message is not None else None

    def _give_up(self) -> None:
        """Let go of a stream that nobody holds any more: the garbage collector is at work, and no lock may be taken."""
        if self._release is not None and self._forgotten is not None:
            self._release = None
            self._forgotten()
        later, self._unread, self._finished = self._unread if self._finished is not None else None, None, None
        if later is not None and (message := self._reader.message) is not None:
            later(message, self._reader.done)

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
