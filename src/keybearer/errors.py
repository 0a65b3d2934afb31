"""Every error that keybearer raises, as one tree.

Strategy: the class says whose fault it is and so what can be done; the message says what happened and to what; `hint` says
what to do next. No message, attribute or traceback local of these classes ever holds a secret.

    KeybearerError
    ├── ConfigError                  llm.yaml or an agent's file: file, line, key path, nearest valid key
    ├── CredentialError              a credential, before any request was sent
    │   ├── NoCredentials            nothing usable was found; `looked` lists what was looked for and where
    │   ├── LoginRequired            a login that is over: expired with nothing to refresh it with, revoked, refused
    │   └── RefreshFailed            the token endpoint gave no usable answer; the login may well be good
    ├── RequestInvalid               the request, found before sending; `problems` lists each one
    ├── UsageError                   the library was called in a way that cannot work (a closed client, a spent stream)
    ├── TransportError               the network: no reply, or not all of it
    │   ├── ConnectionFailed         DNS, TCP, TLS, proxy, reset
    │   └── TimedOut                 connect, first byte, idle, progress or total time
    ├── DeadlineExceeded             the wait that was asked for would pass the call's deadline
    ├── CircuitOpen                  not sent: the service failed too often just now
    ├── UnexpectedResponse           an answer that is not the API's: HTML, bad JSON, a redirect
    ├── APIError                     the API said no
    │   ├── InvalidRequest           400 and other 4xx
    │   │   ├── NotFound             404, model not found
    │   │   ├── Conflict             409
    │   │   ├── RequestTooLarge      413
    │   │   └── PromptTooLong        the prompt does not fit the model's context
    │   ├── CredentialInvalid        401, 403
    │   │   ├── AuthenticationFailed 401
    │   │   └── PermissionDenied     403
    │   ├── RateLimited              429
    │   ├── QuotaExceeded            402, a spend limit, a spent subscription window
    │   └── ServerError              5xx
    │       └── Overloaded           529
    └── StreamError                  a stream that did not become a message; `partial` is what came
        ├── StreamTruncated          it ended before message_stop
        │   └── StreamTimedOut       because a time limit passed; also a TimedOut
        ├── StreamProtocolError      it broke the protocol
        └── StreamAPIError           it carried `event: error`; also an instance of the APIError above that it names
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybearer.types.limits import RateLimits
    from keybearer.types.messages import Message

__all__ = [
    "APIError",
    "AuthenticationFailed",
    "CircuitOpen",
    "ConfigError",
    "Conflict",
    "ConnectionFailed",
    "CredentialError",
    "CredentialInvalid",
    "DeadlineExceeded",
    "InvalidRequest",
    "KeybearerError",
    "LoginRequired",
    "NoCredentials",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "PromptTooLong",
    "QuotaExceeded",
    "RateLimited",
    "RefreshFailed",
    "RequestInvalid",
    "RequestTooLarge",
    "ServerError",
    "StreamAPIError",
    "StreamError",
    "StreamProtocolError",
    "StreamTimedOut",
    "StreamTruncated",
    "TimedOut",
    "TransportError",
    "UnexpectedResponse",
    "UsageError",
    "in_stream",
]


def _rebuild(cls: type[KeybearerError], message: str, state: dict[str, Any]) -> KeybearerError:
    """Make an error again from its pickle: its class may want keyword arguments, which `args` cannot hold."""
    error = cls(message)
    error.__dict__.update(state)
    return error


class KeybearerError(Exception):
    """The base of every error that keybearer raises.

    Args:
        message: What happened, and to what.
        **fields: Values of the class's annotated attributes.

    Attributes:
        message: What happened, and to what.
        hint: What to do next, or an empty string.
        retryable: Whether the same request may succeed when sent again later.
        attempts: What was tried before this error was raised, one line an attempt.
    """

    hint: str = ""
    retryable: bool = False
    attempts: tuple[str, ...] = ()

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in fields.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)

    def __str__(self) -> str:
        parts = [self.message]
        if len(self.attempts) > 1:
            parts.append(f"Tried {len(self.attempts)} times: " + "; ".join(self.attempts) + ".")
        if self.hint:
            parts.append(self.hint)
        return " ".join(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.__dict__.copy())


# ── before anything is sent ──────────────────────────────────────────────────


class ConfigError(KeybearerError):
    """A mistake in llm.yaml or in an agent's file.

    Attributes:
        file: The file's path as it was given.
        line: The line, from 1; 0 when the mistake has none.
        key: The key's path, such as `providers.anthropic.base_url`.
    """

    file: str = ""
    line: int = 0
    key: str = ""


class CredentialError(KeybearerError):
    """A credential cannot be used.

    Attributes:
        source: Where it came from, in words; never the credential itself.
        problem: What is wrong, in one word for programs: `missing`, `unreadable`, `exposed`, `not_json`, ...
            `keybearer.credentials.files` and the modules that read a source list theirs.
    """

    source: str = ""
    problem: str = ""


class LoginRequired(CredentialError):
    """A login is over: expired with nothing to refresh it with, revoked, or refused. Only a person can make another."""


class RefreshFailed(CredentialError):
    """A token could not be refreshed now: no answer, a strange one, a full disk, a lock that is held too long.

    Attributes:
        retry_after: Seconds until it is tried again.
    """

    retryable = True
    retry_after: float = 0.0


class NoCredentials(CredentialError):
    """No usable credential was found.

    Attributes:
        looked: What was looked for and where, one line a source.
    """

    looked: tuple[str, ...] = ()

    def __str__(self) -> str:
        looked = "".join(f"\n  - {line}" for line in self.looked)
        return f"{self.message}{looked}\n{self.hint}" if looked else super().__str__()


class RequestInvalid(KeybearerError):
    """The request breaks a rule of the API; nothing was sent.

    Attributes:
        problems: What is wrong and where, one line each.
    """

    problems: tuple[str, ...] = ()


class UsageError(KeybearerError):
    """The library was called in a way that cannot work: a closed client, a stream read twice."""


# ── no answer, or not the API's ──────────────────────────────────────────────


class TransportError(KeybearerError):
    """No complete reply came over the network.

    Attributes:
        phase: Where it ended: `dns`, `connect`, `tls`, `proxy`, `send`, `first_byte`, `read`, `progress` or `total`.
        delivered: Whether the service may have seen the whole request.
        reused: Whether it happened on a kept-alive connection, which the other side may have just closed.
    """

    retryable = True
    phase: str = "connect"
    delivered: bool = False
    reused: bool = False


class ConnectionFailed(TransportError):
    """The connection could not be made, or broke."""


class TimedOut(TransportError):
    """A time limit passed; `phase` says which."""


class DeadlineExceeded(KeybearerError):
    """The wait that the service or the limiter asks for would pass the call's deadline, so the call ended now.

    Attributes:
        wait: The wait asked for, in seconds.
        remaining: What was left of the deadline, in seconds.
    """

    wait: float = 0.0
    remaining: float = 0.0


class CircuitOpen(KeybearerError):
    """Nothing was sent: the service failed too often just now.

    Attributes:
        retry_after: Seconds until one call is let through to try.
    """

    retryable = True
    retry_after: float = 0.0


class UnexpectedResponse(KeybearerError):
    """An answer came that is not the API's.

    Attributes:
        status: The HTTP status.
        excerpt: The start of the body, cleaned for display.
        request_id: The `request-id` header, if there was one.
    """

    status: int = 0
    excerpt: str = ""
    request_id: str | None = None


# ── the API said no ──────────────────────────────────────────────────────────


class APIError(KeybearerError):
    """The API answered with an error.

    Attributes:
        status: The HTTP status. For an error inside a stream, the status that the error's type has when it comes alone.
        http_status: The status on the wire: 200 for an error inside a stream.
        type: The error's type, such as `rate_limit_error`.
        error_code: `error.details.error_code`, where the service gave one.
        request_id: The service's id of the request; quote it to Anthropic's support.
        body: The whole error body as it came.
        headers: The reply's headers.
    """

    status: int = 0
    http_status: int = 0
    type: str | None = None
    error_code: str | None = None
    request_id: str | None = None
    body: Any = None
    headers: Mapping[str, str] = {}

    @property
    def status_code(self) -> int:
        """The official SDK's name of `http_status`."""
        return self.http_status


class InvalidRequest(APIError):
    """400 and the other 4xx: the request itself is wrong."""


class NotFound(InvalidRequest):
    """404: no such model, file, batch or path."""


class Conflict(InvalidRequest):
    """409: the resource is in another state than the request expects."""


class RequestTooLarge(InvalidRequest):
    """413: the body is over the API's limit (32 MB for messages)."""


class PromptTooLong(InvalidRequest):
    """The prompt does not fit the model's context window.

    Attributes:
        tokens: The prompt's tokens, where the service said.
        limit: The most that it may have, where the service said.
    """

    tokens: int | None = None
    limit: int | None = None


class CredentialInvalid(APIError):
    """401 or 403: the credential was refused.

    Attributes:
        kind: `api_key` or `oauth`.
        source: Where the credential came from, in words.
    """

    kind: str = ""
    source: str = ""


class AuthenticationFailed(CredentialInvalid):
    """401: the credential is wrong, expired or revoked."""


class PermissionDenied(CredentialInvalid):
    """403: the credential is good, but not for this."""


class RateLimited(APIError):
    """429: too many requests or tokens for now.

    Attributes:
        retry_after: Seconds to wait; 60 when nothing said.
        limits: What the reply said of the limits.
    """

    retryable = True
    retry_after: float = 60.0
    limits: RateLimits | None = None


class QuotaExceeded(APIError):
    """A spend limit or a spent subscription window: trying again does not help before it resets.

    Attributes:
        resets_at: When it resets, in epoch seconds, where the service said.
        limits: What the reply said of the limits.
    """

    resets_at: float | None = None
    limits: RateLimits | None = None


class ServerError(APIError):
    """5xx: the service failed.

    Attributes:
        retry_after: Seconds to wait, where the service said.
    """

    retryable = True
    retry_after: float | None = None


class Overloaded(ServerError):
    """529: the service is overloaded for everyone."""


# ── streams ──────────────────────────────────────────────────────────────────


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
    """The stream ended before `message_stop`."""

    retryable = True


class StreamTimedOut(StreamTruncated, TimedOut):
    """The stream ended because a time limit passed."""


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
    return next((twin for alone, twin in _IN_STREAM if issubclass(cls, alone)), StreamAPIError)
