"""How far a job is, and what all of it will cost."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from keybearer.bulk.lines import BulkTotals
from keybearer.bulk.progress import Pace, expected_usd
from keybearer.bulk.sources import open_source


def test_the_forecast_is_near_after_one_row_in_a_hundred() -> None:
    """Prompts and answers of very different lengths, in random order: within 5 % of what it will have cost."""
    random = Random(7)  # noqa: S311 - no secret
    costs = [(Decimal(random.randrange(10, 900)), Decimal(random.randrange(5, 2_000))) for _ in range(20_000)]
    whole = sum(prompt + answer for prompt, answer in costs)
    totals = BulkTotals()
    for prompt, answer in costs[:200]:
        totals.add({"output_tokens": 1}, prompt + answer, prompt)
    source = open_source(costs)
    forecast = expected_usd(totals, 200, source)
    assert forecast is not None
    assert abs(forecast / whole - 1) < 0.08  # of 200 rows; the figure is of 10,000 (`make bulk-figures`)


def test_longer_rows_to_come_make_the_prompts_dearer() -> None:
    """The file's bytes say that the rows to come are three times as long."""
    source = open_source([None] * 100)
    source.rows, source.position, source.size = 10, 100, 3_000
    totals = BulkTotals()
    for _ in range(10):
        totals.add({}, Decimal(3), Decimal(1))
    assert expected_usd(totals, 10, source) == Decimal(30) + 90 * (3 * 1 + 2)


def test_nothing_is_known_before_the_first_row() -> None:
    """Nor of an iterator without a length."""
    assert expected_usd(BulkTotals(), 0, open_source([None])) is None
    totals = BulkTotals()
    totals.add({}, Decimal(1))
    assert expected_usd(totals, 1, open_source(iter([]))) is None


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    """A pause long ago counts no more."""
    pace = Pace(0.0)
    assert pace.rate(10.0, 100) == 10.0
    assert pace.rate(45.0, 800) == 20.0
    assert pace.rate(60.0, 1_100) == 20.0
