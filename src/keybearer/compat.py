"""The official SDK's names: code that creates and streams messages often needs a change of import and no more (docs/guide.md).

    from keybearer.compat import Anthropic, RateLimitError

    try:
        Anthropic().messages.create(...)
    except RateLimitError as error:
        ...

The errors are keybearer's own classes under the SDK's names, so `except` clauses catch what they caught: `APIStatusError` every answer
that is an error, `BadRequestError` also what is refused before it is sent, `APIConnectionError` every failure of the network.
The clients are keybearer's own, but for one thing: a key that is given or set in the environment wins over a login, as in the SDK.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Unpack

from keybearer.client.aio import AsyncClient
from keybearer.client.options import ClientOptions
from keybearer.client.settings import FromConfig
from keybearer.client.sync import Client
from keybearer.config.schema import AuthConfig
from keybearer.credentials.credential import SETUP_TOKEN
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
from keybearer.types.secret import Secret

if TYPE_CHECKING:
    from keybearer.shell.transports.base import AsyncTransport, Transport

# The SDK has a class for each of these statuses; here they are one class, and `error.status` has the status.
RequestTooLargeError = ContentTooLargeError
DeadlineExceededError = HTTPNotImplementedError = ServiceUnavailableError = GatewayTimeoutError = (
    RequestTimeoutError
) = InternalServerError
UnprocessableEntityError = PreconditionFailedError = RequestHeaderFieldsTooLargeError = BadRequestError
ClientClosedRequestError = BadRequestError


class Anthropic(Client):
    """`Client`, with the SDK's order of credentials: `ANTHROPIC_API_KEY` comes before any login.

    Args:
        transport: What sends the requests.
        **options: As of `Client`.
    """

    def __init__(self, *, transport: Transport | None = None, **options: Unpack[ClientOptions]) -> None:
        self._set_up(transport, options, _key_first())


class AsyncAnthropic(AsyncClient):
    """`AsyncClient`, with the SDK's order of credentials: `ANTHROPIC_API_KEY` comes before any login.

    Args:
        transport: What sends the requests.
        **options: As of `AsyncClient`.
    """

    def __init__(self, *, transport: AsyncTransport | None = None, **options: Unpack[ClientOptions]) -> None:
        self._set_up(transport, options, _key_first())


def _key_first() -> FromConfig | None:
    """Return what stands for the environment's key as a configuration; None where there is none."""
    text = os.environ.get("ANTHROPIC_API_KEY", "").strip()
    if not text:
        return None
    auth = AuthConfig(mode="setup_token" if text.startswith(SETUP_TOKEN) else "static")
    return FromConfig(auth=auth, key=Secret(text), key_source="ANTHROPIC_API_KEY")


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
