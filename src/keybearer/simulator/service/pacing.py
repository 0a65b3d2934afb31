"""Sends a stream at the speed of a model, cut into writes the way a network cuts it. Plan to plan, without a clock."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from keybearer.simulator.core.outgoing import Outgoing, Part
from keybearer.simulator.service import tokens

__all__ = ["pace", "ping_of"]

PING: Final = b'event: ping\ndata: {"type":"ping"}\n\n'
CHAT_PING: Final = b": ping\n\n"
"""A comment, which every reader of events skips: chunks of a chat completion have no event for it (a guess)."""
CHUNK: Final = b"data:"
"""How a chunk of a chat completion begins; an event of a message begins with its name."""
DELTAS: Final = (b"event: content_block_delta", CHUNK)
ENVELOPE_BYTES: Final = 110  # of a delta's JSON and its SSE lines around the text
BURST_BYTES: Final = 64 * 1024


def ping_of(plan: Outgoing) -> bytes:
    """Return a ping that the readers of a plan's stream know."""
    return CHAT_PING if plan.parts and plan.parts[0].data.startswith(CHUNK) else PING


def _delays(parts: list[Part], speed: float) -> list[Part]:
    """Delay every delta by the time that its tokens take."""
    paced = []
    for part in parts:
        words = max(1, (len(part.data) - ENVELOPE_BYTES) // tokens.BYTES_PER_TOKEN)
        slow = part.data.startswith(DELTAS)
        paced.append(structs.replace(part, delay=part.delay + (words / speed if slow else 0.0)))
    return paced


def _with_pings(parts: list[Part], interval: float, ping: bytes) -> list[Part]:
    """Fill a long silence with pings."""
    filled: list[Part] = []
    for part in parts:
        left = part.delay
        while interval and filled and left > interval:
            filled.append(Part(ping, interval))
            left -= interval
        filled.append(structs.replace(part, delay=left))
    return filled


def _joined(parts: list[Part]) -> list[Part]:
    """Join the parts between which there is no delay."""
    joined: list[Part] = []
    chunk: list[bytes] = []
    delay, size = 0.0, 0
    for part in parts:
        if chunk and (part.delay or part.forever or size >= BURST_BYTES):
            joined.append(Part(b"".join(chunk), delay))
            chunk, size, delay = [], 0, part.delay
        elif not chunk:
            delay = part.delay
        if part.forever:
            joined.append(part)
            delay = 0.0
            continue
        chunk.append(part.data)
        size += len(part.data)
    return [*joined, Part(b"".join(chunk), delay)] if chunk else joined


def _cut(parts: list[Part], size: int) -> list[Part]:
    """Cut into writes of a fixed size."""
    return [
        Part(part.data[at : at + size], 0.0 if at else part.delay, part.forever)
        for part in _joined(parts)
        for at in range(0, len(part.data), size)
    ]


def pace(
    plan: Outgoing, *, speed: float = 0.0, first: float = 0.0, ping_interval: float = 0.0, chunking: str = "burst"
) -> Outgoing:
    """Pace a plan.

    Args:
        plan: The plan, with one part for each event.
        speed: Tokens per second; 0 for no delay.
        first: Seconds before the first byte.
        ping_interval: Seconds of silence after which a ping is sent; 0 for no pings.
        chunking: `burst`, `event` or a number of bytes.

    Returns:
        The paced plan.
    """
    parts = plan.parts
    if plan.length is None:
        parts = _with_pings(_delays(parts, speed), ping_interval, ping_of(plan)) if speed else parts
        if chunking == "burst":
            parts = _joined(parts)
        elif chunking != "event":
            parts = _cut(parts, int(chunking))
    if parts is plan.parts and not first:
        return plan
    if first and parts:
        parts = [structs.replace(parts[0], delay=parts[0].delay + first), *parts[1:]]
    return structs.replace(plan, parts=parts)
