"""Errors of the network, and errors that the service answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keybearer.errors.base import KeybearerError

if TYPE_CHECKING:
    from decimal import Decimal

    from keybearer.types.rate_limits import RateLimits
    from keybearer.types.seen import ReceivedResponse, SentRequest

__all__ = [
    "APIError",
    "AuthenticationFailed",
    "CircuitOpen",
    "Conflict",
    "ConnectionFailed",
    "CredentialInvalid",
    "DeadlineExceeded",
    "InvalidRequest",
    "LintError",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "PromptTooLong",
    "QuotaExceeded",
    "RateLimited",
    "RequestTooLarge",
    "ServerError",
    "SpendLimitExceeded",
    "TimedOut",
    "TransportError",
    "UnexpectedResponse",
]


class TransportError(KeybearerError):
    """No complete reply came over the network.

    Attributes:
        phase: Where it failed: `dns`, `connect`, `proxy`, `tls`, `send`, `first_byte` or `read`. For a `TimedOut`, the limit that
            passed: `connect`, `first_byte`, `idle`, `progress` or `total`.
        delivered: Whether the service may have begun to work on the request.
        reused: Whether the connection had served an earlier request; the service may have closed it meanwhile.
    """

    retryable = True
    phase: str = "connect"
    delivered: bool = False
    reused: bool = False

    def __init__(self, message: str = "Connection error.", request: Any = None, **fields: Any) -> None:
        super().__init__(message, request, **fields)


class ConnectionFailed(TransportError):
    """The connection could not be made, or broke."""


class TimedOut(TransportError):
    """A time limit passed; `phase` is its name in `Timeouts`."""

    def __init__(self, message: Any = "Request timed out.", request: Any = None, **fields: Any) -> None:
        if not isinstance(message, str):  # the official SDK's first argument is the request
            message, request = "Request timed out.", message
        super().__init__(message, request, **fields)


class DeadlineExceeded(KeybearerError):
    """A wait would end after the call's deadline, so the call ended now.

    The wait was for a retry, for a permit, for a rate limit of the client's own, or for a refresh of the credential.

    Attributes:
        wait: The whole wait, in seconds; 0 where its length is not known.
        remaining: What was left of the deadline, in seconds.
    """

    wait: float = 0.0
    remaining: float = 0.0


class CircuitOpen(KeybearerError):
    """Nothing was sent: the service failed many times in a row, and the circuit breaker is open.

    Attributes:
        retry_after: Seconds until the next call is let through as a probe.
    """

    retryable = True
    retry_after: float = 0.0


class SpendLimitExceeded(KeybearerError):
    """Nothing was sent: the most that the call might cost does not fit under a spend limit of the caller's own.

    Attributes:
        limit: The limit, a `SpendLimit`; None in a copy of the error, such as one from another process.
        asked: The most that the call might cost, in dollars.
        spent: What is spent in the limit's present period, in dollars.
        reserved: What calls under way might cost at the most, in dollars.
        left: What is left, in dollars; None where the limit is one of tokens alone.
        asked_tokens: The most tokens that the call might take, read and written.
        spent_tokens: The tokens of the present period.
        reserved_tokens: The tokens that calls under way might take at the most.
        left_tokens: The tokens that are left; None where the limit is one of dollars alone.
        resets_at: When the period ends, in epoch seconds; None for a limit that is never renewed.
    """

    limit: Any = None
    asked: Decimal | int = 0
    spent: Decimal | int = 0
    reserved: Decimal | int = 0
    left: Decimal | None = None
    asked_tokens: int = 0
    spent_tokens: int = 0
    reserved_tokens: int = 0
    left_tokens: int | None = None
    resets_at: float | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        rebuild, (cls, message, state) = super().__reduce__()
        return rebuild, (cls, message, state | {"limit": None})


class UnexpectedResponse(KeybearerError):
    """The answer is not the API's: HTML, bad JSON, a redirect.

    Attributes:
        status: The HTTP status.
        excerpt: The start of the body, cleaned for display.
        request_id: The `request-id` header, if there was one.
    """

    status: int = 0
    excerpt: str = ""
    request_id: str | None = None

    def __init__(self, message: str = "The answer is not the API's.", request: Any = None, **fields: Any) -> None:
        super().__init__(message, request, **fields)
        if self.response is not None and "response" in fields:
            self.status, self.request = self.response.status_code, self.response.request

    @property
    def status_code(self) -> int:
        """The official SDK's name for `status`."""
        return self.status


class APIError(KeybearerError):
    """The API answered with an error.

    Attributes:
        status: The HTTP status. For an error inside a stream, the status that the error's type has when it comes alone.
        http_status: The status on the wire: 200 for an error inside a stream.
        type: The error's type, such as `rate_limit_error`.
        error_code: `error.details.error_code`, or a gateway's `code`; None where the body has neither.
        request_id: The service's id of the request; quote it to Anthropic's support.
        body: The error body, decoded where it is JSON; keys in it are masked.
        headers: The reply's headers.
    """

    status: int = 0
    http_status: int = 0
    type: str | None = None
    error_code: str | None = None
    request_id: str | None = None
    body: Any = None
    headers: Mapping[str, str] = {}

    if TYPE_CHECKING:  # an answer has both; what was refused before it was sent (`LintError`) has neither
        request: SentRequest
        response: ReceivedResponse

    def __init__(self, message: str, request: Any = None, **fields: Any) -> None:
        super().__init__(message, request, **fields)
        if fields.get("response") is not None and "status" not in fields:
            self._read_response()

    def _read_response(self) -> None:
        # A program made the error itself, of a reply, as the tests of programs for the official SDK do.
        self.status = self.http_status = self.response.status_code
        self.headers = self.response.headers
        self.request_id = self.headers.get("request-id")
        self.request = self.response.request  # type: ignore[assignment] # a reply that a program made may have none
        error = self.body.get("error") if isinstance(self.body, dict) else None
        self.type = error.get("type") if isinstance(error, dict) else None

    @property
    def api_message(self) -> str | None:
        """The service's own words, `error.message` of the body; `message` has more."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error.get("message") if isinstance(error, dict) else None

    @property
    def workspace_id(self) -> str | None:
        """The workspace that the request was counted for, where the reply says."""
        return self.headers.get("anthropic-workspace-id")

    @property
    def status_code(self) -> int:
        """The official SDK's name for `http_status`; for a request that was not sent, for `status`."""
        return self.http_status or self.status


class InvalidRequest(APIError):
    """400 and the other 4xx: the request itself is wrong."""


class NotFound(InvalidRequest):
    """404: no such model, file, batch or path."""


class Conflict(InvalidRequest):
    """409: the resource is not in the state that the request needs."""


class RequestTooLarge(InvalidRequest):
    """413: the body is over the API's limit (32 MB for messages)."""


class PromptTooLong(InvalidRequest):
    """The prompt does not fit the model's context window.

    Attributes:
        tokens: The prompt's length in tokens; None where the service did not say.
        limit: The most tokens that it may have; None where the service did not say.
    """

    tokens: int | None = None
    limit: int | None = None


class LintError(InvalidRequest):
    """The request breaks a rule of the API, so it was not sent. The API would have answered 400, so `status` is 400.

    Attributes:
        problems: What is wrong, where, and what to do, one line for each problem.
    """

    status = 400
    problems: tuple[str, ...] = ()


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
    """403: the credential is valid, but may not do this."""


class RateLimited(APIError):
    """429: too many requests or tokens for now.

    Attributes:
        retry_after: Seconds to wait; 60 when the reply did not say.
        limits: What the reply said of the limits.
    """

    retryable = True
    retry_after: float = 60.0
    limits: RateLimits | None = None


class QuotaExceeded(APIError):
    """A spend limit or a spent subscription window: trying again does not help before it resets.

    Attributes:
        resets_at: When it resets, in epoch seconds; None where the service did not say.
        limits: What the reply said of the limits.
    """

    resets_at: float | None = None
    limits: RateLimits | None = None


class ServerError(APIError):
    """5xx: the service failed.

    Attributes:
        retry_after: Seconds to wait; None where the service did not say.
    """

    retryable = True
    retry_after: float | None = None


class Overloaded(ServerError):
    """529: the service is overloaded for everyone."""
