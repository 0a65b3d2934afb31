"""One request's life, as a flow.

Strategy: the flow only connects the parts. Clocks come in as arguments and I/O as effects, decisions about retries and limits are in
`keybearer.policy`, and replies are read by `keybearer.wire`.

    ┌──▶ admit ─▶ credential ─▶ sign ─▶ Send ─▶ classify ─▶ (a stream: read to its first content) ─▶ done
    └── Sleep, or another model ◀── may be retried, and within the budget ◀─────────┘  └──▶ typed error

Contract: a wait that would pass the call's deadline ends the call at once, with the error that the wait was for. A request is not
sent again once the first event of its stream has reached the caller; until then, an error inside the stream is treated like the same
error over HTTP. A request that makes something is not sent again while nobody knows what came of it (`keybearer.policy.repeats`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field, structs

from keybearer.errors import (
    AuthenticationFailed,
    CircuitOpen,
    DeadlineExceeded,
    KeybearerError,
    Overloaded,
    RateLimited,
    SpendLimitExceeded,
    UsageError,
)
from keybearer.exchange.attempt import Attempt, Attempts, MakeReader, Refused, apart
from keybearer.exchange.lease import OpenBody
from keybearer.exchange.observing import UNOBSERVED, ObservedCall, summary
from keybearer.flow import Flow, Sleep
from keybearer.policy.deadline import Deadline, format_seconds
from keybearer.policy.repeats import in_doubt
from keybearer.policy.retry import RetryPolicy
from keybearer.types.hooks import RetryPlanned, UsageReported
from keybearer.types.http import Draft, Reply

if TYPE_CHECKING:
    from keybearer.exchange.spending import SpendPort
    from keybearer.prices import PriceTable

__all__ = ["Exchange", "Other"]

_log = logging.getLogger("keybearer")


class Other(NamedTuple):
    """Another model to ask.

    Attributes:
        model: Its name, as `on_overload` has it.
        draft: The request to it.
        through: What sends it, where that is another provider's; None for the same.
    """

    model: str
    draft: Draft
    through: Exchange | None = None


class Exchange(Attempts, frozen=True, kw_only=True):
    """Sends the requests of one client, with retries.

    Attributes:
        retry_on_401: Whether a refused OAuth token is refreshed and the request sent once more.
    """

    retry_on_401: bool = False

    def send(
        self,
        draft: Draft,
        *,
        max_retries: int | None = None,
        reader: MakeReader | None = None,
        fallback: Iterator[Other] | None = None,
        limits: Sequence[SpendPort] = (),
        prices: PriceTable | None = None,
        run_id: str = "",
    ) -> Flow[Reply | OpenBody]:
        """Send a draft, and send it again while it fails in a way that may be retried.

        Args:
            draft: The request; its `timeouts.total` is the call's deadline.
            max_retries: The most retries of any kind; None for the policy's own numbers.
            reader: Makes the reader of an open stream.
            fallback: Other models to ask at once when the service is overloaded, at another provider too.
            limits: The spend limits under which each attempt reserves its worst case.
            prices: The prices by which it does; None for the public ones.
            run_id: The run that it belongs to; empty for none.

        Returns:
            The successful reply, with its whole body; for the stream of a message, its lease, read up to the first content; or another
            open body. Whoever reads it ends its observed call, `observed`.

        Raises:
            UsageError: In the flow; the platform does not offer what it asks for.
            KeybearerError: In the flow; its `attempts` lists the failed attempts.
        """
        for owed in self.usage.settle():
            yield from owed
        if self.destination is not None:
            yield from apart(draft, partial(self.destination.check, draft))
        succeeded = False
        observed = self.begin(draft, run_id)
        self.admission.budget.begin()
        try:
            call = _Call(
                observed=observed,
                draft=draft,
                deadline=Deadline.start(self.clocks.monotonic(), draft.timeouts.total),
                policy=self.retry.limited(max_retries),
                reader=reader,
                fallback=fallback or iter(()),
                limits=limits,
                prices=prices,
            )
            answer = yield from self._answer(call)
            succeeded = True
        except BaseException as error:
            observed.end(error, getattr(error, "partial", None))
            raise
        finally:
            self.admission.budget.end(succeeded=succeeded)
        if not observed.observers:
            return answer
        if isinstance(answer, Reply):
            return structs.replace(answer, observed=observed)
        answer.observed = observed
        observed.opened()
        return answer

    def _answer(self, call: _Call) -> Flow[Reply | OpenBody]:
        """Make attempts until one gives an answer; report those that may have been billed, and after which another was made."""
        try:
            answer = yield from self._attempts(call)
        except BaseException as ended:
            for error, report in call.owed:
                if error is not ended:  # the call's own error is reported by its caller
                    self.usage.keep(report)
            raise
        if call.owed:
            for _, report in call.owed:
                self.usage.keep(report)
            for effect in self.usage.settle():
                yield from effect
        return answer

    def _attempts(self, call: _Call) -> Flow[Reply | OpenBody]:
        """Make attempts until one gives an answer."""
        error: KeybearerError | None = None
        while True:
            attempt = Attempt(
                call.draft,
                call.deadline,
                len(call.attempts) + 1,
                call.reader,
                call.refused,
                call.limits,
                call.prices,
                observed=call.observed,
            )
            begun = self.clocks.monotonic()
            try:
                outcome = yield from (call.through or self).attempt(attempt)
            except (DeadlineExceeded, CircuitOpen, SpendLimitExceeded) as held:
                if error is None:
                    raise
                raise _not_again(error, held) from None
            if not isinstance(outcome, KeybearerError):
                return outcome
            if call.refused is not None and outcome is call.refused.error:
                raise outcome  # there is no other credential to try
            error = outcome
            call.attempts.append(summary(error))
            call.tried += 1
            error.attempts = tuple(call.attempts)
            if not attempt.stale:
                call.owed += self.usage.retried(call.draft, error, seconds=self.clocks.monotonic() - begun)
            delay, model = self._next(call, error, attempt)
            if delay is None:  # refused; the provider may return another credential
                continue
            if delay:
                call.attempts[-1] += f", waited {format_seconds(delay)}"
            planned = RetryPlanned(
                error=error,
                attempt=len(call.attempts),
                delay=delay,
                model=model,
                stale=attempt.stale,
                call_id=call.observed.call_id,
            )
            yield from self.tell(call.observed, planned, call.deadline)
            if delay:
                yield from Sleep(delay)

    def _next(self, call: _Call, error: KeybearerError, attempt: Attempt) -> tuple[float | None, str | None]:
        """Return the wait before the next attempt, in seconds, and its model if it is another one; raise the error if none may follow.

        The wait is None if the next attempt is the same request with another credential.
        """
        if (
            (call.through or self).retry_on_401
            and call.refused is None
            and isinstance(error, AuthenticationFailed)
            and attempt.signed_with
        ):
            call.refused = Refused(error, attempt.signed_with)
            return None, None
        if call.draft.look_first and in_doubt(error):
            raise _may_be_made(error, call.draft.look_first)
        if attempt.stale and not call.resent:
            call.resent = True  # the service had closed the idle connection: nothing was carried out
            self._draw(error)
            return 0.0, None
        if isinstance(error, Overloaded) and (other := self._other(call)) is not None:
            # A caller that names other models prefers an answer from one of them to waiting.
            self._draw(error)
            call.draft, call.through = other.draft, other.through
            call.tried, call.backoff = 0, 0.0
            call.refused = None  # another provider's credential may be refreshed as well, once
            return 0.0, other.model
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

    def _other(self, call: _Call) -> Other | None:
        """Return the next model to ask, whose provider offers what the request asks for; None where none is left."""
        for other in call.fallback:
            destination = (other.through or self).destination
            try:
                if destination is not None:
                    destination.check(other.draft)
            except UsageError as lacking:
                _log.warning("on_overload: %s is not asked: %s", other.model, lacking.message)
            else:
                return other
        return None

    def _draw(self, error: KeybearerError) -> None:
        """Take a retry from the budget; raise the error if none is left."""
        if not self.admission.budget.take():
            error.hint = f"Not tried again: too many calls failed, and this client's retry budget is spent. {error.hint}".rstrip()
            raise error


class _Call(Struct, kw_only=True):
    """The state of one call between its attempts.

    Attributes:
        draft: The request to send now; after an overload, the one to another model.
        deadline: When the call must have ended.
        policy: The retry policy, limited by `max_retries`.
        reader: Makes the reader of an open stream.
        fallback: The other models that are left, each with its draft.
        through: What sends the request now, where that is another provider's.
        limits: The spend limits.
        prices: The prices; None for the public ones.
        attempts: The failed attempts, in words.
        owed: The reports of those that may have been billed, each with its error.
        tried: How often `draft` was sent.
        backoff: The last backoff, in seconds.
        refused: The refusal (401) after which another credential of the same provider is tried.
        resent: Whether the request was sent again because a kept-alive connection was stale.
        observed: The call, as the observers follow it.
    """

    draft: Draft
    deadline: Deadline
    policy: RetryPolicy
    reader: MakeReader | None
    fallback: Iterator[Other]
    through: Exchange | None = None
    limits: Sequence[SpendPort] = ()
    prices: PriceTable | None = None
    attempts: list[str] = field(default_factory=list)
    owed: list[tuple[KeybearerError, UsageReported]] = field(default_factory=list)
    tried: int = 0
    backoff: float = 0.0
    refused: Refused | None = None
    resent: bool = False
    observed: ObservedCall = UNOBSERVED


def _not_again(error: KeybearerError, held: KeybearerError) -> KeybearerError:
    """Return an attempt's error with a hint that says why no other attempt follows."""
    error.hint = f"Not tried again: {held.message[0].lower()}{held.message[1:]}"
    return error


def _may_be_made(error: KeybearerError, look_first: str) -> KeybearerError:
    """Return the error of a request in doubt, with a hint that says where to look before it is sent again."""
    error.retryable = False
    error.hint = (
        f"Not tried again: the service may have carried it out, and would do so twice. Look for it first: {look_first}. {error.hint}"
    ).rstrip()
    return error
