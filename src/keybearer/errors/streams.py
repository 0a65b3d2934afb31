"""Errors of a stream that did not become a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybearer.errors.base import KeybearerError
from keybearer.errors.service import (
    APIError,
    CredentialInvalid,
    InvalidRequest,
    Overloaded,
    QuotaExceeded,
    RateLimited,
    ServerError,
    TimedOut,
)

if TYPE_CHECKING:
    from keybearer.types.messages import Message

__all__ = [
    "StreamAPIError",
    "StreamCredentialInvalid",
    "StreamError",
    "StreamInvalidRequest",
    "StreamOverloaded",
    "StreamProtocolError",
    "StreamQuotaExceeded",
    "StreamRateLimited",
    "StreamServerError",
    "StreamTimedOut",
    "StreamTruncated",
    "in_stream",
]


class StreamError(KeybearerError):
    """A stream did not become a complete message.

    Attributes:
        partial: The message as far as it came; None when not even its start did.
        events: How many events came.
        logically_complete: Whether a stop reason had already been seen, so that only the end mark is missing.
        request_id: The service's id of the request.
    """

    partial: Message | None = None
    events: int = 0
    logically_complete: bool = False
    request_id: str | None = None


class StreamTruncated(StreamError):
    """The stream ended before `message_stop`. It is not sent again by itself: what came was paid for."""


class StreamTimedOut(StreamTruncated, TimedOut):
    """The stream ended because a time limit passed."""

    retryable = False
    delivered = True


class StreamProtocolError(StreamError):
    """The stream broke the protocol: an event out of order, bad JSON, bad UTF-8, an event over the limit."""


class StreamAPIError(StreamError, APIError):
    """`event: error` came inside a stream: `http_status` is 200, `status` is what the error's type has when it comes alone."""


class StreamInvalidRequest(StreamAPIError, InvalidRequest):
    """An `InvalidRequest` inside a stream."""


class StreamCredentialInvalid(StreamAPIError, CredentialInvalid):
    """A `CredentialInvalid` inside a stream."""


class StreamRateLimited(StreamAPIError, RateLimited):
    """A `RateLimited` inside a stream."""


class StreamQuotaExceeded(StreamAPIError, QuotaExceeded):
    """A `QuotaExceeded` inside a stream."""


class StreamServerError(StreamAPIError, ServerError):
    """A `ServerError` inside a stream."""


class StreamOverloaded(StreamServerError, Overloaded):
    """An `Overloaded` inside a stream."""


_IN_STREAM: tuple[tuple[type[APIError], type[StreamAPIError]], ...] = (
    (Overloaded, StreamOverloaded),
    (ServerError, StreamServerError),
    (QuotaExceeded, StreamQuotaExceeded),
    (RateLimited, StreamRateLimited),
    (CredentialInvalid, StreamCredentialInvalid),
    (InvalidRequest, StreamInvalidRequest),
)


def in_stream(cls: type[APIError]) -> type[StreamAPIError]:
    """Return the class that an `APIError` class has when it comes inside a stream."""
    return next((counterpart for alone, counterpart in _IN_STREAM if issubclass(cls, alone)), StreamAPIError)
