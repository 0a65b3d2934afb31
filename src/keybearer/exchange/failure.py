"""Attach to an error the request and the reply that it came of, without the credential."""

from __future__ import annotations

from typing import Final

from keybearer.credentials.credential import Credential
from keybearer.errors import KeybearerError
from keybearer.types.failed import FailedRequest, FailedResponse, masked_headers
from keybearer.types.http import Headers, Reply, Request

__all__ = ["attach", "failed_request", "failed_response"]

MOST_KEPT: Final = 1 << 20
"""How much of a reply's body an error keeps, in bytes."""


def attach(error: KeybearerError, request: Request, reply: Reply | None, credential: Credential) -> None:
    """Set an error's `request`, and its `response` where a reply came."""
    error.request = failed_request(request, credential)
    if reply is not None:
        error.response = failed_response(reply, error.request, credential)


def failed_request(request: Request, credential: Credential) -> FailedRequest:
    """Return a request without its credential."""
    headers = masked_headers(Headers(request.headers.items()))
    return FailedRequest(request.method, credential.signer.redact(request.url), headers)


def failed_response(reply: Reply, request: FailedRequest, credential: Credential) -> FailedResponse:
    """Return a reply without cookies, and without the credential where the service repeats it."""
    redact = credential.signer.redact
    headers = Headers((name, redact(value)) for name, value in reply.headers.items() if name != "set-cookie")
    body = redact(reply.body[:MOST_KEPT].decode("latin-1")).encode("latin-1")  # each byte is a character, and back
    return FailedResponse(reply.status, headers, body, request)
