"""One request's life: wait for its turn, sign, send, judge, retry or report.

Strategy: one flow. All it knows of the world it gets as arguments and effects; all judgement is in `keybearer.policy`, all
reading of replies in `keybearer.wire`.

    ┌──────────▶ wait for a place ─▶ credential ─▶ sign ─▶ Send ─▶ judge ─▶ done
    └── Sleep ◀─────────────────── worth another attempt ◀──────────┘  └──▶ typed error

Contract: every wait is under the call's deadline; a wait that would pass it ends the call now with the error that asked for it.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

from keybearer.credentials.base import Credential, CredentialProvider
from keybearer.errors import (
    AuthenticationFailed,
    CredentialInvalid,
    DeadlineExceeded,
    KeybearerError,
    QuotaExceeded,
    RateLimited,
    ServerError,
    TransportError,
    UnexpectedResponse,
)
from keybearer.flow import Ambient, Flow, Send, Sleep
from keybearer.policy.deadline import Deadline
from keybearer.policy.hints import retry_after
from keybearer.policy.limits import RateLimiter
from keybearer.policy.retry import RetryPolicy
from keybearer.types.http import Draft, Reply
from keybearer.wire.errors import api_error
from keybearer.wire.json import loads

__all__ = ["Exchange"]

EXCERPT: Final = 200
"""How much of a body that is not the API's an error shows, in characters."""


class Exchange(Struct, frozen=True, kw_only=True):
    """What the requests of one client share.

    Attributes:
        credentials: Gives the credential.
        limiter: The client's rate.
        retry: When to try again.
        ambient: Clocks and randomness.
        retry_on_401: Whether a refused OAuth token is refreshed and the request sent once more, instead of failing at once.
    """

    credentials: CredentialProvider
    limiter: RateLimiter
    retry: RetryPolicy
    ambient: Ambient
    retry_on_401: bool = False

    def send(self, draft: Draft, *, max_retries: int | None = None) -> Flow[Reply]:
        """Send a draft until it succeeds, is refused, or is not worth another attempt.

        Args:
            draft: The request; its `timeouts.total` is the call's deadline.
            max_retries: How often to try again at the most; None for what the policy says.

        Returns:
            The reply: status 200, with a JSON body or an open event stream.

        Raises:
            KeybearerError: In the flow; `attempts` says what was tried.
        """
        policy = self.retry.limited(max_retries)
        clock = self.ambient.monotonic
        deadline = Deadline.start(clock(), draft.timeouts.total)
        attempts: list[str] = []
        delay, renewed = 0.0, False
        while True:
            outcome = yield from self._attempt(draft, deadline)
            if isinstance(outcome, Reply):
                return outcome
            error = outcome
            attempts.append(_summary(error))
            error.attempts = tuple(attempts)
            if self.retry_on_401 and not renewed and isinstance(error, AuthenticationFailed) and error.kind == "oauth":
                renewed = True  # the provider knows that it was refused: the next attempt signs with another
                continue
            if not policy.allows(error, len(attempts)):
                raise error
            delay = policy.delay(error, delay, self.ambient.random())
            try:
                deadline.check(delay, clock(), "The wait before the next attempt")
            except DeadlineExceeded as late:
                error.hint = f"Not tried again: {late.message[0].lower()}{late.message[1:]}"
                raise error from None
            attempts[-1] += f", waited {delay:.1f} s"
            yield from Sleep(delay)

    def _attempt(self, draft: Draft, deadline: Deadline) -> Flow[Reply | KeybearerError]:
        """Send once; give the reply, or the error that ended the attempt."""
        yield from self._turn(deadline)
        credential = yield from self.credentials.current()
        now = self.ambient.monotonic()
        left = deadline.remaining(now)
        if left <= 0:
            deadline.check(0.0, now, "Getting to the first attempt")
        timeouts = structs.replace(draft.timeouts, total=left if deadline.limit < float("inf") else None)
        request = credential.sign(structs.replace(draft, timeouts=timeouts))
        try:
            reply = yield from Send(request)
        except TransportError as failed:
            return failed
        return self._error(reply, draft, credential) or reply

    def _turn(self, deadline: Deadline) -> Flow[None]:
        """Wait for a place under the client's rate."""
        now = self.ambient.monotonic()
        wait = self.limiter.reserve(now)
        if not wait:
            return
        try:
            deadline.check(wait, now, "Waiting for this client's rate limit")
            yield from Sleep(wait)
        except BaseException:
            self.limiter.give_back()
            raise

    def _error(self, reply: Reply, draft: Draft, credential: Credential) -> KeybearerError | None:
        """Return the error that a reply is; None for one to use."""
        content_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if reply.status == 200:
            wanted = "text/event-stream" if draft.stream else "application/json"
            return (
                None if content_type == wanted or content_type.endswith("+json") else _unexpected(reply, content_type)
            )
        if reply.status < 400:
            return _unexpected(reply, content_type)
        try:
            body = loads(reply.body)
        except ValueError:
            body = None
        if not isinstance(body, dict) and reply.status < 500 and reply.status not in {401, 403, 429}:
            return _unexpected(reply, content_type)
        error = api_error(reply.status, body, reply.headers)
        wait = retry_after(reply.headers, self.ambient.wall())
        if (isinstance(error, RateLimited) and wait is not None) or isinstance(error, ServerError):
            error.retry_after = wait
        elif isinstance(error, CredentialInvalid):
            self._explain(error, credential)
        elif isinstance(error, QuotaExceeded) and wait is not None:
            error.resets_at = self.ambient.wall() + wait
        return error

    def _explain(self, error: CredentialInvalid, credential: Credential) -> None:
        error.kind, error.source = credential.kind, credential.source
        what = "API key" if credential.kind == "api_key" else "OAuth token"
        if isinstance(error, AuthenticationFailed):
            self.credentials.rejected(credential)
            remedy = credential.remedy or "check that it is whole and not revoked."
            error.hint = f"The {what} from {credential.source} was refused: {remedy}"
        else:
            error.hint = (
                f"The {what} from {credential.source} is valid but may not do this: check its workspace and rights."
            )


def _summary(error: KeybearerError) -> str:
    status = getattr(error, "http_status", 0)
    return str(status) if status else f"{type(error).__name__} ({getattr(error, 'phase', '')})"


def _unexpected(reply: Reply, content_type: str) -> UnexpectedResponse:
    if 300 <= reply.status < 400:
        what = f"a redirect to {reply.headers.get('location', 'nowhere')!r}, which is not followed: it would carry the credential"
    else:
        what = f"{content_type or 'no content type'} where the API's JSON was due"
    excerpt = " ".join(reply.body[: 4 * EXCERPT].decode(errors="replace").split())[:EXCERPT]
    return UnexpectedResponse(
        f"The answer is not the API's: HTTP {reply.status}, {what}." + (f" It begins: {excerpt!r}." if excerpt else ""),
        status=reply.status,
        excerpt=excerpt,
        request_id=reply.headers.get("request-id"),
        hint="Check base_url, and any proxy in between.",
    )
