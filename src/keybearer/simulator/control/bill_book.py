"""What the simulator has billed since the last reset, by test and by model; the journal forgets requests, this does not."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.core.outgoing import Outgoing
from keybearer.simulator.service.bills import Bill, bill_of
from keybearer.simulator.service.produced import FIGURES, produced_usage

__all__ = ["BillBook", "BilledCalls"]

MOST_SUMS: Final = 10_000
"""Tests and models whose bills are kept apart; those of further tests are only in the total."""


class BilledCalls(Struct, frozen=True):
    """Calls that were billed, added up.

    Args:
        calls: How many they are.
        bill: Their amount: `usd` is None where a part is unknown, `known` is the least.
        tokens: Their tokens, by the name of the figure in `usage`; a compaction's are in the amount alone.
    """

    calls: int = 0
    bill: Bill = Bill()
    tokens: tuple[int, ...] = (0,) * len(FIGURES)

    @property
    def usd(self) -> Decimal | None:
        """The dollars, exactly; None where a part is unknown."""
        return self.bill.usd

    @property
    def known(self) -> Decimal:
        """The dollars that are known."""
        return self.bill.known

    def __add__(self, other: object) -> BilledCalls:
        if not isinstance(other, BilledCalls):
            return NotImplemented
        tokens = tuple(map(sum, zip(self.tokens, other.tokens, strict=True)))
        return BilledCalls(self.calls + other.calls, self.bill + other.bill, tokens)

    def __sub__(self, other: BilledCalls) -> BilledCalls:
        tokens = tuple(mine - theirs for mine, theirs in zip(self.tokens, other.tokens, strict=True))
        return BilledCalls(self.calls - other.calls, self.bill - other.bill, tokens)

    def as_dict(self) -> dict[str, Any]:
        """Render as JSON types."""
        return {"calls": self.calls, **self.bill.as_dict(), **dict(zip(FIGURES, self.tokens, strict=True))}


class BillBook:
    """The bills; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[tuple[str | None, str], BilledCalls] = {}
        self._sending: dict[
            str, str | None
        ] = {}  # the tests of the streams that are billed and have not ended, by request id

    def add_reply(self, entry: RecordedRequest, plan: Outgoing) -> None:
        """Bill a reply that has been decided, so that it is billed before the client has it; one without usage costs nothing.

        Args:
            entry: Its request, whose `billed` is set.
            plan: All that will be written.
        """
        usage = entry.note.get("usage")
        if usage is not None:
            if entry.note.get("fault") and _is_stream(plan):
                usage = produced_usage(usage, _bytes_of(plan))
            one = _one(usage, str(entry.note.get("model")), entry.at)
            self._add(entry.test, str(entry.note.get("model")), one)
            entry.billed = one.bill
            if _is_stream(plan):
                self._sending[entry.request_id] = entry.test

    def reply_ended(self, entry: RecordedRequest, plan: Outgoing, *, ended: str, written: int) -> None:
        """Bill only what was produced of a stream that its client has left; a plain reply was produced whole.

        Args:
            entry: Its request.
            plan: All that was to be written.
            ended: `complete`, `cut` or `left`.
            written: The bytes that were written.
        """
        was_billed = entry.request_id in self._sending  # it is not after a reset
        self._sending.pop(entry.request_id, None)
        if was_billed and ended == "left":
            usage, model = entry.note["usage"], str(entry.note.get("model"))
            whole, left = (
                _one(each, model, entry.at)
                for each in (
                    produced_usage(usage, _bytes_of(plan)),
                    produced_usage(usage, _bytes_of(plan)[:written]),
                )
            )
            self._add(entry.test, model, left - whole)
            entry.billed = left.bill

    def add(self, usage: dict[str, Any], model: str, moment: float, test: str | None) -> None:
        """Bill a usage.

        Args:
            usage: The usage.
            model: The model that answered.
            moment: When it was asked, in seconds since the epoch.
            test: The test that it belongs to.
        """
        self._add(test, model, _one(usage, model, moment))

    def _add(self, test: str | None, model: str, one: BilledCalls) -> None:
        with self._lock:
            key = (test, model)
            if key not in self._sums and len(self._sums) >= MOST_SUMS:
                key = (None, model)
            self._sums[key] = self._sums.get(key, BilledCalls()) + one

    def total(self, test: str | None = None) -> BilledCalls:
        """Add up all bills; only those of one test if it is given."""
        return sum(self.by_model(test).values(), BilledCalls())

    def by_model(self, test: str | None = None) -> dict[str, BilledCalls]:
        """Add up the bills of each model; only those of one test if it is given."""
        return _added((model, each) for (of, model), each in self._copy() if test in {None, of})

    def by_test(self) -> dict[str, BilledCalls]:
        """Add up the bills of each test."""
        return _added((of, each) for (of, _), each in self._copy() if of is not None)

    def clear(self, test: str | None = None) -> None:
        """Forget every bill; only those of one test if it is given."""
        with self._lock:
            self._sending = {key: of for key, of in self._sending.items() if test is not None and of != test}
            self._sums = {key: each for key, each in self._sums.items() if test is not None and key[0] != test}

    def _copy(self) -> list[tuple[tuple[str | None, str], BilledCalls]]:
        with self._lock:
            return list(self._sums.items())


def _is_stream(plan: Outgoing) -> bool:
    return plan.status > 0 and plan.headers.get("content-type", "").startswith("text/event-stream")


def _bytes_of(plan: Outgoing) -> bytes:
    return b"".join(part.data for part in plan.parts)


def _one(usage: dict[str, Any], model: str, moment: float) -> BilledCalls:
    return BilledCalls(1, bill_of(usage, model, moment), tuple(int(usage.get(name) or 0) for name in FIGURES))


def _added(pairs: Iterable[tuple[str, BilledCalls]]) -> dict[str, BilledCalls]:
    sums: dict[str, BilledCalls] = {}
    for name, each in pairs:
        sums[name] = sums.get(name, BilledCalls()) + each
    return sums
