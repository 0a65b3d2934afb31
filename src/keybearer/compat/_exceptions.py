"""The official SDK's names of errors: keybearer's own classes, and a class for each status that has one there alone.

`APIStatusError` is every answer that is an error, `BadRequestError` also what is refused before it is sent, `APIConnectionError` every
failure of the network, and `APIError` and `AnthropicError` are all of them. `exact_errors` makes an error one of these.

Source: `_exceptions.py` of the `anthropic` wheel.
"""

from __future__ import annotations

from keybearer.errors import APIError as APIStatusError
from keybearer.errors import AuthenticationFailed as AuthenticationError
from keybearer.errors import Conflict as ConflictError
from keybearer.errors import CredentialError as CredentialsError
from keybearer.errors import InvalidRequest, QuotaExceeded, ServerError
from keybearer.errors import KeybearerError as APIError
from keybearer.errors import KeybearerError as AnthropicError
from keybearer.errors import NotFound as NotFoundError
from keybearer.errors import Overloaded as OverloadedError
from keybearer.errors import PermissionDenied as PermissionDeniedError
from keybearer.errors import RateLimited as RateLimitError
from keybearer.errors import RequestTooLarge as ContentTooLargeError
from keybearer.errors import ServerError as InternalServerError
from keybearer.errors import TimedOut as APITimeoutError
from keybearer.errors import TransportError as APIConnectionError
from keybearer.errors import UnexpectedResponse as APIResponseValidationError

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "APIWebhookValidationError",
    "AnthropicError",
    "AuthenticationError",
    "BadRequestError",
    "ClientClosedRequestError",
    "ConflictError",
    "ContentTooLargeError",
    "CredentialsError",
    "DeadlineExceededError",
    "GatewayTimeoutError",
    "HTTPNotImplementedError",
    "IdentityTokenFileError",
    "InternalServerError",
    "NotFoundError",
    "OverloadedError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "RateLimitError",
    "RequestHeaderFieldsTooLargeError",
    "RequestTimeoutError",
    "RequestTooLargeError",
    "RetryableError",
    "ServiceUnavailableError",
    "UnprocessableEntityError",
]


class BadRequestError(InvalidRequest):
    """400, and what is refused before it is sent."""

    status = 400


class PaymentRequiredError(QuotaExceeded):
    """402."""

    status = 402


class RequestTimeoutError(ServerError):
    """408."""

    status = 408


class PreconditionFailedError(InvalidRequest):
    """412."""

    status = 412


class UnprocessableEntityError(InvalidRequest):
    """422."""

    status = 422


class RequestHeaderFieldsTooLargeError(InvalidRequest):
    """431."""

    status = 431


class ClientClosedRequestError(InvalidRequest):
    """499."""

    status = 499


class HTTPNotImplementedError(ServerError):
    """501."""

    status = 501


class ServiceUnavailableError(ServerError):
    """503."""

    status = 503


class GatewayTimeoutError(ServerError):
    """504."""

    status = 504


RequestTooLargeError = ContentTooLargeError
DeadlineExceededError = GatewayTimeoutError


class APIWebhookValidationError(APIError):
    """A webhook that is not the service's: for programs that raise it, since keybearer checks no webhooks."""


class RetryableError(AnthropicError):
    """What the SDK's middleware raises to have a request sent again: for programs that raise it, since keybearer has no middleware."""


class IdentityTokenFileError(CredentialsError):
    """A file with an identity token cannot be used."""
