"""A reply before it becomes bytes: a body, a list of events or lines, and facts for the journal."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from keybearer.simulator.core.errors import ServiceError, error_body

__all__ = ["Event", "ServerReply", "encode", "refuse"]

encode = msgspec.json.Encoder().encode


class Event(NamedTuple):
    """One server-sent event."""

    name: str
    data: Any


class ServerReply(Struct, frozen=True):
    """An endpoint's reply.

    Args:
        body: The whole body, for a plain reply.
        events: The events in order, for a stream; then `body` is unused.
        lines: The pieces of a body that is sent chunked, such as JSONL; then `body` is unused.
        status: The HTTP status.
        headers: Headers other than `request-id` and the content type.
        content_type: The body's type.
        note: Facts for the journal: usage, error type, rule, message id.
    """

    body: bytes = b""
    events: list[Event] | None = None
    lines: list[bytes] | None = None
    status: int = 200
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    content_type: str = "application/json"
    note: dict[str, Any] = msgspec.field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, *, status: int = 200, note: dict[str, Any] | None = None) -> ServerReply:
        """Answer with one JSON value."""
        return cls(body=encode(value), status=status, note=note or {})


def _seconds(headers: dict[str, str]) -> float | None:
    """Read a refusal's `retry-after`, if it is a number."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
    return None


def refuse(error: ServiceError, request_id: str) -> ServerReply:
    """Turn a refusal into a reply."""
    return ServerReply(
        body=encode(error_body(error, request_id)),
        status=error.status,
        headers=error.headers,
        note={
            "error": error.type,
            "message": error.message,
            "rule": error.rule,
            "should_retry": error.headers.get("x-should-retry"),
            "retry_after": _seconds(error.headers),
        },
    )
