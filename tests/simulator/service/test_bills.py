"""The simulator's bill, by code of its own: beside what two other packages say, and beside the client's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keybearer.prices import cost
from keybearer.simulator.service.bills import Bill, bill_of

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
ORACLES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "prices/data/oracles.jsonl").read_text(encoding="utf-8").splitlines()
]


def billed(usage: dict[str, Any], model: str = "claude-opus-5-5") -> Bill:
    """Bill a usage of the day on which the other packages were asked."""
    return bill_of(usage, model, DAY.timestamp())


@pytest.mark.parametrize(("oracle", "rounding"), [("genai-prices", "0"), ("litellm", "1e-12")])
def test_other_peoples_code_says_the_same(oracle: str, rounding: str) -> None:
    """Where genai-prices or litellm has a price, the bill is the same; `make prices` does it with 5,000 usages."""
    said = [row for row in ORACLES if row["said"][oracle] is not None]
    assert len(said) > 50
    for row in said:
        ours = billed(row["usage"], row["model"]).usd
        assert ours is not None, row
        assert abs(ours - Decimal(row["said"][oracle])) <= Decimal(rounding), row


def test_the_client_says_the_same_of_what_no_package_has_a_price_of() -> None:
    """The dollars, what is unknown, and the least that is known are the client's for every usage."""
    for row in ORACLES:
        ours, clients = billed(row["usage"], row["model"]), cost(row["usage"], row["model"], on=DAY.date())
        assert (ours.usd, ours.known, bool(ours.unknown)) == (clients.usd, clients.known, bool(clients.unknown)), row


TOP = {"input_tokens": 3_000_000, "output_tokens": 30, "service_tier": "standard"}
ROWS = [
    {"type": "message", "input_tokens": 1_000_000, "output_tokens": 10},
    {"type": "fallback_message", "input_tokens": 2_000_000, "output_tokens": 20, "model": "claude-haiku-4-5"},
]
COMPACTION = {"type": "compaction", "input_tokens": 500_000, "output_tokens": 0}


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (TOP, "12.0006"),
        ({**TOP, "iterations": ROWS}, "6.0003"),  # the second attempt at its own model's price
        ({**TOP, "iterations": [COMPACTION]}, "14.0006"),
        ({**TOP, "iterations": [COMPACTION, *ROWS]}, "8.0003"),
        ({**TOP, "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 1}}, "12.0306"),
        ({**TOP, "inference_geo": "us"}, "13.20066"),
    ],
)
def test_each_run_of_a_model_is_billed(usage: dict[str, Any], dollars: str) -> None:
    """Attempts are billed at their own model's price, a compaction is added, tools by the request, a region by its factor."""
    assert billed(usage).usd == Decimal(dollars)
    assert billed(usage).usd == cost(usage, "claude-opus-5-5", on=DAY.date()).usd


def test_what_has_no_price_is_unknown() -> None:
    """A model, a tier or a write without a lifetime makes the bill unknown; what is known stays."""
    assert billed({"input_tokens": 1, "output_tokens": 1}, "gpt-9").usd is None
    assert billed({"input_tokens": 1, "output_tokens": 1, "service_tier": "priority"}).usd is None
    found = billed({"input_tokens": 1_000_000, "output_tokens": 0, "cache_creation_input_tokens": 5})
    assert (found.usd, found.known) == (None, Decimal(4))
    assert found.as_dict()["unknown"] == ["claude-opus-5-5: 5 tokens written to the cache without a lifetime"]
    assert (found + billed({"input_tokens": 1_000_000, "output_tokens": 0})).known == Decimal(8)
