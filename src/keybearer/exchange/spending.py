"""Spend limits in a request's life: reserve its worst case, send, settle on what came.

    reserve ─▶ (admit, credential) ─▶ mark as sent ─▶ Send ─▶ settle
       └── full: wait for what others give back, or the error       └── never sent: given back

Strategy: each attempt reserves anew under every limit of its call, all of them or none, so that nobody waits while holding what others
wait for. A limit is a `SpendPort`, whose waits are effects, so that its account may be in this process, in a file, or on a server.

Contract: each reservation is settled exactly once, however its attempt ends. Settling never waits, for it also happens after a
cancellation and in a finalizer. The reservation of a batch that was made stands for it until its results were read
(`policy/batch_hold.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from msgspec import Struct

from keybearer.errors import DeadlineExceeded, KeybearerError, StreamError, UsageError
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Clocks, Expired, Flow, within
from keybearer.policy.deadline import Deadline, format_seconds
from keybearer.policy.settlement import certainly_free, taken
from keybearer.policy.spend_account import QueuePlace
from keybearer.policy.spend_amounts import NOTHING, Amount, Full, Reservation
from keybearer.policy.worst_case import WorstCase, worst_case
from keybearer.prices import PriceTable, public
from keybearer.prices.billing import day_of
from keybearer.types.api_object import loads
from keybearer.types.hooks import LimitCrossed
from keybearer.types.http import Draft, Reply
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.types.usage import Usage

T = TypeVar("T")

__all__ = ["Hold", "SpendPort", "reserve", "settle_outcome"]


_BATCH_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,200}")
"""An id that can stand in the files of the accounts."""


class SpendPort(Protocol):
    """One spend limit."""

    @property
    def counts_dollars(self) -> bool:
        """Whether it limits dollars."""
        ...

    def reserve(self, asked: Amount, place: QueuePlace) -> Flow[Reservation | Full]:
        """Reserve an amount, if it fits and no call waits for it that stands before this one."""
        ...

    def mark_sent(self, reservation: Reservation) -> Flow[None]:
        """Record that the request of a reservation is sent now, so that it counts as spent if this process dies.

        Raises:
            SpendLimitExceeded: In the flow; it cannot be recorded, so the request must not be sent.
        """
        ...

    def settle(self, reservation: Reservation, amount: Amount, *, later: bool = False) -> None:
        """Book an amount in place of a reservation; `later` from a finalizer, where no lock may be taken."""
        ...

    def keep_for_batch(self, reservation: Reservation, batch: str) -> None:
        """Let a reservation stand for a batch that was made, until it is known what its rows cost."""
        ...

    def settle_batch(self, batch: str, amount: Amount) -> None:
        """Book what the rows of a batch cost in place of what stands for it; nothing where nothing does."""
        ...

    def wait(self, full: Full, seconds: float, place: QueuePlace) -> Flow[None]:
        """Wait in line until it may fit, for so many seconds at the most.

        Raises:
            SpendLimitExceeded: In the flow; the limit does not wait, or it cannot fit in that time.
        """
        ...

    def leave(self, place: QueuePlace) -> None:
        """Leave the line, with a reservation or without."""
        ...

    def crossed(self) -> LimitCrossed | None:
        """Return that the limit's alert threshold is crossed, once for each period."""
        ...


class Hold(Struct):
    """What is reserved for one attempt.

    Attributes:
        worst: Its worst case.
        held: The limits, and the reservation under each.
        prices: The prices of the call.
        sent: Whether its request may have been sent.
        settled: Whether it is settled.
    """

    worst: WorstCase
    held: list[tuple[SpendPort, Reservation]]
    prices: PriceTable | None
    sent: bool = False
    settled: bool = False

    def send(self) -> Flow[None]:
        """Record that the request is sent now."""
        for limit, reservation in self.held:
            yield from limit.mark_sent(reservation)
        self.sent = True

    def crossed(self) -> list[LimitCrossed]:
        """Return the limits whose alert threshold is crossed now."""
        return [news for limit, _ in self.held if (news := limit.crossed()) is not None]

    def settle(self, outcome: Reply | KeybearerError | None, *, later: bool = False) -> None:
        """Settle by how the attempt has ended: with a whole reply, an error, or neither; `later` from a finalizer."""
        if not self.sent:
            self._book(NOTHING, later=later)
        elif isinstance(outcome, Reply):
            self._settle_reply(outcome)
        elif isinstance(outcome, StreamError) and outcome.partial is not None:
            self.settle_message(outcome.partial, complete=False)
        elif isinstance(outcome, KeybearerError) and certainly_free(outcome):
            self._book(NOTHING)
        else:
            self._book(self.worst.amount, later=later)

    def settle_message(self, message: Message | None, *, complete: bool, later: bool = False) -> None:
        """Settle by a message as far as it came; None for one of which nothing came."""
        if message is None:
            self._book(self.worst.amount, later=later)
            return
        usage, day = message.usage, day_of(message.headers.get("date"))
        whole = complete or message.stop_reason is not None
        self._book(self._taken(usage, message.model, day, complete=whole), later=later)

    def _settle_reply(self, reply: Reply) -> None:
        try:
            source = loads(reply.body)
        except (ValueError, RecursionError):
            source = None
        if not isinstance(source, Mapping):
            self._book(self.worst.amount)
        elif source.get("type") == "message_batch" and _BATCH_ID.fullmatch(str(source.get("id"))):
            self._keep_for_batch(source["id"])
        elif isinstance(source.get("usage"), Mapping):
            day = day_of(reply.headers.get("date"))
            self._book(self._taken(source["usage"], source.get("model"), day, complete=True))
        else:
            self._book(self.worst.amount)

    def _keep_for_batch(self, batch: str) -> None:
        if not self.settled:
            self.settled = True
            for limit, reservation in self.held:
                limit.keep_for_batch(reservation, batch)

    def _taken(self, usage: Usage | Mapping[str, Any], model: Any, day: date | None, *, complete: bool) -> Amount:
        found: Any = usage  # a gateway's may be anything
        if not isinstance(found, Mapping):
            found = found.to_dict() if hasattr(found, "to_dict") else {}
        name = model if isinstance(model, str) else ""
        return taken(self.worst, found, name, on=day, prices=self.prices, complete=complete)

    def _book(self, amount: Amount, *, later: bool = False) -> None:
        if self.settled:
            return
        self.settled = True
        for limit, reservation in self.held:
            limit.settle(reservation, amount, later=later)


def reserve(
    limits: Sequence[SpendPort], draft: Draft, prices: PriceTable | None, deadline: Deadline, clocks: Clocks
) -> Flow[Hold | None]:
    """Reserve the worst case of a request under every limit; return None for a request that costs nothing.

    Raises:
        DeadlineExceeded: In the flow; a limit did not answer in time.
        SpendLimitExceeded: In the flow; it does not fit.
        UsageError: In the flow; nothing bounds what it may cost.
    """
    if draft.upload is not None:
        return None  # files, which cost nothing
    today = datetime.fromtimestamp(clocks.wall(), UTC).date()
    worst = worst_case(draft.method, draft.url, draft.body, prices=prices or public(), today=today)
    if worst is None:
        return None
    if worst.unpriced and any(limit.counts_dollars for limit in limits):
        raise UsageError(
            f"Under a spend limit in dollars nothing was sent: {worst.unpriced}.",
            hint="Give the model's price with Client(prices=...), or limit the tokens alone.",
        )
    places = [(limit, QueuePlace()) for limit in limits]
    try:
        while True:
            held, full = yield from _in_time(_reserve_all(places, worst.amount), deadline, clocks)
            if full is None:
                return Hold(worst, held, prices)
            limit, place, how = full
            for other, left in places:
                if other is not limit:
                    other.leave(left)  # nobody is to wait behind a call that waits elsewhere
            yield from limit.wait(how, deadline.remaining(clocks.monotonic()), place)
    finally:
        for each, left in places:
            each.leave(left)


def _in_time(flow: Flow[T], deadline: Deadline, clocks: Clocks) -> Flow[T]:
    """Run a flow that reserves; what it has reserved is given back when the call's deadline passes meanwhile."""
    try:
        return (yield from within(flow, lambda: deadline.remaining(clocks.monotonic())))
    except Expired:
        pass
    raise DeadlineExceeded(
        f"The spend limit did not answer within the call's {format_seconds(deadline.limit)}, so nothing was sent.",
        hint="Its file may be in use for long; or give the call more time with timeout=...",
    )


def _reserve_all(
    places: list[tuple[SpendPort, QueuePlace]], asked: Amount
) -> Flow[tuple[list[tuple[SpendPort, Reservation]], tuple[SpendPort, QueuePlace, Full] | None]]:
    """Reserve under all limits, or under none; return the reservations, and the limit under which it does not fit."""
    held: list[tuple[SpendPort, Reservation]] = []
    try:
        for limit, place in places:
            answer = yield from limit.reserve(asked, place)
            if isinstance(answer, Full):
                _give_back(held)
                return held, (limit, place, answer)
            held.append((limit, answer))
    except BaseException:
        _give_back(held)
        raise
    return held, None


def _give_back(held: list[tuple[SpendPort, Reservation]]) -> None:
    while held:
        limit, reservation = held.pop()
        limit.settle(reservation, NOTHING)


def settle_outcome(hold: Hold | None, outcome: Reply | OpenBody | KeybearerError | None) -> None:
    """Settle a hold by the outcome of its attempt; an open body settles it when it is closed."""
    if hold is None:
        return
    if isinstance(outcome, OpenBody):
        outcome.hold = hold
    else:
        hold.settle(outcome)
