"""The arithmetic of a spend limit: never above it, in any order of calls, and no period is forgotten."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from datetime import datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from keybearer.policy.spend_account import QueuePlace, SpendAccount
from keybearer.policy.spend_amounts import NOTHING, Amount, Ceiling, Full, Periods, Reservation, nanodollars, to_usd

ALWAYS, DAY = Periods(), Periods(per="day")
NOON = datetime.fromisoformat("2026-11-26T12:00:00+00:00").timestamp()


def account(periods: Periods = ALWAYS) -> SpendAccount:
    """Return an account of one thread."""
    return SpendAccount(periods, future=Future, lock=contextlib.nullcontext())


def reserve(held: SpendAccount, nano: int, *, most: int = 100, wall: float = NOON) -> Reservation | Full:
    """Reserve nanodollars, with a place at the end of the line."""
    return held.reserve(Ceiling(most, None), Amount(nano, 0), wall, QueuePlace())


def taken(held: SpendAccount, nano: int, *, most: int = 100, wall: float = NOON) -> Reservation:
    """Reserve nanodollars that fit."""
    found = reserve(held, nano, most=most, wall=wall)
    assert isinstance(found, Reservation)
    return found


def test_what_is_reserved_counts_until_it_is_settled() -> None:
    """A call fits only beside the worst case of all others; what they did not take is given back."""
    held = account()
    first = taken(held, 60)
    assert reserve(held, 41) == Full(Amount(41, 0), held.balance(NOON)[1], hopeless=False, period="")
    held.settle(first, Amount(10, 3), NOON)
    assert held.balance(NOON) == ("", (Amount(10, 3), NOTHING))
    taken(held, 90)
    full = reserve(held, 91)
    assert isinstance(full, Full)
    assert full.hopeless


def test_a_reservation_is_settled_once() -> None:
    """A second settlement of one reservation, as of a stream that is closed and collected, books nothing."""
    held = account()
    first = taken(held, 60)
    held.settle_later(first, Amount(20, 0), NOON)
    held.settle(first, Amount(60, 0), NOON)
    assert held.balance(NOON)[1].spent == Amount(20, 0)


def test_no_order_of_calls_passes_the_limit() -> None:
    """In 2,000 random steps what is spent and reserved is never above the limit, and all of it can be used."""
    held, under_way = account(), list[Reservation]()
    random = Random(17)  # noqa: S311 - no secret
    for _ in range(2000):
        if under_way and random.random() < 0.5:
            reservation = under_way.pop(random.randrange(len(under_way)))
            held.settle(reservation, Amount(random.randint(0, reservation.amount.nano), 0), NOON)
        elif isinstance(found := reserve(held, random.randint(1, 5), most=1000), Reservation):
            under_way.append(found)
        spent, reserved = held.balance(NOON)[1]
        assert spent.nano + reserved.nano <= 1000
    assert spent.nano > 990


@pytest.mark.parametrize(
    ("per", "at", "zone", "period", "ends"),
    [
        ("run", "2026-11-26T12:00:00+00:00", "UTC", "", None),
        ("day", "2026-11-26T23:59:59+00:00", "UTC", "2026-11-26", "2026-11-27T00:00:00+00:00"),
        ("day", "2026-11-26T23:30:00+00:00", "Europe/Berlin", "2026-11-27", "2026-11-28T00:00:00+01:00"),
        ("day", "2026-10-25T12:00:00+00:00", "Europe/Berlin", "2026-10-25", "2026-10-26T00:00:00+01:00"),  # 25 hours
        ("month", "2026-12-31T12:00:00+00:00", "UTC", "2026-12-01", "2027-01-01T00:00:00+00:00"),
        ("month", "2027-02-10T12:00:00+00:00", "UTC", "2027-02-01", "2027-03-01T00:00:00+00:00"),
    ],
)
def test_periods_begin_at_midnight_of_their_zone(per: str, at: str, zone: str, period: str, ends: str | None) -> None:
    """A day and a month begin at midnight of their zone, also on a day of 25 hours."""
    periods = Periods(per=per, zone=ZoneInfo(zone))  # type: ignore[arg-type]  # parametrize has text
    assert periods.current(datetime.fromisoformat(at).timestamp()) == period
    assert periods.ends(period) == (None if ends is None else datetime.fromisoformat(ends).timestamp())


def test_a_call_over_midnight_counts_in_both_days() -> None:
    """What is reserved counts in whatever day it is, and what came is booked in the day of the call and in that of its end."""
    held, midnight = account(DAY), NOON + 12 * 3600
    late = taken(held, 60, wall=midnight - 1)
    assert isinstance(reserve(held, 41, wall=midnight + 1), Full)
    held.settle(late, Amount(50, 0), midnight + 1)
    assert held.balance(midnight - 1)[1].spent == held.balance(midnight + 1)[1].spent == Amount(50, 0)
    assert held.balance(midnight + 24 * 3600)[1].spent == NOTHING


@pytest.mark.parametrize(("hours", "left"), [(0, 0), (-23, 0), (-24 * 40, 100)])
def test_a_clock_that_goes_back_gives_no_money(hours: float, left: int) -> None:
    """A clock put back by less than a day stays at the latest day that has a booking; what was far ahead was wrong."""
    held, now = account(DAY), NOON
    held.settle(taken(held, 100), Amount(100, 0), now)
    _, balance = held.balance(now + hours * 3600)
    assert 100 - balance.spent.nano == left


def test_those_who_wait_are_served_in_their_order() -> None:
    """Nobody overtakes whoever waits, and what is given back wakes the first; one that leaves wakes the next."""
    held = account()
    first, places = taken(held, 100), [QueuePlace(), QueuePlace()]
    futures = [held.queue(place) for place in places]
    assert [is_first for _, is_first in futures] == [True, False]
    held.settle(first, NOTHING, NOON)
    assert [future.done() for future, _ in futures] == [True, False]
    late = reserve(held, 1)
    assert isinstance(late, Full)
    assert not late.hopeless
    assert isinstance(held.reserve(Ceiling(100, None), Amount(1, 0), NOON, places[0]), Reservation)
    held.leave(places[0])
    assert futures[1][0].done()


def test_dollars_are_rounded_against_the_caller() -> None:
    """An amount is rounded up, a limit down, and both exactly."""
    assert nanodollars(Decimal("0.0000000001")) == 1
    assert nanodollars(Decimal("0.0000000019"), down=True) == 1
    assert to_usd(nanodollars(Decimal("123456.123456789"))) == Decimal("123456.123456789")
