"""Carries out a plan: the only place where the simulator writes to a client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.outgoing import Outgoing, Part
from keybearer.simulator.http.connections import Connections

__all__ = ["Delivered", "deliver"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Client = tuple[str, int] | None
Data = bytes  # where a field is called `bytes`


class Delivered(Struct):
    """What a client got of a reply: all that was written while it was there.

    Args:
        bytes: The bytes of the body.
        events: The whole events, in a stream.
        end: `complete`; `cut` by a fault; `left` because the client was gone before the end.
    """

    bytes: int = 0
    events: int = 0
    end: str = "left"

    def add(self, data: Data, *, is_stream: bool) -> None:
        """Count what was written."""
        self.bytes += len(data)
        self.events += data.count(b"\n\n") if is_stream else 0

    def as_dict(self) -> dict[str, Any]:
        """Render for the journal."""
        return {"bytes": self.bytes, "events": self.events, "end": self.end}


async def deliver(
    plan: Outgoing,
    send: Send,
    *,
    clock: SimulatedClock,
    connections: Connections,
    client: Client,
    delivered: Delivered,
) -> None:
    """Send a plan, part by part, until it is done or the client has disconnected.

    Args:
        plan: The plan.
        send: ASGI's send.
        clock: The clock for the delays.
        connections: The open connections, to cut the peer's or see that it is closed.
        client: The peer.
        delivered: Counts what is written.
    """
    if plan.status <= 0:
        delivered.end = "cut"
        await _without_http(plan, connections, client)
        return
    is_stream = plan.headers.get("content-type", "").startswith("text/event-stream")
    headers = _encoded(plan.headers)
    if plan.length is not None:
        headers.append((b"content-length", str(plan.length).encode()))
    parts = plan.parts or [Part(b"")]
    await _wait(parts[0], clock)
    await send({"type": "http.response.start", "status": plan.status, "headers": headers})
    for index, part in enumerate(parts):
        if index:
            await _wait(part, clock)
        while part.forever and connections.is_open(client):
            await send({"type": "http.response.body", "body": part.data, "more_body": True})
            delivered.add(part.data, is_stream=is_stream)
            await _wait(part, clock)
        if not connections.is_open(client):
            return
        more = index + 1 < len(parts) or plan.ending != "complete"
        await send({"type": "http.response.body", "body": part.data, "more_body": more})
        delivered.add(part.data, is_stream=is_stream)
    delivered.end = "complete"
    if plan.ending != "complete":
        delivered.end = "cut"
        await connections.cut(client, reset=plan.ending == "reset")


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Encode headers; what would end a header, or fits into none (RFC 9110, section 5.5), is percent-encoded."""
    values = "".join(headers.values())
    if values.isascii() and values.isprintable():  # as nearly always
        return [(name.encode("latin-1"), value.encode()) for name, value in headers.items()]
    return [(name.encode("latin-1"), _escaped(value).encode()) for name, value in headers.items()]


def _escaped(text: str) -> str:
    return "".join(char if " " <= char <= "~" else quote(char) for char in text)


async def _wait(part: Part, clock: SimulatedClock) -> None:
    if part.delay:
        await clock.sleep(part.delay)


async def _without_http(plan: Outgoing, connections: Connections, client: Client) -> None:
    """Cut the connection without a reply, after raw bytes if the plan has any."""
    for part in plan.parts if plan.status < 0 else ():
        connections.write(client, part.data)
    await connections.cut(client, reset=plan.ending == "reset")
