"""One request's life, as a flow.

Strategy: all it knows of the world it gets as arguments and effects; all judgement is in `keybearer.policy`, all reading of
replies in `keybearer.wire`.

    ┌──▶ admit ─▶ credential ─▶ sign ─▶ Send ─▶ classify ─▶ (a stream: read to its first content) ─▶ done
    └── Sleep, or another model ◀── worth another attempt, and within the budget ◀──┘  └──▶ typed error

Contract: every wait is under the call's deadline; a wait that would pass it ends the call now, with the error that asked for
it. Nothing is tried again once the first event of a stream has reached the caller: until then an error inside the stream
counts like its HTTP counterpart.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from msgspec import Struct, field

from keybearer.errors import (
    AuthenticationFailed,
    CircuitOpen,
    DeadlineExceeded,
    KeybearerError,
    Overloaded,
    RateLimited,
)
from keybearer.exchange.attempt import Attempt, Attempts, MakeReader, Refused
from keybearer.exchange.lease import Lease
from keybearer.flow import Flow, Sleep
from keybearer.policy.deadline import Deadline, format_seconds
from keybearer.policy.retry import RetryPolicy
from keybearer.types.hooks import RetryPlanned
from keybearer.types.http import Draft, Reply

__all__ = ["Exchange"]

_log = logging.getLogger("keybearer")


class Exchange(Attempts, frozen=True, kw_only=True):
    """What the requests of one client share.

    Attributes:
        retry: When to try again.
        retry_on_401: Whether an OAuth token that was refused is replaced, and the request sent once more.
    """

    retry: RetryPolicy
    retry_on_401: bool = False

    def send(
        self,
        draft: Draft,
        *,
        max_retries: int | None = None,
        reader: MakeReader | None = None,
        fallback: Iterator[tuple[str, Draft]] | None = None,
    ) -> Flow[Reply | Lease]:
        """Send a draft until it succeeds, is refused, or is not worth another attempt.

        Args:
            draft: The request; its `timeouts.total` is the call's deadline.
            max_retries: How often to try again at the most; None for what the policy says.
            reader: Makes the reader of an open stream.
            fallback: Other models to ask, at once, when the service is overloaded, with the request to each.

        Returns:
            The reply, with status 200 and its whole body; or the lease of an open event stream, which has content.

        Raises:
            KeybearerError: In the flow; `attempts` says what was tried.
        """
        for owed in self.usage.settle():
            yield from owed
        succeeded = False
        self.admission.budget.begin()
        try:
            call = _Call(
                draft=draft,
                deadline=Deadline.start(self.clocks.monotonic(), draft.timeouts.total),
                policy=self.retry.limited(max_retries),
                reader=reader,
                fallback=fallback or iter(()),
            )
            answer = yield from self._answer(call)
            succeeded = True
        finally:
            self.admission.budget.end(succeeded=succeeded)
        return answer

    def _answer(self, call: _Call) -> Flow[Reply | Lease]:
        """Make attempts until one gives an answer."""
        error: KeybearerError | None = None
        while True:
            attempt = Attempt(call.draft, call.deadline, len(call.attempts) + 1, call.reader, call.refused)
            try:
                outcome = yield from self.attempt(attempt)
            except (DeadlineExceeded, CircuitOpen) as held:
                if error is None:
                    raise
                raise _not_again(error, held) from None
            if not isinstance(outcome, KeybearerError):
                return outcome
            if call.refused is not None and outcome is call.refused.error:
                raise outcome  # there is no other credential to try
            error = outcome
            call.attempts.append(_summary(error))
            call.tried += 1
            error.attempts = tuple(call.attempts)
            delay, model = self._next(call, error, attempt)
            if delay is None:  # refused, and another credential may be had: the provider knows
                continue
            if delay:
                call.attempts[-1] += f", waited {format_seconds(delay)}"
            asked = f" to {model}" if model else ""
            when = f"in {format_seconds(delay)}" if delay else "at once"
            level = (
                logging.DEBUG if attempt.stale else logging.WARNING
            )  # that a service closes idle connections is no news
            _log.log(level, "attempt %d: %s; the next%s %s", len(call.attempts), _summary(error), asked, when)
            if self.hooks.on_retry:
                planned = RetryPlanned(error=error, attempt=len(call.attempts), delay=delay, model=model)
                yield from self.tell(self.hooks.on_retry, planned, call.deadline)
            if delay:
                yield from Sleep(delay)

    def _next(self, call: _Call, error: KeybearerError, attempt: Attempt) -> tuple[float | None, str | None]:
        """Return how long to wait before the next attempt and which other model it asks; raise the error when there is none.

        The delay is None where the same request follows with another credential.
        """
        if (
            self.retry_on_401
            and call.refused is None
            and isinstance(error, AuthenticationFailed)
            and attempt.signed_with
        ):
            call.refused = Refused(error, attempt.signed_with)
            return None, None
        if attempt.stale and not call.resent:
            call.resent = True  # the service had closed the idle connection: nothing was carried out
            self._draw(error)
            return 0.0, None
        if isinstance(error, Overloaded) and (other := next(call.fallback, None)) is not None:
            # A caller that names other models prefers an answer from one of them to a wait.
            self._draw(error)
            model, call.draft = other
            call.tried, call.backoff = 0, 0.0
            return 0.0, model
        call.backoff = call.policy.backoff(call.backoff, self.clocks.random())
        delay = call.policy.delay(error, call.backoff)
        if not call.policy.allows(error, call.tried):
            raise error
        try:
            call.deadline.check(delay, self.clocks.monotonic(), "The wait before the next attempt")
        except DeadlineExceeded as late:
            held = late
        else:
            if not isinstance(
                error, RateLimited
            ):  # what the service limits draws on no budget: `max_retries` bounds it
                self._draw(error)
            return delay, None
        raise _not_again(error, held)

    def _draw(self, error: KeybearerError) -> None:
        """Draw a retry on the budget; raise the error when it is spent."""
        if not self.admission.budget.take():
            error.hint = f"Not tried again: too many calls failed, and this client's retry budget is spent. {error.hint}".rstrip()
            raise error


class _Call(Struct, kw_only=True):
    """What is known of one call between its attempts.

    Attributes:
        draft: The request; to another model after an overload.
        deadline: When it must be answered.
        policy: When to try again.
        reader: Makes the reader of an open stream.
        fallback: Other models to ask, with the request to each.
        attempts: What was tried, in words.
        tried: How often the present draft was tried.
        backoff: The last wait of our own choosing, in seconds.
        refused: The refusal (401) that was answered with another credential.
        resent: Whether it was sent again because a kept-alive connection was stale.
    """

    draft: Draft
    deadline: Deadline
    policy: RetryPolicy
    reader: MakeReader | None
    fallback: Iterator[tuple[str, Draft]]
    attempts: list[str] = field(default_factory=list)
    tried: int = 0
    backoff: float = 0.0
    refused: Refused | None = None
    resent: bool = False


def _not_again(error: KeybearerError, held: KeybearerError) -> KeybearerError:
    """Return an attempt's error, with the reason why no other attempt follows."""
    error.hint = f"Not tried again: {held.message[0].lower()}{held.message[1:]}"
    return error


def _summary(error: KeybearerError) -> str:
    status = getattr(error, "http_status", 0)
    return str(status) if status else f"{type(error).__name__} ({getattr(error, 'phase', '') or 'stream'})"
