"""Carries out a plan: the only place where the simulator writes to a client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.outgoing import Outgoing, Part
from keybearer.simulator.http.connections import Connections

__all__ = ["deliver"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Client = tuple[str, int] | None


async def deliver(
    plan: Outgoing, send: Send, *, clock: SimulatedClock, connections: Connections, client: Client
) -> None:
    """Send a plan, part by part, until it is done or the client has disconnected.

    Args:
        plan: The plan.
        send: ASGI's send.
        clock: The clock for the delays.
        connections: The open connections, to cut the peer's or see that it is closed.
        client: The peer.
    """
    if plan.status <= 0:
        await _without_http(plan, connections, client)
        return
    headers = [(name.encode("latin-1"), _header_value(value)) for name, value in plan.headers.items()]
    if plan.length is not None:
        headers.append((b"content-length", str(plan.length).encode()))
    parts = plan.parts or [Part(b"")]
    await _wait(parts[0], clock)
    await send({"type": "http.response.start", "status": plan.status, "headers": headers})
    for index, part in enumerate(parts):
        if index:
            await _wait(part, clock)
        if (part.delay or part.forever) and not connections.is_open(client):
            return
        while part.forever and connections.is_open(client):
            await send({"type": "http.response.body", "body": part.data, "more_body": True})
            await _wait(part, clock)
        more = index + 1 < len(parts) or plan.ending != "complete"
        await send({"type": "http.response.body", "body": part.data, "more_body": more})
    if plan.ending != "complete":
        await connections.cut(client, reset=plan.ending == "reset")


def _header_value(text: str) -> bytes:
    """Encode a header's value; what would end the header, or fits into none (RFC 9110, section 5.5), is percent-encoded."""
    if text.isascii() and text.isprintable():
        return text.encode()
    return "".join(char if " " <= char <= "~" else quote(char) for char in text).encode()


async def _wait(part: Part, clock: SimulatedClock) -> None:
    if part.delay:
        await clock.sleep(part.delay)


async def _without_http(plan: Outgoing, connections: Connections, client: Client) -> None:
    """Cut the connection without a reply, after raw bytes if the plan has any."""
    for part in plan.parts if plan.status < 0 else ():
        connections.write(client, part.data)
    await connections.cut(client, reset=plan.ending == "reset")
