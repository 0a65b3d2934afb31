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
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, structs

from keybearer.credentials.base import Credential, CredentialProvider
from keybearer.errors import (
    AuthenticationFailed,
    CredentialInvalid,
    DeadlineExceeded,
    KeybearerError,
    Overloaded,
    StreamError,
    TransportError,
)
from keybearer.exchange.traffic import Traffic
from keybearer.exchange.verdict import explain, judge
from keybearer.flow import HOOK_LIMIT, Ambient, Flow, Notify, Prime, Send, Sleep, Wait
from keybearer.policy.deadline import Deadline, told
from keybearer.policy.retry import RetryPolicy
from keybearer.types.hooks import Hook, Hooks, RequestSent, ResponseReceived, RetryPlanned
from keybearer.types.http import Draft, Reply, Request
from keybearer.types.limits import RateLimits
from keybearer.types.secret import Secret

__all__ = ["Exchange", "Primed"]

_log = logging.getLogger("keybearer")


class Primed(Protocol):
    """What reads a stream: it is fed until its first content, before the caller sees anything."""

    def prime(self, chunk: bytes) -> bool:
        """Take a chunk, `b""` at the end; return whether the stream has content, or has ended."""
        ...

    def cut(self, failure: TransportError) -> KeybearerError:
        """Return the error for a stream that the transport could not read on."""
        ...


class _Refused(NamedTuple):
    """A refusal (401), and the token that it was for."""

    error: KeybearerError
    secret: Secret


class _Attempt(Struct):
    """One attempt of a call.

    Attributes:
        draft: The request.
        deadline: The call's.
        number: From 1.
        reader: Makes the reader of an open stream.
        refused: The refusal that it comes after, if it does: nothing is sent with the same token.
        signed_with: The OAuth token that it was signed with; None for an API key.
        answered: Whether a reply came.
        ended: Whether the breaker knows how it ended.
    """

    draft: Draft
    deadline: Deadline
    number: int
    reader: Callable[[Reply], Primed] | None
    refused: _Refused | None
    signed_with: Secret | None = None
    answered: bool = False
    ended: bool = False


class Exchange(Struct, frozen=True, kw_only=True):
    """What the requests of one client share.

    Attributes:
        credentials: Gives the credential.
        traffic: What holds requests back.
        retry: When to try again.
        ambient: Clocks and randomness.
        hooks: Who listens.
        retry_on_401: Whether an OAuth token that was refused is replaced, and the request sent once more.
    """

    credentials: CredentialProvider
    traffic: Traffic
    retry: RetryPolicy
    ambient: Ambient
    hooks: Hooks = Hooks()
    retry_on_401: bool = False

    def send(
        self,
        draft: Draft,
        *,
        deadline: Deadline | None = None,
        max_retries: int | None = None,
        reader: Callable[[Reply], Primed] | None = None,
        patient: bool = True,
    ) -> Flow[Reply]:
        """Send a draft until it succeeds, is refused, or is not worth another attempt.

        Args:
            draft: The request; its `timeouts.total` is the call's deadline.
            deadline: That deadline, where the call began before this request; None begins it now.
            max_retries: How often to try again at the most; None for what the policy says.
            patient: False does not wait for a service that is overloaded.
            reader: Makes the reader of an open stream; the reply has it, fed up to the first content.

        Returns:
            The reply: status 200, with a JSON body or an open event stream. Whoever gets a stream calls `Reply.release` once.

        Raises:
            KeybearerError: In the flow; `attempts` says what was tried.
        """
        policy = self.retry.limited(max_retries)
        clock = self.ambient.monotonic
        deadline = deadline or Deadline.start(clock(), draft.timeouts.total)
        attempts: list[str] = []
        delay = 0.0
        refused: _Refused | None = None
        self.traffic.budget.call()
        while True:
            attempt = _Attempt(draft, deadline, len(attempts) + 1, reader, refused)
            outcome = yield from self._attempt(attempt)
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
                refused = _Refused(error, attempt.signed_with)  # the provider knows: it may have another, or get one
                continue
            if not policy.allows(error, len(attempts)) or (not patient and isinstance(error, Overloaded)):
                raise error
            if not self.traffic.budget.take():
                error.hint = f"Not tried again: this client's retry budget is spent. {error.hint}".rstrip()
                raise error
            delay = policy.delay(error, delay, self.ambient.random())
            try:
                deadline.check(delay, clock(), "The wait before the next attempt")
            except DeadlineExceeded as late:
                error.hint = f"Not tried again: {late.message[0].lower()}{late.message[1:]}"
                raise error from None
            attempts[-1] += f", waited {told(delay)}"
            _log.warning("attempt %d: %s; the next in %s", len(attempts), _summary(error), told(delay))
            if self.hooks.on_retry:
                planned = RetryPlanned(error=error, attempt=len(attempts), delay=delay)
                yield from self._tell(self.hooks.on_retry, planned, deadline)
            yield from Sleep(delay)

    def _attempt(self, attempt: _Attempt) -> Flow[Reply | KeybearerError]:
        """Wait for a turn and send once; give the reply, or the error that ended the attempt."""
        traffic = self.traffic
        probe = yield from traffic.admit(attempt.deadline, self.ambient)
        held = True
        try:
            outcome = yield from self._sent(attempt)
            if isinstance(outcome, Reply) and outcome.stream is not None:
                held, outcome = False, structs.replace(outcome, release=traffic.leave, forgotten=traffic.leave_later)
            return outcome
        finally:
            if probe and traffic.breaker and not attempt.ended:
                traffic.breaker.abandon()
            if traffic.pacer and not attempt.answered:
                traffic.pacer.done(None, self.ambient.wall())
            if held:
                traffic.leave()

    def _sent(self, attempt: _Attempt) -> Flow[Reply | KeybearerError]:
        """Sign, send and judge."""
        credential = yield from self._credential(attempt.deadline)
        if attempt.refused is not None and credential.secret == attempt.refused.secret:
            return attempt.refused.error
        if credential.kind == "oauth":
            attempt.signed_with = credential.secret
        request = self._signed(attempt.draft, credential, attempt.deadline)
        if self.hooks.on_request:
            sent = RequestSent(
                method=request.method,
                url=request.url,
                attempt=attempt.number,
                source=credential.source,
                size=len(request.body),
            )
            yield from self._tell(self.hooks.on_request, sent, attempt.deadline)
        begun = self.ambient.monotonic()
        outcome: Reply | KeybearerError
        try:
            reply = yield from Send(request)
        except TransportError as failed:
            outcome = failed
        else:
            attempt.answered = True
            yield from self._told(reply, request, attempt, begun)
            outcome = yield from self._outcome(reply, attempt, credential)
        self.traffic.ended(outcome if isinstance(outcome, KeybearerError) else None, self.ambient)
        attempt.ended = True
        return outcome

    def _credential(self, deadline: Deadline) -> Flow[Credential]:
        """Give the credential; a wait for a refresh is under the deadline, and the refresh goes on without us."""
        flow = self.credentials.current()
        try:
            effect = next(flow)
            while True:
                if waits := isinstance(effect, Wait) and deadline.limit < float("inf"):
                    effect = Wait(effect.future, deadline.remaining(self.ambient.monotonic()))
                try:
                    result = yield effect
                except TimeoutError as late:
                    if waits:
                        flow.close()
                        raise DeadlineExceeded(
                            f"The credential was not refreshed within the call's {told(deadline.limit)}.",
                            hint="The refresh goes on; try again, or give the call more time with timeout=...",
                        ) from None
                    effect = flow.throw(late)
                except BaseException as error:  # noqa: BLE001 - the provider's flow decides
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            credential: Credential = end.value
            return credential

    def _signed(self, draft: Draft, credential: Credential, deadline: Deadline) -> Request:
        """Return the request, with what is left of the deadline."""
        now = self.ambient.monotonic()
        left = deadline.remaining(now)
        if left <= 0:
            deadline.check(0.0, now, "Getting this far")
        total = left if deadline.limit < float("inf") else None
        timeouts = structs.replace(draft.timeouts, total=total)
        return credential.sign(structs.replace(draft, timeouts=timeouts, deadline=draft.timeouts.total))

    def _tell(self, hook: Hook, value: Any, deadline: Deadline) -> Notify:
        """Return the effect that calls a hook; one that is awaited ends with the call at the latest."""
        return Notify(hook, value, min(HOOK_LIMIT, max(0.0, deadline.remaining(self.ambient.monotonic()))))

    def _told(self, reply: Reply, request: Request, attempt: _Attempt, begun: float) -> Flow[None]:
        """Tell the log, the limits and the hooks of a reply."""
        seconds = self.ambient.monotonic() - begun
        request_id = reply.headers.get("request-id")
        _log.debug(
            "%s %s: %d in %.3f s, attempt %d [%s]",
            request.method,
            request.url,
            reply.status,
            seconds,
            attempt.number,
            request_id,
        )
        crossed = self.traffic.told(reply, self.ambient.wall())
        if self.hooks.on_limit:
            for each in crossed:
                yield from self._tell(self.hooks.on_limit, each, attempt.deadline)
        if self.hooks.on_response:
            received = ResponseReceived(
                url=request.url,
                status=reply.status,
                request_id=request_id,
                attempt=attempt.number,
                seconds=seconds,
                limits=RateLimits.from_headers(reply.headers),
            )
            yield from self._tell(self.hooks.on_response, received, attempt.deadline)

    def _outcome(self, reply: Reply, attempt: _Attempt, credential: Credential) -> Flow[Reply | KeybearerError]:
        """Judge a reply; read a stream up to its first content."""
        draft = attempt.draft
        error = judge(reply, stream=draft.stream, now=self.ambient.wall())
        if isinstance(error, CredentialInvalid):
            explain(error, credential)
            if isinstance(error, AuthenticationFailed):
                self.credentials.rejected(credential)
        if error is not None:
            return error
        if reply.stream is None or attempt.reader is None:
            return reply
        reading = attempt.reader(reply)
        try:
            yield from Prime(reply, reading.prime, draft.timeouts.progress)
        except StreamError as failed:
            return failed
        except TransportError as failed:
            return reading.cut(failed)
        return structs.replace(reply, reader=reading)


def _summary(error: KeybearerError) -> str:
    status = getattr(error, "http_status", 0)
    return str(status) if status else f"{type(error).__name__} ({getattr(error, 'phase', '') or 'stream'})"
