"""Builds errors from error bodies.

Strategy: the API's error bodies have one form, in an HTTP reply and inside a stream. `ERRORS` is the table of its error types: the
HTTP status that each has, and the class that keybearer raises. `BY_STATUS` gives the class of a status; the type refines it if both
agree. Whether an error is retried is decided in `keybearer.policy`. An error in another form, from a gateway, a proxy or a firewall,
is shown too, but not as the API's: its `type` is None.

Source: errors, in docs/protocol.md; the `anthropic` 2.12.0 wheel, `_exceptions.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from keybearer import errors as e
from keybearer.errors.sanitize import excerpt, sanitize, without_keys
from keybearer.types.events import ErrorEvent
from keybearer.types.http import Headers

__all__ = ["BY_STATUS", "ERRORS", "api_error", "error_text", "is_error_body", "stream_error"]

ERRORS: Final[dict[str, tuple[int, type[e.APIError]]]] = {
    "invalid_request_error": (400, e.InvalidRequest),
    "authentication_error": (401, e.AuthenticationFailed),
    "billing_error": (402, e.QuotaExceeded),
    "permission_error": (403, e.PermissionDenied),
    "not_found_error": (404, e.NotFound),
    "conflict_error": (409, e.Conflict),
    "request_too_large": (413, e.RequestTooLarge),
    "rate_limit_error": (429, e.RateLimited),
    "api_error": (500, e.ServerError),
    "timeout_error": (504, e.ServerError),
    "overloaded_error": (529, e.Overloaded),
}
"""Error type to the HTTP status that it has over HTTP, and its class."""

BY_STATUS: Final[dict[int, type[e.APIError]]] = {
    401: e.AuthenticationFailed,
    402: e.QuotaExceeded,
    403: e.PermissionDenied,
    404: e.NotFound,
    408: e.ServerError,
    409: e.Conflict,
    413: e.RequestTooLarge,
    429: e.RateLimited,
    529: e.Overloaded,
}
"""HTTP status to class, if the type does not refine it. Any other 5xx is a `ServerError`, any other 4xx an `InvalidRequest`."""

DECISIVE: Final = frozenset({401, 403, 429})
"""Statuses whose class the body's type never changes. For any other status the type may refine the class, but not whether the error is
retryable: a 400 with the type overloaded_error is an `InvalidRequest`."""

SPEND_LIMITS: Final = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})
"""Error codes that mean a quota, whatever the status."""

_TOO_LONG: Final = re.compile(r"prompt is too long(?::\s*(\d{1,15})\s*tokens?\s*>\s*(\d{1,15})(?!\d))?", re.IGNORECASE)
_SPEND_TEXT: Final = re.compile(
    r"(usage|spend(ing)?) limits?\b.*\b(reached|exceeded)|reached .*\b(usage|spend(ing)?) limit|credit balance is too low",
    re.IGNORECASE,
)

_MAX_SEARCHED: Final = 2_000
"""How many characters of an error's text are searched; the reason is at its beginning."""

_HINTS: Final[dict[type[e.APIError], str]] = {
    e.NotFound: "Check the model's name, the id, and that base_url has no path of its own.",
    e.RequestTooLarge: "The API takes 32 MB a request. Send large files through the Files API, or resize images.",
    e.PromptTooLong: "Shorten the prompt or the history, or take a model with a larger context window.",
    e.RateLimited: "Slow down: set rate_limit.requests_per_second in llm.yaml, or ask Anthropic for a higher tier.",
    e.Overloaded: "The service is overloaded for everyone; try again in a while, or another model.",
    e.ServerError: "The service failed; try again in a while. Quote the request id to Anthropic's support if it goes on.",
    e.QuotaExceeded: "Trying again does not help before it resets. Raise the limit or buy credits in the Console's settings.",
}


def _classify(status: int, kind: str | None, code: str | None, text: str) -> type[e.APIError]:
    text = text[:_MAX_SEARCHED]
    if code in SPEND_LIMITS or (status in {400, 429} and _SPEND_TEXT.search(text)):
        return e.QuotaExceeded
    if status in {400, 413} and _TOO_LONG.search(text):
        return e.PromptTooLong
    by_status = BY_STATUS.get(status, e.ServerError if status >= 500 else e.InvalidRequest)
    by_type = ERRORS[kind][1] if kind in ERRORS else e.APIError
    contradicts = status in DECISIVE or by_type.retryable != by_status.retryable
    return by_status if contradicts or issubclass(by_status, by_type) else by_type


_MAX_DEPTH: Final = 4
"""How many levels of a gateway's error body are searched."""


def _fields(body: Any, depth: int = 0) -> tuple[str | None, str, str | None]:
    """Return the type, the message and the error code of an error body; None or empty for each that it does not have.

    The API's form is `{"error": {"type", "message", "details"}}`; gateways send `{"error": "..."}`, `{"error": {"message", "code"}}`,
    `{"message": "..."}`, `{"detail": "..."}` or plain text.
    """
    if isinstance(body, str):
        return None, body, None
    if not isinstance(body, dict) or depth > _MAX_DEPTH:
        return None, "", None
    error = body.get("error")
    if not isinstance(error, dict):
        parts = (_text([error], depth), _text([body.get(name) for name in _TEXT_FIELDS[:-1]], depth))
        return None, ": ".join(filter(None, parts)), _code(body.get("code"))
    kind, details = error.get("type"), error.get("details")
    code = details.get("error_code") if isinstance(details, dict) else None
    return (
        kind if isinstance(kind, str) else None,
        _text([error.get(name) for name in _TEXT_FIELDS], depth),
        code if isinstance(code, str) else _code(error.get("code")),
    )


_TEXT_FIELDS: Final = ("message", "detail", "error_description", "title", "msg", "errors", "error")
"""The fields with the text of a gateway's error, the most informative first."""


def _text(values: list[Any], depth: int) -> str:
    """Return the first value that has a text: the text itself, that of an object, or those of a list, joined."""
    for value in values:
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list) and value:
            parts = [each if isinstance(each, str) else _fields(each, depth + 1)[1] for each in value[:5]]
            if any(parts):
                return "; ".join(part for part in parts if part)
        if isinstance(value, dict) and (text := _fields(value, depth + 1)[1]):
            return text
    return ""


def _code(value: Any) -> str | None:
    """Return a gateway's error code, a text or a number."""
    return str(value)[:80] if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def is_error_body(body: Mapping[str, Any]) -> bool:
    """Return whether a JSON object, in place of an event or a message, is an error body."""
    if body.get("type") not in {None, "error"}:
        return False
    return bool(body.get("error")) or ((body.get("type") == "error" or _has_message(body)) and bool(_fields(body)[1]))


def _has_message(body: Mapping[str, Any]) -> bool:
    return any(isinstance(body.get(name), str) for name in ("message", "detail"))


def error_text(body: Any) -> str:
    """Return the text of an error body with its code, safe to show; empty if it has none."""
    _, text, code = _fields(body)
    return sanitize(text) + (f" (code {sanitize(code, 80)})" if text and code else "")


def api_error(status: int, body: Any, headers: Mapping[str, str], *, http_status: int = 0) -> e.APIError:
    """Build the error for an HTTP reply.

    Args:
        status: The status, 400 or above, that the error is classified by.
        body: The decoded JSON body, or its text; it need not have the API's form.
        headers: The reply's headers.
        http_status: The reply's own status, if it is another one.
    """
    kind, text, code = _fields(body)
    cls = _classify(status, kind, code, text)
    if status == 429 and headers.get("anthropic-ratelimit-unified-status") == "rejected":
        cls = e.QuotaExceeded  # a subscription's window is spent
    request_id = headers.get("request-id") or (body.get("request_id") if isinstance(body, dict) else None)
    fields = {"retryable": False} if status == 501 else {}  # a method that the server does not implement stays so
    return _build(
        cls,
        kind,
        text,
        f"the API answered {status}" if kind else f"HTTP {status} came, and not in the API's form",
        status=status,
        http_status=http_status or status,
        error_code=code,
        request_id=request_id,
        body=body,
        headers=headers,
        **fields,
    )


def stream_error(event: ErrorEvent, headers: Mapping[str, str]) -> e.StreamAPIError:
    """Build the error for an `event: error`. Its class is a subclass of the one that its type has over HTTP."""
    body = event.to_param()
    kind, text, code = _fields(body)
    status = ERRORS[kind][0] if kind in ERRORS else 500
    cls = e.in_stream(_classify(status, kind, code, text))
    request_id = headers.get("request-id") or event.request_id
    error = _build(
        cls,
        kind,
        text,
        "the API sent an error inside the stream"
        if kind
        else "an error came inside the stream, and not in the API's form",
        status=status,
        http_status=200,
        error_code=code,
        request_id=request_id,
        body=body,
        headers=headers,
    )
    assert isinstance(error, e.StreamAPIError)  # noqa: S101 - what in_stream returns, for the type checker
    return error


_BETWEEN: Final = "A proxy, a gateway or a firewall in between answered, not the API: check base_url, and those."


def _build(cls: type[e.APIError], kind: str | None, text: str, lead: str, **fields: Any) -> e.APIError:
    code = f"{', ' if kind else ''}{sanitize(fields['error_code'], 80)}" if fields["error_code"] else ""
    request_id = f" [request {sanitize(str(fields['request_id']), 80)}]" if fields["request_id"] else ""
    name = f" ({sanitize(kind or '', 80)}{code})" if kind or code else ""
    said = (excerpt(text, 300) if isinstance(fields["body"], str) else sanitize(text)) or "it gave no reason"
    message = f"{lead[0].upper()}{lead[1:]}{name}: {said}{'' if said.endswith('.') else '.'}{request_id}"
    if issubclass(cls, e.PromptTooLong) and (found := _TOO_LONG.search(text[:_MAX_SEARCHED])) and found[1]:
        fields |= {"tokens": int(found[1]), "limit": int(found[2])}
    hint = next((hint for base in cls.__mro__ if (hint := _HINTS.get(base, ""))), "") if kind else _BETWEEN
    try:
        fields["body"] = without_keys(fields["body"])
    except RecursionError:
        fields["body"] = excerpt(text)  # nested so deeply that nobody reads it
    fields["headers"] = _without_keys(fields["headers"])
    return cls(message, type=kind, hint=hint, **fields)


def _without_keys(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return reply headers without cookies, and with `***` for keys that the service echoed."""
    if not any("sk-ant-" in value for value in headers.values()) and "set-cookie" not in headers:
        return headers
    return Headers((name, without_keys(value)) for name, value in headers.items() if name.lower() != "set-cookie")
