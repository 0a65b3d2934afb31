"""The account of a spend limit that is one process's, with the line of calls that wait; see `policy/spend_amounts.py`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from keybearer.policy.batch_hold import BatchHold
from keybearer.policy.spend_amounts import NOTHING, Amount, Balance, Ceiling, Full, Periods, Reservation, judge

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["QueuePlace", "SpendAccount"]


class QueuePlace:
    """The place of a call in the line of those that wait.

    Attributes:
        future: Set when it is first, and something was given back; None before it waits.
    """

    __slots__ = ("future",)

    def __init__(self) -> None:
        self.future: Future[None] | None = None


class SpendAccount:
    """The account of a limit that is one process's.

    Args:
        periods: The periods of the limit.
        future: Makes a future.
        lock: The lock of its state.
    """

    def __init__(
        self, periods: Periods, *, future: Callable[[], Future[None]], lock: AbstractContextManager[object]
    ) -> None:
        self._periods = periods
        self._future = future
        self._lock = lock
        self._spent: dict[str, Amount] = {}
        self._reserved = NOTHING
        self._open: dict[int, Reservation] = {}
        self._numbers = 0
        self._waiting: deque[QueuePlace] = deque()
        self._returned: deque[tuple[Reservation, Amount, float]] = deque()
        self._batches: dict[str, BatchHold] = {}

    def balance(self, wall: float) -> tuple[str, Balance]:
        """Return the present period, and what is spent and reserved in it."""
        self._catch_up()
        with self._lock:
            return self._balance(wall)

    def reserve(self, ceiling: Ceiling, asked: Amount, wall: float, place: QueuePlace) -> Reservation | Full:
        """Reserve an amount, if it fits and nobody else waits for it.

        Args:
            ceiling: The limit.
            asked: The amount.
            wall: The time, in epoch seconds.
            place: The call's place in the line.
        """
        self._catch_up()
        with self._lock:
            period, balance = self._balance(wall)
            if (full := judge(ceiling, balance, asked, period)) is not None:
                return full
            if self._waiting and self._waiting[0] is not place:
                return Full(asked, balance, hopeless=False, period=period)
            self._numbers += 1
            reservation = Reservation(self._numbers, asked, period, self)
            self._open[reservation.number] = reservation
            self._reserved = self._reserved.plus(asked)
            return reservation

    def settle(self, reservation: Reservation, amount: Amount, wall: float) -> None:
        """Book what a call took in place of its reservation, and wake the longest waiter."""
        self._catch_up()
        self._settle(reservation, amount, wall)
        self.wake()

    def settle_later(self, reservation: Reservation, amount: Amount, wall: float) -> None:
        """Do the same from a finalizer, where no lock may be taken: it is booked when the account is next used."""
        self._returned.append((reservation, amount, wall))

    def keep_for_batch(self, reservation: Reservation, batch: str, wall: float) -> None:
        """Let a reservation stand for a batch that was made."""
        self._catch_up()
        with self._lock:
            if self._open.pop(reservation.number, None) is None:
                return
            self._reserved = self._reserved.minus(reservation.amount)
            for name, held in list(self._batches.items()):
                if held.is_lost(wall):  # nobody will say what it cost
                    self._book({held.first}, self._batches.pop(name).amount)
            self._batches[batch] = BatchHold.of(reservation.amount, reservation.period, self._periods, wall)

    def settle_batch(self, batch: str, amount: Amount, wall: float) -> None:
        """Book what a batch took in place of what stands for it, and wake the longest waiter; nothing where nothing does."""
        with self._lock:
            if (held := self._batches.pop(batch, None)) is not None:
                self._book(held.billed_in(self._periods.current(wall)), amount)
        self.wake()

    def queue(self, place: QueuePlace) -> tuple[Future[None], bool]:
        """Wait, at the end of the line or where the place stands; return its future, and whether it is the first."""
        future = self._future()
        with self._lock:
            if place.future is None:
                self._waiting.append(place)
            place.future = future
            return future, self._waiting[0] is place

    def leave(self, place: QueuePlace) -> None:
        """Give a place up, and let the next one try."""
        with self._lock:
            if place.future is None:
                return
            self._waiting.remove(place)
            place.future = None
        self.wake()

    def wake(self) -> None:
        """Let the first waiter try again."""
        with self._lock:
            future = self._waiting[0].future if self._waiting else None
            if future is None or future.done():
                return
            future.set_result(None)  # its callbacks only wake the waiter

    def _balance(self, wall: float) -> tuple[str, Balance]:
        period = self._periods.current(wall, max(self._spent, default=""))
        reserved = self._reserved
        for held in self._batches.values():
            if held.counts_in(period):
                reserved = reserved.plus(held.amount)
        return period, Balance(self._spent.get(period, NOTHING), reserved)

    def _settle(self, reservation: Reservation, amount: Amount, wall: float) -> None:
        with self._lock:
            if self._open.pop(reservation.number, None) is None:
                return
            self._reserved = self._reserved.minus(reservation.amount)
            now = self._periods.current(wall, max(self._spent, default=""))
            self._book({reservation.period, now}, amount)

    def _book(self, periods: set[str], amount: Amount) -> None:
        for period in periods:
            self._spent[period] = self._spent.get(period, NOTHING).plus(amount)

    def _catch_up(self) -> None:
        while self._returned:
            try:
                returned = self._returned.popleft()
            except IndexError:  # another thread was faster
                return
            self._settle(*returned)
