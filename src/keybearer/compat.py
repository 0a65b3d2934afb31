"""The official SDK's names, so that code written for it needs a change of import and no more.

    from keybearer.compat import Anthropic, RateLimitError

    try:
        Anthropic().messages.create(...)
    except RateLimitError as error:
        ...

Each name is one of keybearer's own classes; nothing is wrapped. `except` clauses catch what they caught: `APIStatusError` every answer
that is an error, `APIConnectionError` every failure of the network.
"""

from __future__ import annotations

from keybearer.client.aio import AsyncClient as AsyncAnthropic
from keybearer.client.sync import Client as Anthropic
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

# What the SDK tells apart by status alone is one class here; `error.status` has the status.
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
    "Anthropic",
    "AnthropicError",
    "AsyncAnthropic",
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
