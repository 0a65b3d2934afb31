"""Tells the observers of a client what happens to a call.

Strategy: `Observers` are a client's, an `ObservedCall` is one call's. A call that nobody observes is `UNOBSERVED`, one value for all
of them, whose `tell` knows the log alone. The places where something happens make its value only where `observers` is not empty.

Contract: an observer's error is logged once for each observer, and breaks nothing. A call ends once. No observer is called from a
finalizer, which may run while any lock is held: `end_later` keeps the end for the client's next call, or for its close.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from keybearer.flow import Clocks
from keybearer.policy.deadline import format_seconds
from keybearer.types.api_object import loads
from keybearer.types.hooks import Hooks, LimitCrossed, ResponseReceived, RetryPlanned
from keybearer.types.http import Draft

if TYPE_CHECKING:
    from keybearer.types.messages import Message
    from keybearer.types.observing import CallEnded, Observed, Observer

__all__ = ["LOG", "UNOBSERVED", "ObservedCall", "Observers", "summary"]

_log = logging.getLogger("keybearer")

NONE: Final = ""
"""The id of a call that nobody observes."""

NOTICED: Final = 0.001
"""A wait that is shorter is none, in seconds."""


def summary(error: BaseException) -> str:
    """Return an attempt's error in few words."""
    status = getattr(error, "http_status", 0)
    return str(status) if status else f"{type(error).__name__} ({getattr(error, 'phase', '') or 'stream'})"


class _LogObserver:
    """The log as an observer: a line for a reply, a further attempt, and a limit that is nearly used up."""

    def hears_replies(self) -> bool:
        """Return whether a reply is logged."""
        return _log.isEnabledFor(logging.DEBUG)

    def observe(self, event: Observed, /) -> None:
        """Log what has happened."""
        if isinstance(event, ResponseReceived):
            line = "%s %s: %d in %.3f s, attempt %d [%s]"
            _log.debug(line, event.method, event.url, event.status, event.seconds, event.attempt, event.request_id)
        elif isinstance(event, RetryPlanned):
            level = logging.DEBUG if event.stale else logging.WARNING  # services close idle connections all the time
            _log.log(level, "attempt %d: %s; %s", event.attempt, summary(event.error), _next_one(event))
        elif isinstance(event, LimitCrossed):
            _log.warning("limits: %.0f %% of %s is used", 100 * event.used, event.name)


def _next_one(planned: RetryPlanned) -> str:
    asked = f" to {planned.model}" if planned.model else ""
    return f"the next{asked} {f'in {format_seconds(planned.delay)}' if planned.delay else 'at once'}"


LOG: Final = _LogObserver()
"""The log, which hears every client."""


class Observers:
    """The observers of one client.

    Args:
        given: Those that the caller gave.
        found: Returns one more for a call that begins now, or None: the telemetry, once the program has set it up.
        clocks: Clocks and randomness, for ids.
        hooks: The client's hooks.

    Attributes:
        clock: Seconds on a clock that never goes back.
    """

    def __init__(
        self,
        given: Sequence[Observer] = (),
        found: Callable[[], Observer | None] | None = None,
        *,
        clocks: Clocks,
        hooks: Hooks | None = None,
    ) -> None:
        self._given, self._found, self._clocks = tuple(given), found, clocks
        self.clock = clocks.monotonic
        self._needs_id = hooks is not None and hooks != Hooks()
        self._owed: deque[tuple[Observed, tuple[Observer, ...]]] = deque()
        self._failed: set[int] = set()  # observers whose first error was logged

    def now(self) -> tuple[Observer, ...]:
        """Return those that hear what begins now."""
        more = None if self._found is None else self._found()
        return self._given if more is None else (*self._given, more)

    def make_id(self, kind: str) -> str:
        """Return a new id, such as `call_00a41f09c2d3e8`."""
        return f"{kind}_{int(self._clocks.random() * 2**53):014x}"

    def begin(self, draft: Draft, *, provider: str = "", run_id: str = "") -> ObservedCall:
        """Begin a call, and tell of it.

        Args:
            draft: Its request.
            provider: The provider's name.
            run_id: The run that it belongs to.
        """
        while self._owed:
            self.settle()
        observers = self.now()
        if not observers:
            return ObservedCall(self, (), self.make_id("call"), self._clocks) if self._needs_id else UNOBSERVED
        from keybearer.types.observing import CallStarted

        call = ObservedCall(self, observers, self.make_id("call"), self._clocks)
        body = draft.body
        call.tell(
            CallStarted(
                call_id=call.call_id,
                method=draft.method,
                url=draft.url,
                betas=tuple(filter(None, draft.headers.get("anthropic-beta", "").split(","))),
                stream=draft.stream,
                body=lambda: loads(body) if body[:1] == b"{" else None,
                provider=provider,
                run_id=run_id,
            )
        )
        return call

    def tell(self, event: Observed, observers: tuple[Observer, ...] | None = None) -> None:
        """Tell each observer; an error is logged once for each.

        Args:
            event: What has happened.
            observers: Who hears it; None for those that hear what begins now.
        """
        for observer in self.now() if observers is None else observers:
            try:
                observer.observe(event)
            except Exception:  # noqa: BLE001 - an observer cannot break a call
                if id(observer) not in self._failed:
                    self._failed.add(id(observer))
                    _log.exception(
                        "an observer failed; the call goes on, and no other error of this observer is logged"
                    )

    def owe(self, ended: Observed, observers: tuple[Observer, ...]) -> None:
        """Keep an end for `settle`. A finalizer calls this, so it takes no lock."""
        self._owed.append((ended, observers))

    def settle(self) -> None:
        """Tell of what was left behind: streams, and the streams of runs."""
        while self._owed:
            try:
                ended, observers = self._owed.popleft()
            except IndexError:  # another thread was faster
                return
            self.tell(ended, observers)

    def forget(self) -> None:
        """Forget what is owed, in a forked child: its parent tells of it."""
        self._owed.clear()


class ObservedCall:
    """One call, as its observers follow it.

    Args:
        of: The client's observers.
        observers: Those that hear of this call.
        call_id: Its id.
        clocks: Says when it begins.

    Attributes:
        call_id: Its id; empty where nobody observes it.
        observers: Those that hear of it.
        attempts: How many attempts were sent.
    """

    __slots__ = ("_begun", "_came", "_chunks", "_clocks", "_last", "_of", "_open", "attempts", "call_id", "observers")

    def __init__(
        self, of: Observers | None, observers: tuple[Observer, ...], call_id: str, clocks: Clocks | None
    ) -> None:
        self._of, self.observers, self.call_id, self._clocks = of, observers, call_id, clocks
        self._begun = self._last = clocks.monotonic() if clocks is not None and observers else 0.0
        self._open = [None] if observers else []  # popped at the end, which one thread alone can do
        self._chunks = 0
        self._came = 0.0
        self.attempts = 0

    def tell(self, event: Observed) -> None:
        """Tell the log and the observers."""
        LOG.observe(event)
        if self._of is not None and self.observers:
            self._of.tell(event, self.observers)

    def end(
        self,
        error: BaseException | None = None,
        message: Message | None = None,
        *,
        complete: bool = True,
        answer: Callable[[], Any] | None = None,
    ) -> None:
        """End the call, once.

        Args:
            error: What ended it; None for an answer.
            message: The message, as far as it came.
            complete: Whether the answer is whole.
            answer: Returns the JSON of one that is no message.
        """
        if isinstance(error, GeneratorExit):  # perhaps of the garbage collector
            self.end_later(message)
        elif self._pop():
            self.tell(self._ended(error, message, complete=complete and error is None, answer=answer))

    def end_later(self, message: Message | None = None) -> None:
        """End a call whose answer was left behind, from a finalizer: it is said when the client's next call begins."""
        if self._pop() and self._of is not None:
            self._of.owe(self._ended(None, message, complete=False), self.observers)

    def sent(self) -> None:
        """Count an attempt."""
        if self.observers:
            self.attempts += 1

    def waited(self, limiter: str, seconds: float) -> None:
        """Tell that the call has waited for a limiter, if it has."""
        if self.observers and seconds >= NOTICED:
            from keybearer.types.observing import LimiterWaited

            self.tell(LimiterWaited(call_id=self.call_id, limiter=limiter, seconds=seconds))

    def attempted(self, number: int, seconds: float, error: BaseException | None) -> None:
        """Tell that an attempt has ended; where it was left to the garbage collector, the call's end says it."""
        from keybearer.types.observing import AttemptEnded

        if not isinstance(error, GeneratorExit):
            self.tell(AttemptEnded(call_id=self.call_id, attempt=number, seconds=seconds, error=error))

    def opened(self) -> None:
        """Note that the first content of its stream has come."""
        self._came = self._now()

    def watch(self, feed: Callable[[bytes], Iterator[Any]]) -> Callable[[bytes], Iterator[Any]]:
        """Return `feed` of a stream's reader, which tells of each chunk; its first call gives what has come before it."""
        if not self.observers:
            return feed

        def watched(chunk: bytes) -> Iterator[Any]:
            arrived = self._now() if chunk or not self._came else self._came
            for event in feed(chunk):
                if event.type == _DELTA:
                    self._chunk(arrived)
                yield event

        return watched

    def _chunk(self, arrived: float) -> None:
        from keybearer.types.observing import ChunkReceived

        self._chunks += 1
        seconds, self._last = max(0.0, arrived - self._last), arrived
        self.tell(ChunkReceived(call_id=self.call_id, number=self._chunks, seconds=seconds))

    def _pop(self) -> bool:
        try:
            self._open.pop()
        except IndexError:
            return False
        return True

    def _ended(
        self,
        error: BaseException | None,
        message: Message | None,
        *,
        complete: bool,
        answer: Callable[[], Any] | None = None,
    ) -> CallEnded:
        from keybearer.types.observing import CallEnded

        return CallEnded(
            call_id=self.call_id,
            seconds=self._now() - self._begun,
            error=error,
            message=message,
            complete=complete,
            attempts=self.attempts,
            answer=answer,
        )

    def _now(self) -> float:
        return 0.0 if self._clocks is None else self._clocks.monotonic()


_DELTA: Final = "content_block_delta"

UNOBSERVED: Final = ObservedCall(None, (), NONE, None)
"""The calls that nobody observes."""
