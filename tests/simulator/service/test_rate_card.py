"""The rate card: exact amounts, by model, variant, region, day and length of prompt; what it lacks is None."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.service.rate_card import RateCard, rate_card

DAY = "2026-11-26"


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("claude-haiku-4-5", "claude-haiku-4-5"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-opus-4-20250514", "claude-opus-4-0"),
        ("claude-nope", None),
    ],
)
def test_a_model_by_its_names(named: str, found: str | None) -> None:
    """A model is found with and without its date, and a name that nobody has is none."""
    assert rate_card().model(named) == found


def test_the_price_depends_on_the_length_the_region_and_the_day() -> None:
    """Haiku 5.5 costs five times as much above 100,000 tokens, a tenth more in the US; its batches have a price from a day on."""
    card = rate_card()

    def of(variant: str = "standard", region: str = "", day: str = DAY, prompt: int = 1) -> int | None:
        found = card.tokens("claude-haiku-5-5", variant, region, day, prompt)
        return None if found is None else found["input"]

    assert of() == of(prompt=100_000) == 100_000_000_000  # $0.10 for a million
    assert of(prompt=100_001) == 500_000_000_000
    assert of(region="us") == 110_000_000_000
    assert of(region="moon") is None
    assert of("batch") == 50_000_000_000
    assert of("batch", day="2026-10-13") is None
    assert of("priority") is None
    assert card.requests("claude-haiku-5-5") == {"web_fetch": 0, "web_search": 10**16}


def test_a_price_that_cannot_be_exact_is_refused() -> None:
    """A price of less than an attodollar would be rounded, so it is an error."""
    row: dict[str, Any] = {"model": "m", "variant": "standard", "above": 0, "from": None, "usd": {"input": "1e-13"}}
    models = {"m": {"names": ["m"], "regions": {}, "requests": {}}}
    card = RateCard({"read": DAY, "models": models, "per": {"tokens": 10**6}, "rates": [row]})
    with pytest.raises(ValueError, match="no whole number of attodollars"):
        card.tokens("m", "standard", "", DAY, 1)
