"""What a process of a fleet reports, and what it is granted: the JSON that `shell/redis/limits.lua` reads and writes."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

__all__ = ["LIMITS", "FleetGrant", "FleetReport", "LimitGrant", "LimitReport"]

LIMITS: Final = ("requests", "input-tokens", "output-tokens", "tokens")
"""The service's limits that a fleet shares; `tokens` only where the others are not stated, for else it repeats one of them."""


class LimitReport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A process's use of one limit, in requests or tokens.

    Attributes:
        used: What was used since the last report that was answered.
        held: What requests under way are taken to need, and what is left of the lease.
        wants: How much it could use, a second.
        short: How much it lacks at this moment.
        largest: The most that one request is taken to need.
        remaining: What the service last said is left.
        limit: The size of the service's bucket.
        fill: How fast that fills, a second.
        age: How long ago it said so, in seconds.
        steady: Its part, as the last lease said; None before any.
    """

    used: float
    held: float
    wants: float
    short: float
    largest: float
    remaining: float | None = None
    limit: float | None = None
    fill: float | None = None
    age: float | None = None
    steady: float | None = None


class FleetReport(Struct, frozen=True, kw_only=True):
    """A process's report.

    Attributes:
        id: The process, by a name that no other has.
        seq: The number of the report.
        heard: The number of the last one that was answered.
        tenant: Whom it works for.
        weight: The tenant's weight.
        period: When it reports again, in seconds.
        limits: Its use of each limit.
        hold: How long everybody is to wait, in seconds: a 429 has said so.
        known: Whether a successful reply has come, so that all limits that there are have been stated.
        leaving: Whether it has nothing to do any more.
        members: How many processes the fleet had, as far as it has heard; 0 before any answer, and after it has left.
        alone: Whether it went on without Redis until now.
        places: How many requests the fleet may have under way; 0 for no such limit.
        busy: How many it has under way.
        waiting: How many wait.
    """

    id: str
    seq: int
    heard: int
    tenant: str
    weight: float
    period: float
    limits: dict[str, LimitReport]
    hold: float
    known: bool
    leaving: bool
    members: int
    alone: bool
    places: int
    busy: int
    waiting: int


class LimitGrant(Struct, frozen=True, kw_only=True):
    """A lease of one limit.

    Attributes:
        rate: How much it may use, a second.
        steady: The same, if Redis is lost: what all processes have of this adds up to what the service fills.
        at_once: How much it may use at once, beside the rate.
        wanted: Whether that is all it wanted.
    """

    rate: float
    steady: float
    at_once: float = 0.0
    wanted: bool = True


class FleetGrant(Struct, frozen=True, kw_only=True):
    """What a process is granted.

    Attributes:
        members: How many processes the fleet has.
        hold: How long to wait, in seconds.
        known: Whether anything is known of the service's limits.
        limits: The lease of each limit that the service has stated.
        asked: While nothing is known: how many requests may find out.
        places: How many requests it may have under way; None without such a limit.
    """

    members: int
    hold: float = 0.0
    known: bool = True
    limits: dict[str, LimitGrant] = {}
    asked: float | None = None
    places: int | None = None
