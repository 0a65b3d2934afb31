"""One attempt of a request: wait for a turn, sign, send, and classify what came.

Contract: an attempt gives a reply that can be used, or the error that ended it, as a value: whether another follows is decided in
`keybearer.exchange.request`. However it ends, its place is given back and the circuit breaker hears of it, once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, structs

from keybearer.credentials.credential import Credential, CredentialProvider
from keybearer.errors import (
    AuthenticationFailed,
    CredentialInvalid,
    DeadlineExceeded,
    KeybearerError,
    StreamError,
    TransportError,
)
from keybearer.exchange.admission import Admission
from keybearer.exchange.classify_reply import classify_reply, explain
from keybearer.flow import HOOK_TIMEOUT, CallHook, Clocks, Flow, ReadUntil, Send, Wait
from keybearer.policy.deadline import Deadline, format_seconds
from keybearer.types.hooks import Hook, Hooks, RequestSent, ResponseReceived
from keybearer.types.http import Draft, Reply, Request
from keybearer.types.rate_limits import RateLimits

__all__ = ["Attempt", "Attempts", "PreambleReader", "Refused"]

_log = logging.getLogger("keybearer")


class PreambleReader(Protocol):
    """What reads a stream: it is fed until its first content, before the caller sees anything."""

    def read_preamble(self, chunk: bytes) -> bool:
        """Take a chunk, `b""` at the end; return whether the stream has content, or has ended."""
        ...

    def cut(self, failure: TransportError) -> KeybearerError:
        """Return the error for a stream that the transport could not read on."""
        ...


class Refused(NamedTuple):
    """A refusal (401), and the credential that was refused."""

    error: KeybearerError
    credential: Credential


class Attempt(Struct):
    """One attempt of a call.

    Attributes:
        draft: The request.
        deadline: The call's.
        number: From 1.
        reader: Makes the reader of an open stream.
        refused: The refusal that it comes after, if it does: nothing is sent with the same token.
        probe: The number of the circuit breaker's probe, where it is that; else 0.
        signed_with: The credential that it was signed with, if that can be refreshed.
        answered: Whether a reply came.
        ended: Whether the breaker knows how it ended.
    """

    draft: Draft
    deadline: Deadline
    number: int
    reader: Callable[[Reply], PreambleReader] | None
    refused: Refused | None
    probe: int = 0
    signed_with: Credential | None = None
    answered: bool = False
    ended: bool = False


class Attempts(Struct, frozen=True, kw_only=True):
    """What the attempts of one client's requests share.

    Attributes:
        credentials: Gives the credential.
        admission: What holds requests back.
        clocks: Clocks and randomness.
        hooks: Who listens.
    """

    credentials: CredentialProvider
    admission: Admission
    clocks: Clocks
    hooks: Hooks = Hooks()

    def attempt(self, attempt: Attempt) -> Flow[Reply | KeybearerError]:
        """Wait for a turn and send once; give the reply, or the error that ended the attempt."""
        admission = self.admission
        attempt.probe = yield from admission.admit(attempt.deadline, self.clocks)
        held = True
        try:
            outcome = yield from self._sent(attempt)
            if isinstance(outcome, Reply) and outcome.stream is not None:
                held, outcome = (
                    False,
                    structs.replace(outcome, release=admission.release, forgotten=admission.release_later),
                )
            return outcome
        finally:
            if not attempt.ended:
                admission.given_up(attempt.probe)
            if not attempt.answered:
                admission.unanswered(self.clocks)
            if held:
                admission.release()

    def _sent(self, attempt: Attempt) -> Flow[Reply | KeybearerError]:
        """Sign, send and judge."""
        credential = yield from self._credential(attempt.deadline)
        if attempt.refused is not None and credential.token_id == attempt.refused.credential.token_id:
            return attempt.refused.error
        if credential.signer.refreshable:
            attempt.signed_with = credential
        request = self._signed(attempt.draft, credential, attempt.deadline)
        if self.hooks.on_request:
            sent = RequestSent(
                method=request.method,
                url=request.url,
                attempt=attempt.number,
                source=credential.source,
                size=len(request.body),
            )
            yield from self.tell(self.hooks.on_request, sent, attempt.deadline)
        begun = self.clocks.monotonic()
        outcome: Reply | KeybearerError
        try:
            reply = yield from Send(request)
        except TransportError as failed:
            outcome = failed
        else:
            attempt.answered = True
            yield from self._report(reply, request, attempt, begun)
            outcome = yield from self._outcome(reply, attempt, credential)
        self.admission.ended(outcome if isinstance(outcome, KeybearerError) else None, attempt.probe, self.clocks)
        attempt.ended = True
        return outcome

    def _credential(self, deadline: Deadline) -> Flow[Credential]:
        """Give the credential; a wait for a refresh is under the deadline, and the refresh goes on without us."""
        flow = self.credentials.current()
        try:
            effect = next(flow)
            while True:
                if waits := isinstance(effect, Wait) and deadline.limit < float("inf"):
                    effect = Wait(effect.future, deadline.remaining(self.clocks.monotonic()))
                try:
                    result = yield effect
                except TimeoutError as late:
                    if waits:
                        flow.close()
                        raise DeadlineExceeded(
                            f"The credential was not refreshed within the call's {format_seconds(deadline.limit)}.",
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
        now = self.clocks.monotonic()
        left = deadline.remaining(now)
        if left <= 0:
            deadline.check(0.0, now, "Getting this far")
        total = left if deadline.limit < float("inf") else None
        timeouts = structs.replace(draft.timeouts, total=total)
        return credential.sign(structs.replace(draft, timeouts=timeouts, deadline=draft.timeouts.total))

    def tell(self, hook: Hook, value: Any, deadline: Deadline) -> CallHook:
        """Return the effect that calls a hook; one that is awaited ends with the call at the latest."""
        return CallHook(hook, value, min(HOOK_TIMEOUT, max(0.0, deadline.remaining(self.clocks.monotonic()))))

    def _report(self, reply: Reply, request: Request, attempt: Attempt, begun: float) -> Flow[None]:
        """Log the reply, record its rate limits, and call the hooks."""
        seconds = self.clocks.monotonic() - begun
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
        crossed = self.admission.record_limits(reply, self.clocks)
        if self.hooks.on_limit:
            for each in crossed:
                yield from self.tell(self.hooks.on_limit, each, attempt.deadline)
        if self.hooks.on_response:
            received = ResponseReceived(
                url=request.url,
                status=reply.status,
                request_id=request_id,
                attempt=attempt.number,
                seconds=seconds,
                limits=RateLimits.from_headers(reply.headers),
            )
            yield from self.tell(self.hooks.on_response, received, attempt.deadline)

    def _outcome(self, reply: Reply, attempt: Attempt, credential: Credential) -> Flow[Reply | KeybearerError]:
        """Judge a reply; read a stream up to its first content."""
        draft = attempt.draft
        error = classify_reply(reply, stream=draft.stream, now=self.clocks.wall())
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
            yield from ReadUntil(reply, reading.read_preamble, draft.timeouts.progress)
        except StreamError as failed:
            return failed
        except TransportError as failed:
            return reading.cut(failed)
        return structs.replace(reply, reader=reading)
