"""Read an answer of the API: its JSON object, or the error that says what came instead."""

from __future__ import annotations

from typing import Any

from keybearer.errors import APIError, UnexpectedResponse
from keybearer.errors.sanitize import sanitize
from keybearer.exchange.classify_reply import not_the_api
from keybearer.types.http import Reply
from keybearer.wire.json import loads
from keybearer.wire.response.errors import ERRORS, api_error, error_text, is_error_body

__all__ = ["json_object", "stated_error"]


def json_object(reply: Reply, kind: str | None = None) -> dict[str, Any]:
    """Return a reply's JSON object.

    Args:
        reply: The reply.
        kind: Its `type`; None for any.

    Raises:
        APIError: It is an error, under status 200.
        UnexpectedResponse: It is no such object.
    """
    source: Any = None
    try:
        source = loads(reply.body)
    except ValueError as error:
        problem = f"its body is not JSON ({sanitize(str(error), 200)})"
    else:
        if isinstance(source, dict) and (kind is None or source.get("type") == kind) and not is_error_body(source):
            return source
        problem = f"its body is not a {kind or 'JSON object'}"
    raise stated_error(reply) or not_the_api(reply, f"but {problem}")


def stated_error(reply: Reply) -> APIError | UnexpectedResponse | None:
    """Return the error that a body under status 200 states, or None: the API's own in its class, a gateway's in its words."""
    try:
        source = loads(reply.body)
    except ValueError:
        return None
    if not isinstance(source, dict) or not is_error_body(source):
        return None
    error = source.get("error")
    kind = error.get("type") if isinstance(error, dict) else None
    if isinstance(kind, str) and kind in ERRORS:
        stated = api_error(ERRORS[kind][0], source, reply.headers, http_status=reply.status)
        if reply.describe is not None:
            reply.describe(stated, reply)
        return stated
    return not_the_api(
        reply, f"but its body is an error: {error_text(source).rstrip('.') or 'it gave no reason'}", show=False
    )
