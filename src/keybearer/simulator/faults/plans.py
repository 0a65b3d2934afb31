"""Faults while a reply is sent: cuts, stalls, delays, wrong types and broken bytes. Each is a function of the plan."""

from __future__ import annotations

import gzip as gzip_module
from typing import Final

from msgspec import structs

from keybearer.simulator.core.outgoing import Ending, Outgoing, Part
from keybearer.simulator.service.pacing import ping_of

__all__ = [
    "content_type",
    "cut",
    "drop_after",
    "garbage",
    "gzip",
    "not_http",
    "pings",
    "slow",
    "stall",
    "truncated_json",
]

EVENTS: Final = 3
NO_LIMIT: Final = -1
NOISE: Final = bytes((index * 73 + 41) % 256 for index in range(512))


def _first_bytes(parts: list[Part], count: int) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if count <= 0:
            break
        kept.append(structs.replace(part, data=part.data[:count]))
        count -= len(part.data)
    return kept


def _head(plan: Outgoing, after_events: int, after_bytes: int) -> list[Part]:
    """Return the beginning of a body: `after_bytes` bytes, else `after_events` events, or half of a plain body."""
    if after_bytes >= 0:
        return _first_bytes(plan.parts, after_bytes)
    if plan.length is not None:
        return _first_bytes(plan.parts, plan.size // 2)
    return plan.parts[: EVENTS if after_events == NO_LIMIT else after_events]


def cut(
    plan: Outgoing, *, after_events: int = NO_LIMIT, after_bytes: int = NO_LIMIT, ending: str = "close"
) -> Outgoing:
    """The connection ends after some events or bytes: closed (`ending=close`) or reset (`ending=reset`)."""
    how: Ending = "reset" if ending == "reset" else "close"
    return structs.replace(plan, parts=_head(plan, after_events, after_bytes), ending=how)


def truncated_json(plan: Outgoing, *, after_bytes: int = NO_LIMIT) -> Outgoing:
    """A whole HTTP reply whose body stops in the middle."""
    parts = _head(plan, NO_LIMIT, after_bytes)
    length = None if plan.length is None else sum(len(part.data) for part in parts)
    return structs.replace(plan, parts=parts, length=length)


def drop_after(plan: Outgoing) -> Outgoing:
    """The request is carried out, and the connection is reset before a byte of the reply."""
    return structs.replace(plan, status=0, parts=[], length=None, ending="reset")


def stall(plan: Outgoing, *, after_events: int = EVENTS, seconds: float = 3600.0) -> Outgoing:
    """A silence in the middle."""
    head = _head(plan, after_events, NO_LIMIT)
    taken = sum(len(part.data) for part in head)
    whole = b"".join(part.data for part in plan.parts)
    return structs.replace(plan, parts=[*head, Part(whole[taken:], seconds)])


def pings(plan: Outgoing, *, after_events: int = EVENTS, interval: float = 1.0) -> Outgoing:
    """Pings without end, as from a backend that is stuck; a silence without end in a reply that is no stream."""
    if plan.length is not None:
        return structs.replace(plan, parts=[Part(b"", interval, forever=True)])
    return structs.replace(plan, parts=[*plan.parts[:after_events], Part(ping_of(plan), interval, forever=True)])


def slow(plan: Outgoing, *, seconds: float = 30.0) -> Outgoing:
    """A late first byte."""
    first, *rest = plan.parts or [Part(b"")]
    return structs.replace(plan, parts=[structs.replace(first, delay=first.delay + seconds), *rest])


def content_type(plan: Outgoing, *, value: str = "text/html") -> Outgoing:
    """The right body under the wrong content type."""
    return structs.replace(plan, headers={**plan.headers, "content-type": value})


def garbage(plan: Outgoing) -> Outgoing:
    """Bytes that are neither JSON nor text, under the right content type."""
    length = None if plan.length is None else len(NOISE)
    return structs.replace(plan, parts=[Part(NOISE)], length=length)


def gzip(plan: Outgoing) -> Outgoing:
    """The body compressed, even if the client does not accept that."""
    data = gzip_module.compress(b"".join(part.data for part in plan.parts), mtime=0)
    length = None if plan.length is None else len(data)
    return structs.replace(
        plan, parts=[Part(data)], length=length, headers={**plan.headers, "content-encoding": "gzip"}
    )


def not_http(plan: Outgoing) -> Outgoing:
    """Bytes on the socket that are not HTTP."""
    return structs.replace(plan, status=-1, parts=[Part(b"SSH-2.0-OpenSSH_9.6\r\n")], length=None, ending="close")
