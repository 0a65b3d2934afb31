"""The official SDK's names of errors: keybearer's own classes, so that `except` clauses catch what they caught.

`APIStatusError` is every answer that is an error, `BadRequestError` also what is refused before it is sent, `APIConnectionError` every
failure of the network, and `APIError` and `AnthropicError` are all of them.
"""

from __future__ import annotations

from keybearer.errors import APIError as APIStatusError
from keybearer.errors import AuthenticationFailed as AuthenticationError
from keybearer.errors import Conflict as ConflictError
from keybearer.errors import CredentialError as CredentialsError
from keybearer.errors import InvalidRequest as BadRequestError
from keybearer.errors import KeybearerError as APIError
from keybearer.errors import KeybearerError as AnthropicError
from keybearer.errors import NotFound as NotFoundError
from keybearer.errors import Overloaded as OverloadedError
from keybearer.errors import PermissionDenied as PermissionDeniedError
from keybearer.errors import QuotaExceeded as PaymentRequiredError
from keybearer.errors import RateLimited as RateLimitError
from keybearer.errors import RequestTooLarge as ContentTooLargeError
from keybearer.errors import ServerError as InternalServerError
from keybearer.errors import TimedOut as APITimeoutError
from keybearer.errors import TransportError as APIConnectionError
from keybearer.errors import UnexpectedResponse as APIResponseValidationError

# The SDK has a class for each of these statuses; here they are one class, and `error.status` has the status.
RequestTooLargeError = ContentTooLargeError
DeadlineExceededError = HTTPNotImplementedError = ServiceUnavailableError = GatewayTimeoutError = (
    RequestTimeoutError
) = InternalServerError
UnprocessableEntityError = PreconditionFailedError = RequestHeaderFieldsTooLargeError = BadRequestError
ClientClosedRequestError = BadRequestError

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
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
    "ServiceUnavailableError",
    "UnprocessableEntityError",
]
