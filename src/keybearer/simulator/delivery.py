"""Carrying out a plan: the only place where the twin writes to a client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from keybearer.simulator.clock import Clock
from keybearer.simulator.connections import Connections
from keybearer.simulator.outgoing import Outgoing

__all__ = ["deliver"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def deliver(
    plan: Outgoing, send: Send, *, clock: Clock, connections: Connections, client: tuple[str, int] | None
) -> int:
    """Send a plan, part by part.

    Args:
        plan: What to send.
        send: ASGI's send.
        clock: What delays are waited on.
        connections: Where the peer's connection is found, to cut it or to see that it has gone.
        client: The peer.

    Returns:
        The bytes of body written.
    """
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in plan.headers.items()]
    if plan.length is not None:
        headers.append((b"content-length", str(plan.length).encode()))
    if plan.parts and plan.parts[0].delay:
        await clock.sleep(plan.parts[0].delay)
    await send({"type": "http.response.start", "status": plan.status, "headers": headers})
    written = 0
    last = len(plan.parts) - 1
    for index, part in enumerate(plan.parts):
        while True:
            if part.delay and (index or part.forever):
                await clock.sleep(part.delay)
            if (part.delay or part.forever) and not connections.is_open(client):
                return written
            is_last = index == last and plan.ending == "complete" and not part.forever
            await send({"type": "http.response.body", "body": part.data, "more_body": not is_last})
            written += len(part.data)
            if not part.forever:
                break
    if plan.ending != "complete":
        connections.cut(client, reset=plan.ending == "reset")
    elif not plan.parts:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    return written
