"""Usage in dollars: beside what other people's code says, and nothing unknown is counted as zero."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer.prices import cost, with_own
from keybearer.prices.billing import day_of
from keybearer.types.usage import Usage

DAY = date(2026, 11, 26)
MODEL = "claude-opus-5-5"
WHOLE = {"input_tokens": 1_000_000, "output_tokens": 0}

ORACLES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "oracles.jsonl").read_text(encoding="utf-8").splitlines()
]
"""Usages, and what genai-prices and litellm said of them; `make prices` writes them anew."""


@pytest.mark.parametrize(("oracle", "rounding"), [("genai-prices", "0"), ("litellm", "1e-12")])
def test_other_peoples_code_says_the_same(oracle: str, rounding: str) -> None:
    """Where genai-prices or litellm has a price, ours is the same to the last digit; litellm counts in binary fractions."""
    said = [row for row in ORACLES if row["said"][oracle] is not None]
    assert len(said) > 50
    for row in said:
        ours = cost(row["usage"], row["model"], on=DAY).usd
        assert ours is not None, row
        assert abs(ours - Decimal(row["said"][oracle])) <= Decimal(rounding), row


def test_the_parts_are_by_what_is_paid() -> None:
    """A reply's cost is by part: fresh input, output, reads, both kinds of writes, and searches."""
    usage = Usage.of(
        {
            "input_tokens": 1_000_000,
            "output_tokens": 100_000,
            "cache_read_input_tokens": 500_000,
            "cache_creation_input_tokens": 300_000,
            "cache_creation": {"ephemeral_5m_input_tokens": 100_000, "ephemeral_1h_input_tokens": 200_000},
            "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 2},
            "output_tokens_details": {"thinking_tokens": 50_000},
            "service_tier": "standard",
            "inference_geo": "global",
        }
    )
    got = cost(usage, MODEL, on=DAY)
    assert {name: str(part.normalize()) for name, part in got.parts.items()} == {
        "input": "4",
        "output": "2",
        "cache_read": "0.1",
        "cache_write_5m": "0.5",
        "cache_write_1h": "1.6",
        "web_search": "0.03",
        "web_fetch": "0",
    }
    assert got.usd == Decimal("8.23")


@pytest.mark.parametrize(
    ("more", "dollars"),
    [
        ({"service_tier": "batch"}, "2"),
        ({"speed": "fast"}, "8"),
        ({"inference_geo": "us"}, "4.4"),
        ({"speed": "fast", "inference_geo": "us"}, "8.8"),
        ({"service_tier": None, "speed": None, "inference_geo": None}, "4"),
    ],
)
def test_tier_speed_and_region_decide_the_price(more: dict[str, Any], dollars: str) -> None:
    """A batch is half the price, fast mode twice, and the US 1.1 times; what did not come is the standard."""
    assert cost(WHOLE | more, MODEL, on=DAY).usd == Decimal(dollars)


@pytest.mark.parametrize(
    ("usage", "model", "words"),
    [
        (WHOLE, "claude-zork-9", "claude-zork-9: there is no price of this model"),
        (WHOLE, "", "a model without a name"),
        (WHOLE, 5, "a model without a name"),
        (WHOLE | {"service_tier": "priority"}, MODEL, "no price with service_tier priority"),
        (WHOLE | {"service_tier": "batch", "speed": "fast"}, MODEL, "service_tier batch and speed fast"),
        (WHOLE | {"speed": "fast"}, "claude-haiku-5-5", "no price with speed fast"),
        (WHOLE | {"inference_geo": "mars"}, MODEL, "no price in the region 'mars'"),
        ({"output_tokens": 1}, MODEL, "the reply has no input_tokens"),
        ({"input_tokens": 1, "output_tokens": None}, MODEL, "the reply has no output_tokens"),
        ({"input_tokens": "1", "output_tokens": 1}, MODEL, "the reply has no input_tokens"),
        (WHOLE | {"cache_read_input_tokens": "many"}, MODEL, "no number of tokens"),
        (WHOLE | {"cache_creation_input_tokens": 9}, MODEL, "does not say how long 9 of the tokens"),
        (WHOLE | {"cache_creation": {"ephemeral_24h_input_tokens": 9}}, MODEL, "ephemeral_24h_input_tokens"),
        (WHOLE | {"server_tool_use": {"mind_reading_requests": 1}}, MODEL, "mind_reading_requests"),
        (WHOLE | {"server_tool_use": {"web_search_requests": 1}}, "claude-3-opus", "web_search"),
        (WHOLE | {"audio_tokens": 5}, MODEL, "audio_tokens: this version does not know"),
        (WHOLE | {"fallback_credit": {"applied": True}}, MODEL, "fallback_credit"),
    ],
)
def test_what_has_no_price_is_unknown_and_never_zero(usage: dict[str, Any], model: str, words: str) -> None:
    """A model, tier, region, feature or figure without a price makes the cost unknown, and says which it is."""
    got = cost(usage, model, on=DAY)
    assert got.usd is None
    assert words in " ".join(got.unknown)


def test_a_figure_of_zero_needs_no_price() -> None:
    """A feature that was not used does not make a cost unknown."""
    usage = WHOLE | {"audio_tokens": 0, "server_tool_use": {"mind_reading_requests": 0}, "cache_creation": None}
    assert cost(usage, MODEL, on=DAY).usd == 4


def iteration(kind: str, tokens: int, **more: Any) -> dict[str, Any]:
    """Return one iteration of a reply."""
    counts = {
        "input_tokens": tokens,
        "output_tokens": 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
    return {"type": kind} | counts | more


def test_a_compaction_and_an_advisor_are_added() -> None:
    """A compaction's tokens, and an advisor's at its own model's price, come on top of the reply's own figures."""
    iterations = [
        iteration("compaction", 500_000),
        iteration("message", 600_000),
        iteration("message", 400_000),
        iteration("advisor_message", 1_000_000, model="claude-fable-5-2"),
    ]
    assert cost(WHOLE | {"iterations": iterations}, MODEL, on=DAY).usd == Decimal(4) + Decimal(2) + Decimal(8)


def test_each_iteration_has_its_own_cliff() -> None:
    """Two prompts of 60,000 tokens are below the cliff, though together they are above it."""
    usage = {"input_tokens": 120_000, "output_tokens": 0}
    halves = [iteration("message", 60_000), iteration("message", 60_000)]
    assert cost(usage, "claude-haiku-5-5", on=DAY).usd == Decimal("0.06")
    assert cost(usage | {"iterations": halves}, "claude-haiku-5-5", on=DAY).usd == Decimal("0.012")


def test_iterations_that_are_not_the_whole_do_not_replace_it() -> None:
    """Where the iterations do not add up to the reply's own figures, those are billed."""
    assert cost(WHOLE | {"iterations": [iteration("message", 5)]}, MODEL, on=DAY).usd == 4


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                [
                    "input_tokens",
                    "output_tokens",
                    "service_tier",
                    "zork",
                    "iterations",
                    "cache_creation",
                    "server_tool_use",
                ]
            ),
            st.one_of(
                st.none(),
                st.integers(),
                st.floats(),
                st.text(),
                st.lists(st.integers()),
                st.dictionaries(st.text(), st.integers()),
            ),
        ),
        max_size=1,
    )
)
def test_no_usage_breaks_it(usages: list[dict[str, Any]]) -> None:
    """Whatever a gateway puts into a usage, there is a cost, and its parts are never negative."""
    for usage in usages:
        assert all(part >= 0 for part in cost(usage, MODEL, on=DAY).parts.values())


def test_the_day_is_the_replys_in_utc() -> None:
    """An HTTP date is a day in UTC, as is a time in another zone; what is no date is none."""
    assert day_of("Wed, 25 Nov 2026 23:59:59 GMT") == date(2026, 11, 25)
    assert day_of("yesterday") is None
    assert day_of(None) is None
    tier = WHOLE | {"service_tier": "batch"}
    assert cost(tier, MODEL, on=datetime(2026, 10, 13, 23, tzinfo=UTC)).usd is None
    assert cost(tier, MODEL, on=datetime(2026, 10, 14, 1, tzinfo=UTC)).usd == 2


def test_an_old_table_is_said_but_not_for_ones_own_prices() -> None:
    """A call long after the prices were read has a note; a price of the user's own has none."""
    late = date(2028, 1, 1)
    assert "read on" in cost(WHOLE, MODEL, on=late).notes[0]
    assert cost(WHOLE, MODEL, on=late, prices=with_own({MODEL: {"input": 1}})).notes == ()
