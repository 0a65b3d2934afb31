"""What is spent and reserved under one limit, and whether a call still fits: pure arithmetic on whole numbers.

Strategy: dollars are whole nanodollars, rounded up, so that sums are exact in Python and in SQLite. An amount is reserved before a
call is sent and settled when it has ended. A reservation counts in every period that it touches: the amount is booked in the period
in which it was reserved and in the one in which it was settled, for nobody can say which of the two the service bills.

Contract: what is spent and reserved never passes the limit, as long as no call takes more than its reservation. Time never goes back:
a clock that is put back by less than a day is held at the latest period that has a booking.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from keybearer.prices.amount import EXACT

__all__ = [
    "EMPTY",
    "NOTHING",
    "Amount",
    "Balance",
    "Ceiling",
    "Full",
    "Per",
    "Periods",
    "Reservation",
    "judge",
    "nanodollars",
    "to_usd",
]

Per: TypeAlias = Literal["run", "day", "month"]

NANO: Final = Decimal(10**9)

BACK: Final = timedelta(days=1)
"""How far a clock may go back and still be held at the latest period; what is further ahead was a clock that was wrong."""


class Amount(NamedTuple):
    """Nanodollars and tokens."""

    nano: int
    tokens: int

    def plus(self, other: Amount) -> Amount:
        """Return the sum."""
        return Amount(self.nano + other.nano, self.tokens + other.tokens)

    def minus(self, other: Amount) -> Amount:
        """Return the difference."""
        return Amount(self.nano - other.nano, self.tokens - other.tokens)


NOTHING: Final = Amount(0, 0)


def nanodollars(usd: Decimal, *, down: bool = False) -> int:
    """Return dollars as nanodollars, rounded up: a part of one counts as a whole. A limit is rounded down."""
    return int(EXACT.multiply(usd, NANO).to_integral_value(ROUND_FLOOR if down else ROUND_CEILING, EXACT))


def to_usd(nano: int) -> Decimal:
    """Return nanodollars as dollars."""
    return EXACT.divide(Decimal(nano), NANO)


class Ceiling(NamedTuple):
    """The most that may be spent; None where there is no limit of that kind."""

    nano: int | None
    tokens: int | None

    def is_passed_by(self, amount: Amount) -> bool:
        """Return whether an amount is above it."""
        return any(most is not None and each > most for each, most in zip(amount, self, strict=True))


class Balance(NamedTuple):
    """What is spent in a period, and what is reserved by calls under way."""

    spent: Amount
    reserved: Amount


EMPTY: Final = Balance(NOTHING, NOTHING)


class Full(NamedTuple):
    """A call does not fit.

    Attributes:
        asked: What it asked for.
        balance: What is spent and reserved.
        hopeless: Whether it does not even fit once every reservation is given back.
        period: The period; empty for a limit that is never renewed.
    """

    asked: Amount
    balance: Balance
    hopeless: bool
    period: str


def judge(ceiling: Ceiling, balance: Balance, asked: Amount, period: str) -> Full | None:
    """Return None if a call fits, or how full the limit is."""
    if not ceiling.is_passed_by(balance.spent.plus(balance.reserved).plus(asked)):
        return None
    return Full(asked, balance, ceiling.is_passed_by(balance.spent.plus(asked)), period)


class Periods(Struct, frozen=True, kw_only=True):
    """The periods of a limit.

    Attributes:
        per: Their length; `run` for one that never ends.
        zone: Where a day begins.
    """

    per: Per = "run"
    zone: tzinfo = UTC

    def current(self, wall: float, latest: str = "") -> str:
        """Return the period of a moment, by its first day; empty for the one that never ends.

        Args:
            wall: The moment, in epoch seconds.
            latest: The latest period that has a booking.
        """
        if self.per == "run":
            return ""
        begins = self._begins(datetime.fromtimestamp(wall, self.zone))
        period = begins.date().isoformat()
        if latest <= period:
            return period
        ahead = datetime.fromisoformat(latest).replace(tzinfo=self.zone)
        return latest if ahead.timestamp() - wall < BACK.total_seconds() else period

    def ends(self, period: str) -> float | None:
        """Return when a period ends, in epoch seconds; None for one that never does."""
        if not period:
            return None
        first = datetime.fromisoformat(period).replace(tzinfo=self.zone)
        return self._begins(first + timedelta(days=1 if self.per == "day" else 31)).timestamp()

    def _begins(self, moment: datetime) -> datetime:
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return day.replace(day=1) if self.per == "month" else day


class Reservation(NamedTuple):
    """What is held back for a call.

    Attributes:
        number: Its number, of its owner's.
        amount: How much.
        period: The period in which it was made.
        owner: The process that holds it, by a name that no other has.
    """

    number: int
    amount: Amount
    period: str
    owner: object
