"""The limits of a fleet in a request's life: wait for the process's lease, send, report what the reply stated.

Strategy: a `FleetPort` finds the process's share of the limits that a request falls under: those of its organization or key, and of
its model. What processes have in common is behind the port (`keybearer.shell.redis.fleet`); here a request waits for its share.

Contract: each request that has entered a share leaves it once, however it ends. No wait for Redis is longer than the port says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from keybearer.errors import KeybearerError, RateLimited
from keybearer.exchange.observing import UNOBSERVED, ObservedCall
from keybearer.flow import CallHook, Clocks, Flow, Wait
from keybearer.policy.adaptive import LONGEST
from keybearer.policy.deadline import Deadline
from keybearer.types.hooks import FleetChanged, Hook
from keybearer.types.http import Draft, Reply
from keybearer.types.rate_limits import RateLimits

if TYPE_CHECKING:
    from keybearer.credentials.credential import Credential
    from keybearer.policy.fleet_share import FleetShare, FleetTicket
    from keybearer.types.usage import Usage

__all__ = ["FleetPort", "Leased", "take_lease"]

LOOK = 1.0
"""How long a request waits at the most before it looks again, in seconds."""


class FleetPort(Protocol):
    """A client's part in a fleet."""

    @property
    def alone(self) -> bool:
        """Whether it goes on without the others now, because they cannot be reached."""
        ...

    @property
    def first_wait(self) -> float:
        """How long a request waits for the first lease at the most, in seconds."""
        ...

    def share_of(self, draft: Draft, credential: Credential) -> FleetShare | None:
        """Return the share that a request falls under; None for one that no shared limit is about."""
        ...

    def hurry(self, share: FleetShare) -> None:
        """Let the next report of a share be sent when it is due: a request waits. It waits for nothing."""
        ...

    def give_up(self, share: FleetShare) -> None:
        """Let a share go on alone: its first lease has not come in time."""
        ...

    def on_headers(self, share: FleetShare, headers: Mapping[str, str]) -> None:
        """Record whose limits a share falls under, as a reply has stated it."""
        ...

    def on_usage(self, usage: Usage, model: str) -> None:
        """Record what an answer took. It takes no lock."""
        ...

    def news(self) -> list[FleetChanged]:
        """Return what has changed since this was last asked: the fleet was lost, or joined again."""
        ...

    def close(self) -> None:
        """Leave the fleet."""
        ...

    def after_fork(self) -> None:
        """Begin anew in a forked child, as a process of its own."""
        ...


class Leased:
    """A request that a lease has let through.

    Args:
        fleet: The client's part in the fleet.
        share: The share that it falls under.
        ticket: Its place there.
    """

    __slots__ = ("_fleet", "_share", "_ticket")

    def __init__(self, fleet: FleetPort, share: FleetShare, ticket: FleetTicket) -> None:
        self._fleet, self._share = fleet, share
        self._ticket: FleetTicket | None = ticket

    def replied(self, reply: Reply, clocks: Clocks) -> None:
        """Record the limits that a reply stated."""
        limits = RateLimits.from_headers(reply.headers)
        if limits is not None or reply.status < 300:  # an error of a proxy states no limits, and there may be some
            self._share.on_reply(limits, clocks.monotonic(), clocks.wall())
        self._fleet.on_headers(self._share, reply.headers)

    def failed(self, error: KeybearerError, clocks: Clocks) -> None:
        """Record an error: a 429 makes everybody wait."""
        if isinstance(error, RateLimited):
            self._share.on_rate_limited(error.retry_after, clocks.monotonic())
            self._fleet.hurry(self._share)

    def release(self) -> None:
        """Record that the request has ended. It takes no lock, so that a finalizer may call it."""
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            self._share.ended(ticket)


def take_lease(
    fleet: FleetPort,
    draft: Draft,
    credential: Credential,
    *,
    deadline: Deadline,
    clocks: Clocks,
    hook: Hook | None,
    observed: ObservedCall = UNOBSERVED,
) -> Flow[Leased | None]:
    """Wait until the process's share lets a request through; return None for one that no shared limit is about.

    A wait that would take more than half of the remaining time is skipped, as that for the service's limits is.

    Args:
        fleet: The client's part in the fleet.
        draft: The request.
        credential: What it will be signed with.
        deadline: The call's.
        clocks: The clocks.
        hook: Called when the fleet was lost or joined again; None for none.
        observed: The call, whose observers hear of that too.
    """
    for each in fleet.news():
        observed.tell(each)
        if hook is not None:
            yield CallHook(hook, each)
    share = fleet.share_of(draft, credential)
    if share is None:
        return None
    first_byte = draft.timeouts.first_byte
    patience = float("inf") if first_byte is None else first_byte
    ticket = share.enter(draft)
    try:
        began = clocks.monotonic()
        while True:
            now = clocks.monotonic()
            wait, changed = share.wait(ticket, now)
            unjoined = not share.joined and not share.alone
            too_long = min(deadline.remaining(now), patience) / 2 < wait < float("inf")
            if not wait or too_long or now - began > LONGEST:
                break
            if unjoined and now - began > fleet.first_wait:
                fleet.give_up(share)
                continue
            fleet.hurry(share)
            with contextlib.suppress(TimeoutError):
                yield from Wait(changed, min(wait, LOOK))
    except BaseException:
        share.leave(ticket)
        raise
    share.start(ticket, clocks.monotonic())
    if share.alone:
        fleet.hurry(share)  # perhaps the others can be reached again
    return Leased(fleet, share, ticket)
