"""Faults that replace a reply: the endpoint does not run, so nothing is rotated, charged or stored."""

from __future__ import annotations

from typing import Final

from keybearer.simulator.core.clock import http_date
from keybearer.simulator.core.errors import STATUS, ServiceError
from keybearer.simulator.core.reply import ServerReply, refuse

__all__ = ["drop", "empty", "error", "html", "redirect"]

TYPE_OF: Final = {status: name for name, status in STATUS.items()} | {
    408: "timeout_error",
    502: "api_error",
    503: "api_error",
}


def error(
    request_id: str,
    now: float,
    *,
    status: int = 0,
    type: str = "",  # noqa: A002  # the wire's name
    message: str = "",
    error_code: str = "",
    retry_after: str = "",
    retry_after_ms: str = "",
    retry_after_date: float = 0.0,
    should_retry: str = "",
) -> ServerReply:
    """An error of any status and type, with `retry-after` in any form."""
    kind = type or TYPE_OF.get(status, "invalid_request_error" if 400 <= status < 500 else "api_error")
    code = status or STATUS.get(kind, 500)
    headers = {
        "retry-after": http_date(now + retry_after_date) if retry_after_date else retry_after,
        "retry-after-ms": retry_after_ms,
        "x-should-retry": should_retry,
    }
    refusal = ServiceError(
        kind,
        message or f"The simulator was asked for {kind}.",
        status=code,
        details={"error_code": error_code} if error_code else None,
        headers={name: value for name, value in headers.items() if value},
    )
    return refuse(refusal, request_id)


def redirect(
    _request_id: str, _now: float, *, location: str = "http://127.0.0.1:9/elsewhere", status: int = 307
) -> ServerReply:
    """A redirect, which a client must not follow with its credentials."""
    return ServerReply(status=status, headers={"location": location}, content_type="text/plain")


def html(_request_id: str, _now: float, *, status: int = 502) -> ServerReply:
    """A gateway's page in place of JSON."""
    page = f"<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1></body></html>"
    return ServerReply(page.encode(), status=status, content_type="text/html", note={"error": "html"})


def empty(_request_id: str, _now: float, *, status: int = 200) -> ServerReply:
    """No body at all."""
    return ServerReply(b"", status=status)


def drop(_request_id: str, _now: float) -> ServerReply:
    """The connection is reset before anything is done."""
    return ServerReply(status=0, note={"error": "dropped"})
