"""A platform's replies as the API's own: its request ids, and its errors in the API's form, so that they are classified in one place.

Contract: an error that is in the API's form stays as it is, and so does one in no known form. The platform's name of an error becomes
`error_code`. AWS answers 403 where the API answers 401: a refused key is a 401 here, and the message names what AWS said.

Source: the exceptions in botocore's model of bedrock-runtime; AWS's "Common errors"; Google's `google.rpc.Status`; Azure's API guide.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from msgspec import structs

from keybearer.policy.deadline import format_seconds
from keybearer.types.http import Headers, Reply
from keybearer.wire.json import dumps, loads

__all__ = ["TYPES", "read_reply"]

TYPES: Final[dict[str, str]] = {
    # of AWS's keys and signatures
    "ExpiredTokenException": "authentication_error",
    "IncompleteSignatureException": "authentication_error",
    "InvalidClientTokenId": "authentication_error",
    "InvalidSignatureException": "authentication_error",
    "MissingAuthenticationTokenException": "authentication_error",
    "RequestExpired": "authentication_error",
    "RequestTimeTooSkewed": "authentication_error",
    "SignatureDoesNotMatch": "authentication_error",
    "UnrecognizedClientException": "authentication_error",
    # of Bedrock
    "AccessDeniedException": "permission_error",
    "InternalServerException": "api_error",
    "ModelErrorException": "api_error",
    "ModelNotReadyException": "overloaded_error",
    "ModelTimeoutException": "timeout_error",
    "ResourceNotFoundException": "not_found_error",
    "ServiceQuotaExceededException": "invalid_request_error",
    "ServiceUnavailableException": "overloaded_error",
    "ThrottlingException": "rate_limit_error",
    "UnknownOperationException": "not_found_error",
    "ValidationException": "invalid_request_error",
    # of Google
    "DEADLINE_EXCEEDED": "timeout_error",
    "FAILED_PRECONDITION": "invalid_request_error",
    "INTERNAL": "api_error",
    "INVALID_ARGUMENT": "invalid_request_error",
    "NOT_FOUND": "not_found_error",
    "PERMISSION_DENIED": "permission_error",
    "RESOURCE_EXHAUSTED": "rate_limit_error",
    "UNAUTHENTICATED": "authentication_error",
    "UNAVAILABLE": "overloaded_error",
}
"""The platforms' names of errors to the API's error types."""

BY_STATUS: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}
"""The API's error types where the platform names none."""

REQUEST_IDS: Final = ("x-amzn-requestid", "apim-request-id", "x-ms-request-id", "x-goog-request-id")
"""The platforms' headers with a request's id."""

SKEWED: Final = re.compile(r"Signature (?:expired|not yet current)|RequestTimeTooSkewed|RequestExpired")
_SERVER_TIME: Final = re.compile(r"\((\d{8}T\d{6}Z) [+-] ")


def read_reply(reply: Reply, now: float) -> Reply:
    """Return a platform's reply as the API's own.

    Args:
        reply: The reply.
        now: The time in epoch seconds.
    """
    headers = reply.headers
    if "request-id" not in headers and (own := next(filter(None, map(headers.get, REQUEST_IDS)), None)):
        headers = Headers([*headers.pairs, ("request-id", own)])
        reply = structs.replace(reply, headers=headers)
    if reply.status < 400:
        return reply
    try:
        body = loads(reply.body)
    except ValueError:
        return reply
    if not isinstance(body, dict) or (found := _named(body, headers)) is None:
        return reply
    name, message = found
    kind = (
        TYPES.get(name)
        or BY_STATUS.get(reply.status)
        or ("api_error" if reply.status >= 500 else "invalid_request_error")
    )
    if kind == "authentication_error" and SKEWED.search(f"{name} {message}"):
        message += _skew(message, headers, now)
    error: dict[str, Any] = {"type": kind, "message": message}
    if name:
        error["details"] = {"error_code": name}
    status = 401 if kind == "authentication_error" else reply.status
    return structs.replace(
        reply,
        status=status,
        headers=Headers([(key, value) for key, value in headers.pairs if key.lower() != "content-type"] + _JSON),
        body=dumps({"type": "error", "error": error, "request_id": headers.get("request-id")}),
    )


_JSON: Final = [("content-type", "application/json")]


def _named(body: dict[str, Any], headers: Headers) -> tuple[str, str] | None:
    """Return the name and the message of an error in a platform's form; None for any other body."""
    error = body.get("error")
    if isinstance(error, dict):
        if isinstance(error.get("type"), str):
            return None  # the API's own form
        name, message = error.get("status") or error.get("code"), error.get("message")
    else:
        name = headers.get("x-amzn-errortype") or body.get("__type") or body.get("code")
        message = body.get("message") or body.get("Message")
    if not isinstance(message, str) or not (name or error):
        return None
    # AWS writes `Name:http://...` in the header, and `namespace#Name` in a body.
    return str(name or "").partition(":")[0].rpartition("#")[2], message


def _skew(message: str, headers: Headers, now: float) -> str:
    """Return how far this machine's clock is from the service's, as the end of a message."""
    try:
        if found := _SERVER_TIME.search(message):
            there = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        else:
            there = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return ""
    ahead = now - there.timestamp()
    which = "ahead of" if ahead > 0 else "behind"
    return f" This machine's clock is {format_seconds(round(abs(ahead)))} {which} the service's: set it right."
