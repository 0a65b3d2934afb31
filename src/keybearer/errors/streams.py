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
        logically_complete: Whether a stop reason had come and every block had ended, so that only `message_stop` is missing.
        request_id: The service's id of the request.
    """

    partial: Message | None = None
    events: int = 0
    logically_complete: bool = False
    request_id: str | None = None


class StreamTruncated(StreamError):
    """The stream ended before `message_stop`. keybearer does not send the request again, because what came is billed."""


class StreamTimedOut(StreamTruncated, TimedOut):
    """The stream ended because a time limit passed."""

    retryable = False
    delivered = True


class StreamProtocolError(StreamError):
    """The stream broke the protocol: an event out of order, bad JSON, bad UTF-8, or a `StreamLimits` limit was passed."""


class StreamAPIError(StreamError, APIError):
    """The stream carried `event: error`. `http_status` is 200; `status` is the one that the error's type has over HTTP."""


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
    """Return the stream error class for an `APIError` class."""
    return next((counterpart for alone, counterpart in _IN_STREAM if issubclass(cls, alone)), StreamAPIError)
