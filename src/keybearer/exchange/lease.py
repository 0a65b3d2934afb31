"""A reply with an open body and the permit that it holds; for the stream of a message, its reader and the usage report that it owes.

Contract: the permit is released once, the usage is reported once, and the observed call is ended once, however the stream ends.
`abandon` does so from a finalizer, where no lock may be taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from keybearer.errors import StreamError, TransportError
from keybearer.exchange.observing import UNOBSERVED, ObservedCall
from keybearer.flow import CallHook, FinishBody, Flow, ReadUntil
from keybearer.types.events import RawContentBlockStopEvent
from keybearer.types.http import Headers, Reply
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.exchange.admission import Admission
    from keybearer.exchange.fleet import Leased
    from keybearer.exchange.spending import Hold
    from keybearer.exchange.usage import UsageReports
    from keybearer.wire.response.reader import StreamReader

__all__ = ["Lease", "OpenBody"]


class OpenBody:
    """A good reply whose body is still to be read.

    Args:
        reply: The reply.
        admission: What admitted the request.

    Attributes:
        body: The open body, as the transport made it.
        status: The HTTP status.
        headers: The reply's headers.
        hold: What is reserved for it under spend limits; None without any.
        leased: What it has of a fleet's limits; None without any.
        observed: The call that it answers, as the observers follow it.
    """

    __slots__ = ("_admission", "body", "headers", "hold", "leased", "observed", "status")

    def __init__(self, reply: Reply, admission: Admission) -> None:
        self.body: Any = reply.stream
        self.status: int = reply.status
        self.headers: Headers = reply.headers
        self.hold: Hold | None = None
        self.leased: Leased | None = None
        self.observed: ObservedCall = UNOBSERVED
        self._admission: Admission | None = admission

    def ended(self, error: BaseException | None = None, *, complete: bool) -> None:
        """End the observed call.

        Args:
            error: What ended it early, if something did.
            complete: Whether the body was read to its end.
        """
        self.observed.end(error, complete=complete)

    def release(self) -> None:
        """Release the request's permit."""
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.release()
        if self.leased is not None:
            self.leased.release()
        self._settle(later=False)

    def abandon(self) -> None:
        """Release the permit of an abandoned body, from a finalizer."""
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.release_later()
        if self.leased is not None:
            self.leased.release()
        self._settle(later=True)
        self._left_behind()

    def _left_behind(self) -> None:
        self.observed.end_later()

    def _settle(self, *, later: bool) -> None:
        """Settle what is reserved; nobody reads a usage here, so the worst case is booked."""
        hold, self.hold = self.hold, None
        if hold is not None:
            hold.settle(None, later=later)


class Lease(OpenBody):
    """An open event stream.

    Args:
        reply: The reply whose body is open.
        reader: Its reader, already fed up to the first content.
        progress: The longest time between two events that are not pings, in seconds; None for no limit.
        admission: Admitted the request; its permit is released here.
        usage: Reports the message's usage.

    Attributes:
        seconds: Returns how long the call has taken by now; None where nobody measures it.
    """

    __slots__ = ("_read", "_usage", "_watch", "progress", "reader", "seconds")

    def __init__(
        self, reply: Reply, reader: StreamReader, *, progress: float | None, admission: Admission, usage: UsageReports
    ) -> None:
        super().__init__(reply, admission)
        self.reader = reader
        self._watch: Callable[[Message | None], None] | None = None
        self._read: Callable[[bytes], Iterator[Any]] | None = None
        self.progress = progress
        self._usage: UsageReports | None = usage
        self.seconds: Callable[[], float] | None = None

    def report(self, error: BaseException | None = None, cancelled: BaseException | None = None) -> CallHook | None:
        """Return the effect that reports the message's usage, as far as it came; None if it was reported, or without a hook.

        Args:
            error: What ended it early, if something did.
            cancelled: What ended the reading of it from outside.
        """
        usage, self._usage = self._usage, None
        if usage is None:
            return None
        message = self._message()
        self._settle_message(message)
        report = None
        if message is not None:
            taken, observed = self._taken(), self.observed
            report = usage.report(message, complete=self.reader.done, seconds=taken, error=error, observed=observed)
        self.observed.end(error or cancelled, message, complete=self.reader.done)
        return report

    def abandon(self) -> None:
        """Release the permit and keep the report for later. A finalizer calls this, so it takes no lock."""
        usage, self._usage = self._usage, None
        super().abandon()
        message = self._message() if usage is not None else None
        self._settle_message(message, later=True)
        if usage is not None and message is not None:
            usage.owe(message, complete=self.reader.done, seconds=self._taken())
        if usage is not None:
            self.observed.end_later(message)

    def watched(self, *, helpers: bool) -> Callable[[bytes], Iterator[Any]]:
        """Return what takes the stream's bytes and gives their events; the observers hear of each chunk.

        Args:
            helpers: Whether it gives the helper events too.
        """
        return self.observed.watch(self.reader.feed if helpers else self.reader.feed_raw)

    def read_message(self, watch: Callable[[Message | None], None] | None = None) -> Flow[Message]:
        """Read the stream to its end and return the message.

        Args:
            watch: Called with the message so far, whenever a block of it is complete.

        Raises:
            StreamError: In the flow; the stream did not become a complete message.
        """
        reader, self._watch = self.reader, watch
        self._read = self.watched(helpers=False)
        try:
            try:
                if not self._feed(None):
                    yield from ReadUntil(self.body, self._feed, self.progress, lambda: reader.accumulator.progress)
            except TransportError as failed:
                raise reader.cut(failed) from failed
            self.release()
            yield from FinishBody(self.body)
        except GeneratorExit:
            self.abandon()
            raise
        except Exception as error:
            self.release()
            if (report := self.report(error)) is not None:
                yield from report
            raise
        except BaseException as error:  # a cancellation, after which no effect may be yielded
            self.release()
            if self._usage is not None:
                self.observed.end(error, self._message(), complete=False)
            self.abandon()
            raise
        if (report := self.report()) is not None:
            yield from report
        message = reader.message
        assert message is not None  # noqa: S101 - the reader is done
        return message

    def _settle(self, *, later: bool) -> None:
        """Do nothing: `report` and `abandon` settle by the message."""

    def _left_behind(self) -> None:
        """Do nothing: `abandon` ends the call with the message."""

    def _settle_message(self, message: Message | None, *, later: bool = False) -> None:
        hold, self.hold = self.hold, None
        if hold is not None:
            hold.settle_message(message, complete=self.reader.done, later=later)

    def _taken(self) -> float | None:
        return None if self.seconds is None else self.seconds()

    def _message(self) -> Message | None:
        """Return the message as far as it came, with the events that `read_preamble` has read."""
        if not self.reader.events:  # nothing was read yet, so no iteration can be under way
            with contextlib.suppress(StreamError):
                self._feed(None)
        return self.reader.message

    def _feed(self, chunk: bytes | None) -> bool:
        """Feed a chunk to the reader; return whether the message is complete.

        Args:
            chunk: The chunk; `b""` at the end of the body, None for the events that `read_preamble` has read.
        """
        for event in (self._read or self.reader.feed_raw)(chunk or b""):
            if self._watch is not None and type(event) is RawContentBlockStopEvent:
                self._watch(self.reader.message)
        if chunk == b"":
            self.reader.close()
            return True
        return self.reader.done
