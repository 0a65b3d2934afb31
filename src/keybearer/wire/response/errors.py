"""An error body to the error that says it.

Strategy: the API writes errors in one shape, as an HTTP reply and inside a stream. `ERRORS` is the table of its types: the
HTTP status that each has when it comes alone, and the class that keybearer raises. A status goes by `BY_STATUS`, which the type
refines where they agree. Whether it is worth retrying is not decided here (`keybearer.policy`). What a gateway, a proxy or a
firewall says in a form of its own is shown too, and never taken for the API's words: `type` is None then.

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
"""Error type: the HTTP status that it comes with, and its class."""

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
"""HTTP status to class where the type says nothing; else 5xx is a `ServerError` and 4xx an `InvalidRequest`."""

DECIDED: Final = frozenset({401, 403, 429})
"""Statuses that decide alone. Otherwise a body's type refines what the status says, but never whether it is tried again: a 400 whose
body says overloaded_error is an `InvalidRequest`."""

SPEND_LIMITS: Final = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})
"""Error codes that mean a quota, whatever the status."""

_TOO_LONG: Final = re.compile(r"prompt is too long(?::\s*(\d{1,15})\s*tokens?\s*>\s*(\d{1,15})(?!\d))?", re.IGNORECASE)
_SPEND_TEXT: Final = re.compile(
    r"(usage|spend(ing)?) limits?\b.*\b(reached|exceeded)|reached .*\b(usage|spend(ing)?) limit|credit balance is too low",
    re.IGNORECASE,
)

_LOOKED_AT: Final = 2_000
"""How many characters of an error's text are looked through: what it says is at its beginning."""

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
    text = text[:_LOOKED_AT]
    if code in SPEND_LIMITS or (status in {400, 429} and _SPEND_TEXT.search(text)):
        return e.QuotaExceeded
    if status in {400, 413} and _TOO_LONG.search(text):
        return e.PromptTooLong
    by_status = BY_STATUS.get(status, e.ServerError if status >= 500 else e.InvalidRequest)
    by_type = ERRORS[kind][1] if kind in ERRORS else e.APIError
    contradicts = status in DECIDED or by_type.retryable != by_status.retryable
    return by_status if contradicts or issubclass(by_status, by_type) else by_type


_DEEPEST: Final = 4
"""How many levels of a foreign error are looked through."""


def _fields(body: Any, depth: int = 0) -> tuple[str | None, str, str | None]:
    """Return the type, the message and the error code of an error body, each where it can be read.

    The API's form is `{"error": {"type", "message", "details"}}`; gateways say `{"error": "..."}`, `{"error": {"message", "code"}}`,
    `{"message": "..."}`, `{"detail": "..."}` or plain text.
    """
    if isinstance(body, str):
        return None, body, None
    if not isinstance(body, dict) or depth > _DEEPEST:
        return None, "", None
    error = body.get("error")
    if not isinstance(error, dict):
        parts = (_text([error], depth), _text([body.get(name) for name in _WORDS[:-1]], depth))
        return None, ": ".join(filter(None, parts)), _code(body.get("code"))
    kind, details = error.get("type"), error.get("details")
    code = details.get("error_code") if isinstance(details, dict) else None
    return (
        kind if isinstance(kind, str) else None,
        _text([error.get(name) for name in _WORDS], depth),
        code if isinstance(code, str) else _code(error.get("code")),
    )


_WORDS: Final = ("message", "detail", "error_description", "title", "msg", "errors", "error")
"""The fields in which gateways say what is wrong, the most telling first."""


def _text(values: list[Any], depth: int) -> str:
    """Return the first value that says something: a text, or the texts of a list of errors."""
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
    """Return whether a JSON object that came where an event or a message was due says that something is wrong."""
    if body.get("type") not in {None, "error"}:
        return False
    return bool(body.get("error")) or ((body.get("type") == "error" or _only_words(body)) and bool(_fields(body)[1]))


def _only_words(body: Mapping[str, Any]) -> bool:
    return any(isinstance(body.get(name), str) for name in ("message", "detail"))


def error_text(body: Any) -> str:
    """Return what an error body says, as an error shows it; empty where it says nothing that can be read."""
    _, text, code = _fields(body)
    return sanitize(text) + (f" (code {sanitize(code, 80)})" if text and code else "")


def api_error(status: int, body: Any, headers: Mapping[str, str], *, http_status: int = 0) -> e.APIError:
    """Build the error that an HTTP reply says.

    Args:
        status: The reply's status, 400 or above.
        body: Its decoded JSON body, or its text; anything else than the API's shape is tolerated.
        headers: Its headers.
        http_status: The status on the wire, where it is another.
    """
    kind, text, code = _fields(body)
    cls = _classify(status, kind, code, text)
    if status == 429 and headers.get("anthropic-ratelimit-unified-status") == "rejected":
        cls = e.QuotaExceeded  # a subscription's window is spent
    request_id = headers.get("request-id") or (body.get("request_id") if isinstance(body, dict) else None)
    fields = {"retryable": False} if status == 501 else {}  # what is not there will not be there in a moment
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
    """Build the error that an `event: error` says; its class is also that of the HTTP error of its type."""
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
    if issubclass(cls, e.PromptTooLong) and (found := _TOO_LONG.search(text[:_LOOKED_AT])) and found[1]:
        fields |= {"tokens": int(found[1]), "limit": int(found[2])}
    hint = next((hint for base in cls.__mro__ if (hint := _HINTS.get(base, ""))), "") if kind else _BETWEEN
    try:
        fields["body"] = without_keys(fields["body"])
    except RecursionError:
        fields["body"] = excerpt(text)  # nested so deeply that nobody reads it
    fields["headers"] = _without_keys(fields["headers"])
    return cls(message, type=kind, hint=hint, **fields)


def _without_keys(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return reply headers in which no key stands that was echoed, and no cookie."""
    if not any("sk-ant-" in value for value in headers.values()) and "set-cookie" not in headers:
        return headers
    return Headers((name, without_keys(value)) for name, value in headers.items() if name.lower() != "set-cookie")
