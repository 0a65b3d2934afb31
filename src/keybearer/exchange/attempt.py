"""One attempt of a request: wait for admission, sign, send, and classify the reply.

Contract: an attempt returns an answer, or the error that ended it, as a value; `keybearer.exchange.request` decides whether another
attempt follows. However an attempt ends, its permit is released once (for a stream, by its lease), and the circuit breaker is informed
once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct, field, structs

from keybearer.credentials.credential import Credential, CredentialProvider
from keybearer.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    CredentialInvalid,
    DeadlineExceeded,
    KeybearerError,
    StreamError,
    TransportError,
)
from keybearer.exchange.admission import Admission
from keybearer.exchange.classify_reply import classify_reply, describe_refusal
from keybearer.exchange.lease import Lease, OpenBody
from keybearer.exchange.observing import LOG, UNOBSERVED, ObservedCall, Observers
from keybearer.exchange.usage import UsageReports
from keybearer.flow import HOOK_TIMEOUT, Blocking, CallHook, Clocks, Expired, Flow, ReadUntil, Send, within
from keybearer.policy.deadline import Deadline, format_seconds
from keybearer.policy.retry import RetryPolicy
from keybearer.types.hooks import Hook, Hooks, RequestSent, ResponseReceived
from keybearer.types.http import PROVIDER, Draft, Headers, Reply, Request
from keybearer.types.rate_limits import RateLimits

if TYPE_CHECKING:
    from keybearer.exchange.fleet import FleetPort, Leased
    from keybearer.exchange.spending import Hold, SpendPort
    from keybearer.prices import PriceTable
    from keybearer.providers.destination import Destination
    from keybearer.wire.response.reader import StreamReader

__all__ = ["LARGE", "Attempt", "Attempts", "MakeReader", "Refused", "apart"]

T = TypeVar("T")

MakeReader: TypeAlias = "Callable[[Reply], StreamReader]"
"""Makes the reader of an open stream."""

STALE: Final = 0.5
"""How soon a kept-alive connection fails if the service had closed it, in seconds. After that, the service may have carried out
the request."""


AGED: Final = 1.0
"""A credential that has waited longer than this for a lease is asked for again, in seconds: it may have been refreshed."""


LARGE: Final = 1 << 20
"""A body larger than this is read, put into a platform's form and hashed in a thread, in bytes: a megabyte takes some milliseconds,
in which an event loop would do nothing else."""


def apart(draft: Draft, function: Callable[[], T]) -> Flow[T]:
    """Call a function that reads a draft's whole body; for a large one in a thread, where a driver awaits."""
    if draft.size <= LARGE:
        return function()
    done: T = yield Blocking(function)
    return done


class Refused(NamedTuple):
    """A refusal (401), and the credential that was refused."""

    error: KeybearerError
    credential: Credential


class Attempt(Struct):
    """One attempt of a call.

    Attributes:
        draft: The request.
        deadline: The call's deadline.
        number: Its number, from 1.
        reader: Makes the reader of an open stream.
        refused: The refusal (401) of an earlier attempt, whose token is not sent again; None without one.
        limits: The spend limits of the call.
        prices: The prices of the call; None for the public ones.
        hold: What is reserved under the limits; None without any.
        leased: What it has of a fleet's limits; None without any.
        probe: The number of the circuit breaker's probe, if the attempt is one; else 0.
        signed_with: The credential that it was signed with, if that can be refreshed; else None.
        answered: Whether a reply came.
        ended: Whether its end was reported to the breaker.
        stale: Whether it failed because the other side had closed the kept-alive connection (RFC 9112, section 9.3.1).
        observed: The call, as the observers follow it.
    """

    draft: Draft
    deadline: Deadline
    number: int
    reader: MakeReader | None
    refused: Refused | None
    limits: Sequence[SpendPort] = ()
    prices: PriceTable | None = None
    hold: Hold | None = None
    leased: Leased | None = None
    probe: int = 0
    signed_with: Credential | None = None
    answered: bool = False
    ended: bool = False
    stale: bool = False
    observed: ObservedCall = UNOBSERVED


class Attempts(Struct, frozen=True, kw_only=True):
    """Makes the attempts of one client's requests.

    Attributes:
        credentials: Returns the credential for a request.
        admission: The admission control of the client.
        clocks: Clocks and randomness.
        hooks: The client's hooks.
        observers: The client's observers; None for none.
        usage: Reports the usage of messages.
        retry: Which failed requests are sent again, and when.
        destination: The platform that serves them; None for the API itself.
        provider: The provider's name, for `Message.provider`; empty for Anthropic's own API.
    """

    credentials: CredentialProvider
    admission: Admission
    clocks: Clocks
    retry: RetryPolicy
    hooks: Hooks = Hooks()
    observers: Observers | None = None
    usage: UsageReports = field(default_factory=UsageReports)
    destination: Destination | None = None
    provider: str = ""

    def begin(self, draft: Draft, run_id: str) -> ObservedCall:
        """Begin a call for the observers."""
        if self.observers is None:
            return UNOBSERVED
        return self.observers.begin(draft, provider=self.provider, run_id=run_id)

    def tell(self, observed: ObservedCall, event: Any, deadline: Deadline) -> Flow[None]:
        """Tell the log, the observers and the hook of something."""
        observed.tell(event)
        if (hook := self.hooks.of(event)) is not None:
            yield from self.call_hook(hook, event, deadline)

    def attempt(self, attempt: Attempt) -> Flow[Reply | OpenBody | KeybearerError]:
        """Wait for admission and send once; return the answer, or the error that ended the attempt."""
        if not attempt.limits:
            return (yield from self._admitted(attempt))
        from keybearer.exchange.spending import reserve, settle_outcome

        begun = self.clocks.monotonic()
        attempt.hold = yield from reserve(attempt.limits, attempt.draft, attempt.prices, attempt.deadline, self.clocks)
        attempt.observed.waited("spend", self.clocks.monotonic() - begun)
        outcome = None
        try:
            outcome = yield from self._admitted(attempt)
            return outcome
        finally:
            settle_outcome(attempt.hold, outcome)

    def _admitted(self, attempt: Attempt) -> Flow[Reply | OpenBody | KeybearerError]:
        """Wait for admission and send."""
        admission = self.admission
        attempt.probe = yield from admission.admit(
            attempt.deadline,
            self.clocks,
            patience=attempt.draft.timeouts.first_byte,
            waited=attempt.observed.waited if attempt.observed.observers else None,
        )
        held = True
        try:
            outcome = yield from self._sent(attempt)
            if isinstance(outcome, OpenBody):  # it releases its permit and its lease itself
                held, outcome.leased = False, attempt.leased
            return outcome
        finally:
            if not attempt.ended:
                admission.given_up(attempt.probe)
            if not attempt.answered:
                admission.unanswered(self.clocks)
            if held:
                admission.release()
                if attempt.leased is not None:
                    attempt.leased.release()

    def _sent(self, attempt: Attempt) -> Flow[Reply | OpenBody | KeybearerError]:
        """Sign, send and classify."""
        credential = yield from self._credential(attempt.deadline)
        if attempt.refused is not None and credential.token_id == attempt.refused.credential.token_id:
            return attempt.refused.error
        if self.admission.fleet is not None:
            credential = yield from self._lease(self.admission.fleet, attempt, credential)
        if credential.signer.refreshable:
            attempt.signed_with = credential
        request = yield from self._signed(attempt.draft, credential, attempt.deadline)
        if self.hooks.on_request or attempt.observed.observers:
            request = yield from self._announced(request, attempt, credential)
        if not attempt.observed.observers:
            return (yield from self._made(request, attempt, credential))
        begun = self.clocks.monotonic()
        try:
            outcome = yield from self._made(request, attempt, credential)
        except BaseException as error:
            attempt.observed.attempted(attempt.number, self.clocks.monotonic() - begun, error)
            raise
        failed = outcome if isinstance(outcome, KeybearerError) else None
        attempt.observed.attempted(attempt.number, self.clocks.monotonic() - begun, failed)
        return outcome

    def _announced(self, request: Request, attempt: Attempt, credential: Credential) -> Flow[Request]:
        """Tell of a request that is about to be sent; return it with the headers that an observer has added."""
        sent = RequestSent(
            method=request.method,
            url=request.url,
            attempt=attempt.number,
            source=credential.source,
            size=request.size,
            call_id=attempt.observed.call_id,
        )
        attempt.observed.sent()
        yield from self.tell(attempt.observed, sent, attempt.deadline)
        if not sent.headers:
            return request
        added = {name.lower(): value for name, value in sent.headers.items()}
        return structs.replace(request, headers={**added, **request.headers})

    def _made(
        self, request: Request, attempt: Attempt, credential: Credential
    ) -> Flow[Reply | OpenBody | KeybearerError]:
        """Send a signed request, and classify its reply."""
        if attempt.hold is not None:
            yield from self._mark_sent(attempt.hold, attempt.observed, attempt.deadline)
        begun = self.clocks.monotonic()
        outcome: Reply | OpenBody | KeybearerError
        try:
            reply = yield from Send(request)
        except TransportError as failed:
            from keybearer.exchange.failure import sent_request

            failed.request = sent_request(request, credential)
            outcome = failed
            attempt.stale = _is_stale(failed, self.clocks.monotonic() - begun)
        else:
            attempt.answered = True
            yield from self._report(reply, request, attempt, begun)
            outcome = yield from self._outcome(self._read(reply), attempt, credential, request)
        if not attempt.stale:  # a stale connection says nothing about the service
            self._concluded(attempt, outcome)
        return outcome

    def _concluded(self, attempt: Attempt, outcome: Reply | OpenBody | KeybearerError) -> None:
        """Record how an attempt ended."""
        error = outcome if isinstance(outcome, KeybearerError) else None
        self.admission.ended(error, attempt.probe, self.clocks)
        attempt.ended = True
        if error is not None and attempt.leased is not None:
            attempt.leased.failed(error, self.clocks)

    def _lease(self, fleet: FleetPort, attempt: Attempt, credential: Credential) -> Flow[Credential]:
        """Wait for a lease of the fleet's limits; return the credential, which may be another one by then."""
        from keybearer.exchange.fleet import take_lease

        begun = self.clocks.monotonic()
        attempt.leased = yield from take_lease(
            fleet,
            attempt.draft,
            credential,
            deadline=attempt.deadline,
            clocks=self.clocks,
            hook=self.hooks.on_fleet,
            observed=attempt.observed,
        )
        waited = self.clocks.monotonic() - begun
        attempt.observed.waited("fleet", waited)
        return (yield from self._credential(attempt.deadline)) if waited > AGED else credential

    def _credential(self, deadline: Deadline) -> Flow[Credential]:
        """Return the credential. A wait for a refresh ends at the deadline; the refresh itself continues."""

        def remaining() -> float:
            return deadline.remaining(self.clocks.monotonic())

        try:
            return (yield from within(self.credentials.current(), remaining))
        except Expired:
            pass
        raise DeadlineExceeded(
            f"The credential was not refreshed within the call's {format_seconds(deadline.limit)}.",
            hint="The refresh goes on; try again, or give the call more time with timeout=...",
        )

    def _signed(self, draft: Draft, credential: Credential, deadline: Deadline) -> Flow[Request]:
        """Put the draft into the platform's form and sign it, with the time that is left as its total limit."""
        now = self.clocks.monotonic()
        left = deadline.remaining(now)
        if left <= 0:
            deadline.check(0.0, now, "Getting this far")
        total = left if deadline.limit < float("inf") else None
        timeouts = structs.replace(draft.timeouts, total=total)
        draft, to = structs.replace(draft, timeouts=timeouts, deadline=draft.timeouts.total), self.destination
        if to is None:
            return credential.sign(draft)
        return (yield from apart(draft, lambda: credential.sign(to.place(draft))))

    def _read(self, reply: Reply) -> Reply:
        """Return a reply in the API's own form, with the provider's name."""
        if self.destination is not None:
            reply = self.destination.read(reply, self.clocks.wall())
        if not self.provider:
            return reply
        return structs.replace(reply, headers=Headers([*reply.headers.pairs, (PROVIDER, self.provider)]))

    def _mark_sent(self, hold: Hold, observed: ObservedCall, deadline: Deadline) -> Flow[None]:
        """Report the spend limits whose alert threshold is crossed now, and record that the request is sent."""
        for each in hold.crossed():
            yield from self.tell(observed, each, deadline)
        yield from hold.send()

    def call_hook(self, hook: Hook, value: Any, deadline: Deadline) -> CallHook:
        """Return the effect that calls a hook; an awaited one is cancelled at the call's deadline."""
        return CallHook(hook, value, min(HOOK_TIMEOUT, max(0.0, deadline.remaining(self.clocks.monotonic()))))

    def _report(self, reply: Reply, request: Request, attempt: Attempt, begun: float) -> Flow[None]:
        """Record a reply's rate limits, and tell of it and of the limits."""
        observed, received = attempt.observed, None
        if self.hooks.on_response or observed.observers or LOG.hears_replies():
            received = ResponseReceived(
                url=request.url,
                status=reply.status,
                request_id=reply.headers.get("request-id"),
                attempt=attempt.number,
                seconds=self.clocks.monotonic() - begun,
                limits=RateLimits.from_headers(reply.headers),
                method=request.method,
                call_id=observed.call_id,
                organization=reply.headers.get("anthropic-organization-id"),
                workspace=reply.headers.get("anthropic-workspace-id"),
            )
            observed.tell(received)
        crossed = self.admission.record_limits(reply, self.clocks)
        if attempt.leased is not None:
            attempt.leased.replied(reply, self.clocks)
        for each in crossed:
            yield from self.tell(observed, each, attempt.deadline)
        if self.hooks.on_response:
            yield from self.call_hook(self.hooks.on_response, received, attempt.deadline)

    def _outcome(
        self, reply: Reply, attempt: Attempt, credential: Credential, request: Request
    ) -> Flow[Reply | OpenBody | KeybearerError]:
        """Classify a reply, and read a stream up to its first content."""
        draft = attempt.draft
        error = classify_reply(
            reply, stream=draft.stream, now=self.clocks.wall(), rate_limit_delay=self.retry.rate_limit_delay
        )
        replied = getattr(self.credentials, "replied", None)
        if replied is not None:  # a provider with several credentials goes by what each one's replies say
            replied(credential, RateLimits.from_headers(reply.headers), error)
        if isinstance(error, CredentialInvalid):
            describe_refusal(error, credential)
            if isinstance(error, AuthenticationFailed):
                self.credentials.rejected(credential)
        if error is not None:
            from keybearer.exchange.failure import attach

            attach(error, request, reply, credential)
            return error
        asked = structs.replace(request, body=b"", upload=None)  # what came does not keep what was sent

        def describe(error: KeybearerError, reply: Reply) -> None:
            from keybearer.exchange.failure import attach

            attach(error, asked, reply, credential)

        if reply.stream is None:
            return structs.replace(reply, describe=describe)
        if attempt.reader is None:
            return OpenBody(reply, self.admission)
        reading = attempt.reader(reply)
        reading.accumulator.describe = lambda error: describe(error, reply)
        try:
            yield from ReadUntil(reply.stream, reading.read_preamble, draft.timeouts.progress)
        except StreamError as failed:
            return failed
        except TransportError as failed:
            return reading.cut(failed)
        progress = draft.timeouts.progress
        return Lease(reply, reading, progress=progress, admission=self.admission, usage=self.usage)


def _is_stale(error: TransportError, seconds: float) -> bool:
    broken = error.reused and isinstance(error, ConnectionFailed) and error.phase in {"send", "first_byte"}
    return broken and seconds < STALE
