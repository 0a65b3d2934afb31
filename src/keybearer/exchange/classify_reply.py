"""Decide whether a reply is an answer or which error it is.

Strategy: the tables of `keybearer.wire.response.errors` choose the error's class. This module adds the times and rate limits from the
reply's headers, and which credential was refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from keybearer.credentials.credential import Credential
from keybearer.errors import (
    APIError,
    AuthenticationFailed,
    CredentialInvalid,
    KeybearerError,
    QuotaExceeded,
    RateLimited,
    ServerError,
    UnexpectedResponse,
)
from keybearer.errors.sanitize import excerpt, sanitize
from keybearer.policy.retry_hints import retry_after
from keybearer.types.http import Reply, media_type
from keybearer.types.rate_limits import RateLimits
from keybearer.wire.json import loads
from keybearer.wire.response.errors import api_error

__all__ = ["classify_reply", "describe_refusal", "format_time", "not_the_api"]

MOST_TEXT: Final = 64 << 10
"""How much is kept of an error's body that is not JSON, in bytes."""


def classify_reply(
    reply: Reply, *, stream: bool, now: float, rate_limit_delay: float = RateLimited.retry_after
) -> KeybearerError | None:
    """Return the error that a reply is; None for an answer.

    Args:
        reply: The reply.
        stream: Whether an event stream was asked for.
        now: The time in epoch seconds.
        rate_limit_delay: The wait of a 429 that names none, in seconds.
    """
    content_type = media_type(reply.headers)
    if 200 <= reply.status < 300:
        if reply.status == 204:
            return None  # it has no body
        # Some gateways answer with JSON even to a request for a stream; the caller decides whether to accept that.
        usable = reply.stream is not None or content_type == "application/json" or content_type.endswith("+json")
        return None if usable else _unexpected(reply, content_type, stream=stream)
    if reply.status < 400:
        return _unexpected(reply, content_type, stream=stream)
    try:
        body = loads(reply.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = reply.body[:MOST_TEXT].decode(errors="replace")  # a proxy's page, or a gateway's text
    error = api_error(reply.status, body, reply.headers)
    if isinstance(error, RateLimited):
        error.retry_after = rate_limit_delay
    _add_times(error, RateLimits.from_headers(reply.headers), retry_after(reply.headers, now), now)
    return error


def _add_times(error: APIError, limits: RateLimits | None, wait: float | None, now: float) -> None:
    """Set on an error when the request may be retried, and the rate limits in the reply."""
    if isinstance(error, RateLimited):
        error.limits = limits
        error.retry_after = error.retry_after if wait is None else wait
    elif isinstance(error, ServerError):
        error.retry_after = wait
    elif isinstance(error, QuotaExceeded):
        error.limits = limits
        error.resets_at = (limits.reset if limits else None) or (now + wait if wait is not None else None)
        if error.resets_at is not None:
            error.hint = f"It resets {format_time(error.resets_at, now)}. Trying again before then does not help."


def format_time(at: float, now: float) -> str:
    """Format a time, in epoch seconds, with how long it is until then."""
    try:
        time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "at a time that makes no sense"
    minutes = max(0, round((at - now) / 60))
    days, hours = divmod(minutes // 60, 24)
    parts = [f"{days} d" * bool(days), f"{hours} h" * bool(hours), f"{minutes % 60} min" * (not days)]
    return f"at {time} (in {' '.join(part for part in parts if part)})"


def describe_refusal(error: CredentialInvalid, credential: Credential) -> None:
    """Add to a refusal which credential it was and what to do."""
    signer = credential.signer
    error.kind, error.source = signer.kind, credential.source
    if isinstance(error, AuthenticationFailed):
        remedy = credential.remedy or "check that it is whole and not revoked."
        error.hint = f"The {signer.what} from {credential.source} was refused: {remedy}"
    elif error.type == "permission_error":  # the API's own error; a gateway's page says nothing about the credential
        error.hint = f"The {signer.what} from {credential.source} is valid but may not do this: check its workspace and its rights."


def _unexpected(reply: Reply, content_type: str, *, stream: bool) -> UnexpectedResponse:
    if 300 <= reply.status < 400:
        target = sanitize(reply.headers.get("location", "nowhere"), 200)
        what = f"a redirect to '{target}', which is not followed: it would carry the credential"
    else:
        due = "an event stream" if stream else "the API's JSON"
        what = f"{sanitize(content_type, 80) or 'no content type'} where {due} was due"
    return not_the_api(reply, what)


def not_the_api(reply: Reply, problem: str, *, show: bool = True) -> UnexpectedResponse:
    """Return the error for an answer that is not the API's.

    Args:
        reply: The reply.
        problem: What is wrong with it, as part of a sentence.
        show: Whether the message quotes the beginning of the body.
    """
    shown = excerpt(reply.body)
    begins = f" It begins: '{shown}'." if shown and show else ""
    error = UnexpectedResponse(
        f"The answer is not the API's: HTTP {reply.status}, {problem}.{begins}",
        status=reply.status,
        excerpt=shown,
        request_id=reply.headers.get("request-id"),
        hint="Check base_url, and any proxy in between.",
    )
    if reply.describe is not None:
        reply.describe(error, reply)
    return error
