"""What a model's tokens cost on a day, as they were served."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from keybearer.prices import public
from keybearer.prices.rates import Served, rates_of, served_of, variant_of

DAY = date(2026, 11, 26)
MODEL = "claude-opus-5-5"


@pytest.mark.parametrize(
    ("way", "price", "words"),
    [
        (Served("standard", "standard", None), "0.000004", ""),
        (Served("batch", "standard", None), "0.000002", " with service_tier batch"),
        (Served("standard", "fast", "us"), "0.0000088", " with speed fast"),
        (Served("priority", "standard", None), None, " with service_tier priority"),
        (Served("standard", "standard", "mars"), None, ""),
    ],
)
def test_the_way_decides_the_price(way: Served, price: str | None, words: str) -> None:
    """Tier, speed and region have prices of their own, or none, and then what is missing is said."""
    rates = rates_of(public(), MODEL, way, DAY)
    assert rates.served == words
    assert [step.usd["input"] for step in rates.steps] == ([] if price is None else [Decimal(price)])
    assert MODEL in rates.without


def test_what_did_not_come_is_the_standard() -> None:
    """A usage without a tier and a speed was served the standard way; what both have has no variant."""
    assert served_of({"service_tier": None}) == Served("standard", "standard", None)
    assert variant_of(Served("standard", "fast", None)) == "fast"
    assert variant_of(Served("batch", "fast", None)) is None
