"""How far a job is, and what all of it will cost: pure functions of what is finished.

Strategy: the cost of a row is that of its prompt and that of its answer. The rows that are finished say what either costs on average;
a prompt's grows with the row's length, so its average is corrected by how long the rows of the whole file are beside those that were
read. An answer's length does not depend on the place of its row in the file: a guess.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec import Struct, structs

from keybearer.bulk.lines import BulkTotals
from keybearer.bulk.row_source import RowSource
from keybearer.prices.amount import EXACT

__all__ = ["BulkProgress", "Pace", "expected_usd"]

WINDOW: Final = 30.0
"""Over how long the rate is taken, in seconds."""


class BulkProgress(Struct, frozen=True, kw_only=True):
    """How far a job is.

    Attributes:
        rows: How many rows there are; None where nobody knows.
        rows_estimated: Whether that is a guess from the size of the file.
        done: How many are finished, those of earlier runs among them.
        passed: How many of these an earlier run has finished.
        failed: How many of the finished rows failed.
        rate: Rows a second, over the last half a minute.
        usd: What all results of the job cost, in dollars, as far as that is known.
        run_usd: What of that came in this run.
        expected_usd: What all rows will have cost; None where nobody knows.
        seconds_left: How long the rest will take at this rate; None where nobody knows.
        cache_hits: The share of the prompts' tokens that came from the prompt cache.
        seconds: How long this run has taken.
    """

    rows: int | None
    rows_estimated: bool = False
    done: int
    passed: int
    failed: int
    rate: float
    usd: Decimal
    run_usd: Decimal = Decimal(0)
    expected_usd: Decimal | None
    seconds_left: float | None
    cache_hits: float
    seconds: float

    def to_dict(self) -> dict[str, object]:
        """Return it as plain JSON types; dollars are text."""
        found = structs.asdict(self)
        cents = {
            name: None if found[name] is None else f"{found[name]:.6f}" for name in ("usd", "run_usd", "expected_usd")
        }
        rounded = {name: round(value, 3) for name, value in found.items() if isinstance(value, float)}
        return found | rounded | cents


class Pace:
    """The rate of rows over the last half a minute.

    Args:
        now: The time, in seconds.
    """

    def __init__(self, now: float) -> None:
        self._marks: list[tuple[float, int]] = [(now, 0)]

    def rate(self, now: float, done: int) -> float:
        """Return the rows a second.

        Args:
            now: The time.
            done: How many rows this run has finished by now.
        """
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] >= WINDOW:
            del self._marks[0]
        begun, before = self._marks[0]
        return (done - before) / (now - begun) if now > begun else 0.0


def expected_usd(totals: BulkTotals, done: int, source: RowSource) -> Decimal | None:
    """Return what all rows of a source will have cost, in dollars; None where nobody knows.

    Args:
        totals: What the finished rows come to.
        done: How many of the source's rows are finished.
        source: The source, as far as it was read.
    """
    rows = source.total()
    priced = totals.done - totals.unpriced
    if rows is None or not priced:
        return None
    left = max(0, rows - done)
    prompts = EXACT.divide(totals.input_usd, Decimal(priced))
    answers = EXACT.divide(totals.usd - totals.input_usd, Decimal(priced))
    if source.size and source.position and source.rows:
        longer = (source.size / rows) / (source.position / source.rows)
        prompts = EXACT.multiply(prompts, Decimal(longer))
    return totals.usd + left * (prompts + answers)
