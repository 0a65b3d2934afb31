"""What stands for a batch: in which periods it counts, and what its rows come to."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import pytest

from keybearer.policy.batch_hold import KEPT, BatchBill, BatchHold
from keybearer.policy.spend_account import QueuePlace, SpendAccount
from keybearer.policy.spend_amounts import NOTHING, Amount, Ceiling, Periods, Reservation
from keybearer.types.batches import BatchRow

DAY, MONTH = Periods(per="day"), Periods(per="month")
TEN = Amount(10, 10)
HOUR = 3_600.0


def at(text: str) -> float:
    """Return a moment in UTC as epoch seconds."""
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


def row(usage: Any, model: str = "claude-haiku-4-5", kind: str = "succeeded") -> BatchRow:
    """Return a row of results."""
    message = {"type": "message", "model": model, "stop_reason": "end_turn", "usage": usage}
    return BatchRow.of({"custom_id": "a", "result": {"type": kind, "message": message}})


@pytest.mark.parametrize(
    ("periods", "made", "first", "last"),
    [
        (Periods(), "2026-11-26T12:00:00", "", ""),
        (DAY, "2026-11-26T12:00:00", "2026-11-26", "2026-11-27"),
        (DAY, "2026-11-26T23:30:00", "2026-11-26", "2026-11-28"),
        (MONTH, "2026-11-26T12:00:00", "2026-11-01", "2026-11-01"),
        (MONTH, "2026-11-30T12:00:00", "2026-11-01", "2026-12-01"),
    ],
)
def test_it_counts_in_each_period_in_which_it_may_be_billed(periods: Periods, made: str, first: str, last: str) -> None:
    """A day and an hour after it was made, nothing of it is billed any more."""
    held = BatchHold.of(TEN, periods.current(at(made)), periods, at(made))
    assert (held.first, held.last) == (first, last)
    assert held.counts_in(first)
    assert held.counts_in(last)
    if last:
        assert not held.counts_in("2026-10-01")
        assert not held.counts_in("2027-01-01")
    assert held.billed_in(last) == {first, last}
    assert held.billed_in("2027-01-01" if last else "") == {first, last}


def test_an_account_counts_a_batch_until_it_is_settled() -> None:
    """Its worst case is reserved today and tomorrow, not the day after; what it took is spent in both; twice is once."""
    account = SpendAccount(DAY, future=Future, lock=contextlib.nullcontext())
    noon = at("2026-11-26T12:00:00")
    made = account.reserve(Ceiling(100, None), TEN, noon, QueuePlace())
    assert isinstance(made, Reservation)
    account.keep_for_batch(made, "b", noon)
    account.settle(made, TEN, noon)  # it is no call's any more
    seen = [account.balance(noon + hours * HOUR)[1] for hours in (0, 24, 48)]
    assert seen == [(NOTHING, TEN), (NOTHING, TEN), (NOTHING, NOTHING)]
    for _ in range(2):
        account.settle_batch("b", Amount(3, 3), noon + 10 * 24 * HOUR)
    seen = [account.balance(noon + hours * HOUR)[1] for hours in (24, 48)]
    assert seen == [(Amount(3, 3), NOTHING), (NOTHING, NOTHING)]


def test_a_batch_that_nobody_reads_is_spent() -> None:
    """When its results are there no longer, its worst case is what it took."""
    account = SpendAccount(Periods(), future=Future, lock=contextlib.nullcontext())
    for name, wall in (("a", 0.0), ("b", KEPT + 1)):
        made = account.reserve(Ceiling(100, None), TEN, wall, QueuePlace())
        assert isinstance(made, Reservation)
        account.keep_for_batch(made, name, wall)
    account.settle_batch("a", NOTHING, KEPT + 2)
    assert account.balance(KEPT + 2)[1] == (TEN, TEN)


def test_the_bill_of_a_batch() -> None:
    """Answers cost half; a row that failed costs nothing; what is unknown makes the sum unknown."""
    bill = BatchBill()
    bill.add(row({"input_tokens": 1000, "output_tokens": 100}))
    bill.add(BatchRow.of({"custom_id": "b", "result": {"type": "expired"}}))
    assert bill.amount(dollars=True) == Amount(750_000, 1_100)  # half of 1 and 5 dollars a million
    bill.add(row({"input_tokens": 1, "output_tokens": 1}, model="my-own"))
    assert bill.amount(dollars=True) is None
    assert bill.amount(dollars=False) == Amount(750_000, 1_102)
    bill.add(row({"input_tokens": "many"}))
    assert bill.amount(dollars=False) is None
