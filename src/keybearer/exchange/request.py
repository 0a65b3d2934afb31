"""One request's life, as a flow.

Strategy: all it knows of the world it gets as arguments and effects; all judgement is in `keybearer.policy`, all reading of
replies in `keybearer.wire`.

    ┌──▶ admit ─▶ credential ─▶ sign ─▶ Send ─▶ judge ─▶ (a stream: read to its first content) ─▶ done
    └── Sleep ◀────────────── worth another attempt, and within the budget ◀──┘  └──▶ typed error

Contract: every wait is under the call's deadline; a wait that would pass it ends the call now, with the error that asked for
it. Nothing is tried again once the first event of a stream has reached the caller: until then an error inside the stream
counts like its HTTP twin.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from keybearer.errors import (
    AuthenticationFailed,
    CircuitOpen,
    DeadlineExceeded,
    KeybearerError,
    Overloaded,
    RateLimited,
)
from keybearer.exchange.attempt import Attempt, Attempts, PreambleReader, Refused
from keybearer.flow import Flow, Sleep
from keybearer.policy.deadline import Deadline, format_seconds
from keybearer.policy.retry import RetryPolicy
from keybearer.types.hooks import RetryPlanned
from keybearer.types.http import Draft, Reply

__all__ = ["Exchange", "PreambleReader"]

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
        deadline: Deadline | None = None,
        max_retries: int | None = None,
        reader: Callable[[Reply], PreambleReader] | None = None,
        retry_overloaded: bool = True,
    ) -> Flow[Reply]:
        """Send a draft until it succeeds, is refused, or is not worth another attempt.

        Args:
            draft: The request; its `timeouts.total` is the call's deadline.
            deadline: That deadline, where the call began before this request; None begins it now.
            max_retries: How often to try again at the most; None for what the policy says.
            retry_overloaded: False does not wait for a service that is overloaded.
            reader: Makes the reader of an open stream; the reply has it, fed up to the first content.

        Returns:
            The reply: status 200, with a JSON body or an open event stream. Whoever gets a stream calls `Reply.release` once.

        Raises:
            KeybearerError: In the flow; `attempts` says what was tried.
        """
        clock = self.clocks.monotonic
        deadline = deadline or Deadline.start(clock(), draft.timeouts.total)
        succeeded = False
        self.admission.budget.begin()
        try:
            reply = yield from self._tried(
                draft, deadline, self.retry.limited(max_retries), reader, retry_overloaded=retry_overloaded
            )
            succeeded = True
        finally:
            self.admission.budget.end(succeeded=succeeded)
        return reply

    def _tried(
        self,
        draft: Draft,
        deadline: Deadline,
        policy: RetryPolicy,
        reader: Callable[[Reply], PreambleReader] | None,
        *,
        retry_overloaded: bool,
    ) -> Flow[Reply]:
        """Send a draft as often as it is worth; the arguments are as of `send`."""
        attempts: list[str] = []
        backoff = 0.0
        refused: Refused | None = None
        error: KeybearerError | None = None
        while True:
            attempt = Attempt(draft, deadline, len(attempts) + 1, reader, refused)
            try:
                outcome = yield from self.attempt(attempt)
            except (DeadlineExceeded, CircuitOpen) as held:
                if error is None:
                    raise
                raise _not_again(error, held) from None
            if isinstance(outcome, Reply):
                return outcome
            if refused is not None and outcome is refused.error:
                raise outcome  # there is no other credential to try
            error = outcome
            attempts.append(_summary(error))
            error.attempts = tuple(attempts)
            if (
                self.retry_on_401
                and refused is None
                and isinstance(error, AuthenticationFailed)
                and attempt.signed_with
            ):
                refused = Refused(error, attempt.signed_with)  # the provider knows: it may have another, or get one
                continue
            backoff = policy.backoff(backoff, self.clocks.random())
            delay = policy.delay(error, backoff)
            self._check_worth(error, len(attempts), delay, deadline, policy, retry_overloaded=retry_overloaded)
            attempts[-1] += f", waited {format_seconds(delay)}"
            _log.warning("attempt %d: %s; the next in %s", len(attempts), _summary(error), format_seconds(delay))
            if self.hooks.on_retry:
                planned = RetryPlanned(error=error, attempt=len(attempts), delay=delay)
                yield from self.tell(self.hooks.on_retry, planned, deadline)
            yield from Sleep(delay)

    def _check_worth(
        self,
        error: KeybearerError,
        attempt: int,
        delay: float,
        deadline: Deadline,
        policy: RetryPolicy,
        *,
        retry_overloaded: bool,
    ) -> None:
        """Raise the error of an attempt, unless another may follow after that delay.

        What the service limits draws on no budget: `max_retries` bounds it.
        """
        if not policy.allows(error, attempt) or (not retry_overloaded and isinstance(error, Overloaded)):
            raise error
        try:
            deadline.check(delay, self.clocks.monotonic(), "The wait before the next attempt")
        except DeadlineExceeded as late:
            held = late
        else:
            if isinstance(error, RateLimited) or self.admission.budget.take():
                return
            error.hint = f"Not tried again: too many calls failed, and this client's retry budget is spent. {error.hint}".rstrip()
            raise error
        raise _not_again(error, held)


def _not_again(error: KeybearerError, held: KeybearerError) -> KeybearerError:
    """Return an attempt's error, with the reason why no other attempt follows."""
    error.hint = f"Not tried again: {held.message[0].lower()}{held.message[1:]}"
    return error


def _summary(error: KeybearerError) -> str:
    status = getattr(error, "http_status", 0)
    return str(status) if status else f"{type(error).__name__} ({getattr(error, 'phase', '') or 'stream'})"
