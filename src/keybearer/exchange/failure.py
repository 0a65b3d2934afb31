"""Attach to an error the request and the reply that it came of, and keep the credential out of all that it holds."""

from __future__ import annotations

import re
from typing import Final

from msgspec import structs

from keybearer.credentials.credential import Credential
from keybearer.errors import APIError, KeybearerError, NotFound
from keybearer.types.http import Headers, Reply, Request
from keybearer.types.seen import ReceivedResponse, SentRequest

__all__ = ["attach", "received_response", "sent_request"]

QUOTES: Final = ("message", "body", "excerpt")
"""The attributes of errors that quote a reply's body, which may repeat the credential in any form."""

_MODEL: Final = re.compile(r"\bmodel: ([\w.:@/-]{1,100})", re.ASCII)
"""The words of a 404 that is about the model."""

MOST_KEPT: Final = 1 << 20
"""How much of a reply's body an error keeps, in bytes."""


def attach(error: KeybearerError, request: Request, reply: Reply | None, credential: Credential) -> None:
    """Set an error's `request`, and its `response` where a reply came; and take the credential out of what the error quotes."""
    error.request = sent_request(request, credential)
    if reply is not None:
        error.response = received_response(reply, error.request, credential)
        if isinstance(error, APIError):
            error.headers = error.response.headers
    if isinstance(error, NotFound) and (asked := _MODEL.search(error.message)):
        error.hint = _other_model(asked[1].rstrip("."))
    for name in QUOTES:
        if quoted := getattr(error, name, None):
            setattr(error, name, credential.signer.redact(quoted))
    error.args = (error.message,)


def _other_model(asked: str) -> str:
    """Return the hint for a model that is not there: the nearest one that has a price, and where the account's own are listed."""
    from keybearer.errors.nearest import nearest
    from keybearer.prices import public

    known = public().models
    near = max((each for each in known if asked in each), default=None) or nearest(asked, known)
    meant = f"Did you mean {near}? " if near not in {None, asked} else ""
    return f"{meant}`keybearer models list`, or client.models.list(), has those that this account may use."


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
