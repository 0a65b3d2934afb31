"""Attach to an error the request and the reply that it came of, and keep the credential out of all that it holds."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from keybearer.credentials.credential import Credential
from keybearer.errors import APIError, KeybearerError
from keybearer.types.http import Headers, Reply, Request
from keybearer.types.seen import ReceivedResponse, SentRequest

__all__ = ["attach", "received_response", "sent_request"]

QUOTES: Final = ("message", "body", "excerpt")
"""The attributes of errors that quote a reply's body, which may repeat the credential in any form."""

MOST_KEPT: Final = 1 << 20
"""How much of a reply's body an error keeps, in bytes."""


def attach(error: KeybearerError, request: Request, reply: Reply | None, credential: Credential) -> None:
    """Set an error's `request`, and its `response` where a reply came; and take the credential out of what the error quotes."""
    error.request = sent_request(request, credential)
    if reply is not None:
        error.response = received_response(reply, error.request, credential)
        if isinstance(error, APIError):
            error.headers = error.response.headers
    for name in QUOTES:
        if quoted := getattr(error, name, None):
            setattr(error, name, credential.signer.redact(quoted))
    error.args = (error.message,)


def sent_request(request: Request, credential: Credential) -> SentRequest:
    """Return a request without its credential."""
    shown = SentRequest.of(request)
    return structs.replace(shown, url=credential.signer.redact(shown.url))


def received_response(reply: Reply, request: SentRequest, credential: Credential) -> ReceivedResponse:
    """Return a reply without cookies, and without the credential where the service repeats it."""
    redact = credential.signer.redact
    headers = Headers((name, redact(value)) for name, value in reply.headers.items() if name != "set-cookie")
    body = redact(reply.body[:MOST_KEPT].decode("latin-1")).encode("latin-1")  # each byte is a character, and back
    return ReceivedResponse(reply.status, headers, body, request)
