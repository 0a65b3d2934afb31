"""What stands for a batch under a spend limit until it is known what its rows cost.

Strategy: the service carries a batch out within a day of its making, and says what each row cost in the results, which are there for
29 days. So its worst case stays reserved until its results were read to their end, by whatever process. It counts in the period in
which the batch was made and in that of a day later, for its rows may be billed in either.

Contract: a batch whose results nobody reads, or of which a row's cost is unknown, counts with its worst case for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Self

from keybearer.policy.spend_amounts import Amount, Periods, nanodollars
from keybearer.prices.billing import tokens_of

if TYPE_CHECKING:
    from keybearer.types.batches import BatchRow

__all__ = ["KEPT", "BatchBill", "BatchHold"]

_UNDER_WAY: Final = 25 * 3600.0
"""How long rows may be billed after their batch was made, in seconds: a day, and an hour for clocks that differ."""

KEPT: Final = 30 * 86_400.0
"""After how many seconds the results of a batch are there no longer, so that what stands for it is spent."""


class BatchHold(NamedTuple):
    """What stands for one batch.

    Attributes:
        amount: Its worst case.
        first: The period in which it was made.
        last: The latest period in which its rows may be billed.
        made: When it was made, in epoch seconds.
    """

    amount: Amount
    first: str
    last: str
    made: float

    @classmethod
    def of(cls, amount: Amount, first: str, periods: Periods, made: float) -> Self:
        """Return what stands for a batch that was made at a moment."""
        return cls(amount, first, max(first, periods.current(made + _UNDER_WAY)), made)

    def counts_in(self, period: str) -> bool:
        """Return whether it counts in a period."""
        return self.first <= period <= self.last

    def is_lost(self, wall: float) -> bool:
        """Return whether its results can no longer be read."""
        return wall - self.made > KEPT

    def billed_in(self, period: str) -> set[str]:
        """Return the periods in which it may have been billed, when its results are read in a period."""
        return {self.first, max(self.first, min(period, self.last))}


class BatchBill:
    """What the rows of a batch came to, as its results are read."""

    def __init__(self) -> None:
        self._amount = Amount(0, 0)
        self._has_dollars = self._has_tokens = True

    def add(self, row: BatchRow) -> None:
        """Add a row. One that failed, was cancelled or has expired is not billed."""
        if row.message is None:
            return
        usd, tokens = row.cost.usd, tokens_of(row.usage)
        self._has_dollars = self._has_dollars and usd is not None
        self._has_tokens = self._has_tokens and tokens is not None
        self._amount = self._amount.plus(Amount(0 if usd is None else nanodollars(usd), tokens or 0))

    def amount(self, *, dollars: bool) -> Amount | None:
        """Return the sum; None where it is not known.

        Args:
            dollars: Whether the dollars matter.
        """
        return self._amount if self._has_tokens and (self._has_dollars or not dollars) else None
