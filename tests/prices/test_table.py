"""The table of prices: what it says of a model on a day, and the disagreements of its two sources."""

from __future__ import annotations

import json
import typing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import anthropic.types
import pytest
from msgspec import structs

from keybearer.prices import public
from keybearer.prices.table import FEATURES, VARIANTS, read_table, step_for

TOOLS = Path(__file__).parent / "tools"
TODAY = date(2026, 11, 26)
MILLION = 1_000_000


def listed() -> list[tuple[str, str, str | None]]:
    """Return the model, the fact and the chosen value of each disagreement."""
    entries: list[dict[str, Any]] = json.loads((TOOLS / "disagreements.json").read_text(encoding="utf-8"))
    assert all(entry["reason"].endswith(".") for entry in entries)
    sources = ("genai-prices", "litellm")
    return [
        (model, entry["fact"], pair[sources.index(entry["choice"])])
        for entry in entries
        for model, pair in entry["models"].items()
    ]


def in_table(model: str, fact: str) -> str | None:
    """Return what the table says of a fact, in the words of the list of disagreements."""
    found = public().find(model)
    if fact == "model":
        return None if found is None else "listed"
    assert found is not None
    place, feature = fact.split(": ")
    variant, _, above = place.partition(" above ")
    if variant == "regions":
        return f"{found.regions[feature].normalize():f}"
    if variant == "requests":
        return f"{(found.requests[feature] * 1000).normalize():f}"
    step = step_for(int(above or 0) + 1, found.steps(variant, TODAY))
    return None if step is None else f"{(step.usd[feature] * MILLION).normalize():f}"


def test_each_disagreement_was_decided_as_the_list_says() -> None:
    """Each fact in which the public tables differ has, in ours, the value that was chosen, and a reason."""
    assert len(listed()) > 40
    assert [(model, fact) for model, fact, chosen in listed() if in_table(model, fact) != chosen] == []


def test_each_model_that_can_be_asked_has_a_price() -> None:
    """Every model of the official SDK's list is found under its name, and has a price of each kind."""
    names = [str(each) for each in typing.get_args(typing.get_args(anthropic.types.model.Model)[0])]
    assert len(names) > 20
    for name in names:
        found = public().find(name)
        assert found is not None, name
        step = step_for(1, found.steps("standard", TODAY))
        assert step is not None
        assert set(step.usd) == set(FEATURES)


@pytest.mark.parametrize(
    "name", ["gpt-5", "", "claude-opus", "claude-opus-5-5-5", "anthropic.claude-opus-5-v1:0", "claude-opus-5@1"]
)
def test_a_model_that_is_not_in_the_table_has_no_price(name: str) -> None:
    """Neither a name that is like a known one, nor a cloud's name of a model, has a price."""
    assert public().find(name) is None


def test_a_price_holds_from_its_first_day() -> None:
    """The price for long prompts ended on a day, and batches have a price from a day on."""
    found = public().find("claude-opus-4-6")
    assert found is not None
    long = 200_001
    before, after = (
        step_for(long, found.steps("standard", date(2026, 3, 12))),
        step_for(long, found.steps("standard", date(2026, 3, 13))),
    )
    assert before is not None
    assert after is not None
    assert before.usd["input"] * MILLION == 10
    assert after.usd["input"] * MILLION == 5
    assert step_for(1, found.steps("batch", date(2026, 10, 13))) is None
    assert step_for(1, found.steps("batch", date(2026, 10, 14))) is not None


@pytest.mark.parametrize(("prompt", "dollars"), [(100_000, "0.1"), (100_001, "0.5")])
def test_the_cliff_is_after_the_last_cheap_token(prompt: int, dollars: str) -> None:
    """A prompt of exactly 100,000 tokens is cheap; with one more, each token costs five times as much."""
    found = public().find("claude-haiku-5-5")
    assert found is not None
    step = step_for(prompt, found.steps("standard", TODAY))
    assert step is not None
    assert step.usd["input"] * MILLION == Decimal(dollars)


def test_an_old_price_is_said() -> None:
    """A price is old 91 days after it was read, and says when that was."""
    table = public()
    read = table.read.toordinal()
    assert table.age_note(date.fromordinal(read + 90), "claude-opus-5") is None
    note = table.age_note(date.fromordinal(read + 91), "claude-opus-5")
    assert note is not None
    assert str(table.read) in note
    assert "91 days" in note


def test_the_file_is_what_the_reader_takes() -> None:
    """Each row of the file is of a model in it, has a known variant and known features, and names its source."""
    source = json.loads((Path(__file__).parents[2] / "src/keybearer/prices/rates.json").read_text(encoding="utf-8"))
    assert structs.asdict(read_table(source)) == structs.asdict(public())
    for row in source["rates"]:
        assert row["model"] in source["models"]
        assert row["variant"] in VARIANTS
        assert row["usd"].keys() <= set(FEATURES)
        assert row["source"] in source["sources"]
    rows = [(row["model"], row["variant"], row["above"], row["from"]) for row in source["rates"]]
    assert len(set(rows)) == len(rows)
