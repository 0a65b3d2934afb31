"""Refusals, in the API's own body shape.

Every refusal of the simulator is a `ServiceError`: a status, an error type and a message. `STATUS` is the service's
table of types. `error_body` alone renders the body, for a plain reply and for an `error` event in a stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from keybearer.simulator.core.data import DATA

__all__ = ["CODES", "STATUS", "ServiceError", "coded_error", "error_body"]

STATUS: Final[dict[str, int]] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""Error type to the HTTP status that carries it (the API's "Errors" page; the wheel's `*_error_object` types)."""

CODES: Final[dict[str, int]] = msgspec.json.decode((DATA / "errors.json").read_bytes())["codes"]
"""Error code (`details.error_code`) to its status, made from the wheel (`tests/simulator/tools/make_tables.py`)."""

_TYPES: Final = {status: kind for kind, status in STATUS.items()} | {412: "invalid_request_error", 503: "api_error"}
"""Status to error type. The types of 412 and 503 are a guess: the wheel gives codes for them and no type."""


class ServiceError(Exception):
    """A refusal, as the service would word it.

    Args:
        type: The error type, a key of `STATUS`.
        message: The message for the caller.
        status: The HTTP status; that of `type` when omitted.
        details: The machine-readable `details` object, with its `error_code`.
        fields: Further fields of the error object, beside `type` and `message`.
        headers: Additional headers, such as `retry-after`.
        rule: The name of the rule that refused, for the journal.
    """

    def __init__(
        self,
        type: str,  # noqa: A002  # the wire's name
        message: str,
        *,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(message)
        self.type = type
        self.message = message
        self.status = STATUS[type] if status is None else status
        self.details = details
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})
        self.rule = rule

    def refused_by(self, rule: str) -> ServiceError:
        """Name the rule that refused, and return the error."""
        self.rule = rule
        return self


def coded_error(code: str, message: str, *, rule: str | None = None, **details: Any) -> ServiceError:
    """Make the refusal of an error code.

    Args:
        code: A key of `CODES`, such as `thread_not_found`.
        message: The message for the caller.
        rule: The name of the rule that refused, for the journal.
        details: Further fields of the `details` object.

    Returns:
        The refusal, with the code's status and type.

    Raises:
        KeyError: The wheel knows no such code.
    """
    status = CODES[code]
    return ServiceError(_TYPES[status], message, status=status, details={"error_code": code, **details}, rule=rule)


def error_body(error: ServiceError, request_id: str) -> dict[str, Any]:
    """Render a refusal as the API's error object.

    Args:
        error: The refusal.
        request_id: The id in the `request-id` header.

    Returns:
        `{"type": "error", "error": {...}, "request_id": ...}`.
    """
    inner: dict[str, Any] = {"type": error.type, "message": error.message, **error.fields}
    if error.details is not None:
        inner["details"] = dict(error.details)
    return {"type": "error", "error": inner, "request_id": request_id}
