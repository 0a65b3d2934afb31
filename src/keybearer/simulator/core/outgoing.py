"""A plan for sending a reply: parts of bytes, the delay before each, and how the connection ends.

The plan is a value. Pacing and faults are functions from plan to plan, tested without a socket; one small loop
(`http/delivery.py`) carries a plan out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from keybearer.simulator.core.reply import Event, ServerReply, encode

__all__ = ["Ending", "Outgoing", "Part", "render", "render_event"]

Ending = Literal["complete", "close", "reset"]


class Part(Struct, frozen=True):
    """Bytes that are written together.

    Args:
        data: The bytes.
        delay: Seconds to wait first, on the simulator's clock.
        forever: Write it repeatedly, each time after the delay.
    """

    data: bytes
    delay: float = 0.0
    forever: bool = False


class Outgoing(Struct):
    """A reply as it will be written.

    Args:
        status: The HTTP status; 0 for no reply at all, below 0 for parts that are not HTTP.
        headers: All headers except `content-length`.
        parts: The body.
        length: The `content-length`; None for a chunked body.
        ending: `complete`, or the connection is closed (`close`) or reset without the rest.
    """

    status: int
    headers: dict[str, str]
    parts: list[Part]
    length: int | None = None
    ending: Ending = "complete"

    @property
    def size(self) -> int:
        """The number of bytes in all parts."""
        return sum(len(part.data) for part in self.parts)


def render_event(event: Event) -> bytes:
    """Format one event the way the service does; a chunk of a chat completion has no name."""
    data = event.data if isinstance(event.data, bytes) else encode(event.data)
    if not event.name:
        return b"data: %b\n\n" % data
    return b"event: %b\ndata: %b\n\n" % (event.name.encode(), data)


def _stream(events: Iterable[Event]) -> list[Part]:
    return [Part(render_event(event)) for event in events]


def render(reply: ServerReply, request_id: str) -> Outgoing:
    """Turn a reply into a plan with one part for each event.

    Args:
        reply: The reply.
        request_id: The value of the `request-id` header.

    Returns:
        The plan that sends it whole, without delay.
    """
    headers = {"request-id": request_id, "anthropic-organization-id": "00000000-0000-4000-8000-000000000000"}
    if reply.events is None:
        headers |= {"content-type": reply.content_type} | reply.headers
        if reply.lines is not None:
            return Outgoing(reply.status, headers, [Part(line) for line in reply.lines])
        ending: Ending = "complete" if reply.status > 0 else "reset"
        return Outgoing(reply.status, headers, [Part(reply.body)], length=len(reply.body), ending=ending)
    headers |= {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"} | reply.headers
    return Outgoing(reply.status, headers, _stream(reply.events))
