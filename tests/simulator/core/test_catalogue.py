"""The table of models, and that the tables are those of the wheel."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keybearer.simulator.core.catalogue import CATALOGUE, find_model
from keybearer.simulator.core.data import DATA
from simulator.tools.make_tables import TABLES, render


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_of_the_wheel(name: str) -> None:
    """Each table is what the script makes of the locked wheel: `tests/simulator/tools/make_tables.py` writes it anew."""
    assert (DATA / f"{name}.json").read_text(encoding="utf-8") == render(TABLES[name]())


@pytest.mark.parametrize(
    ("day", "stage"),
    [("2026-11-22", "active"), ("2026-11-23", "deprecated"), ("2027-01-21", "deprecated"), ("2027-01-22", "retired")],
)
def test_the_stages_of_a_life(day: str, stage: str) -> None:
    """A model is deprecated and retired from the beginning of a day on."""
    model = find_model("claude-opus-4-5")
    assert model is not None
    now = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    assert model.lifecycle(now) == stage
    described = model.describe(now)
    assert (described["lifecycle"], described["deprecated_at"] is None) == (stage, stage == "active")


def test_facts_that_users_of_the_models_know() -> None:
    """Windows, maxima, forced tools and thinking of a few models, as the public tables have them."""
    seen = {
        name: (model.window, model.max_tokens, model.cache_minimum, model.forced_tools, "disabled" in model.thinking)
        for name in ("claude-haiku-4-5", "claude-sonnet-4-6", "claude-opus-4-7", "claude-opus-5-5", "claude-haiku-5-5")
        if (model := find_model(name))
    }
    assert seen == {
        "claude-haiku-4-5": (200_000, 64_000, 4_096, True, True),
        "claude-sonnet-4-6": (1_000_000, 128_000, 1_024, True, True),
        "claude-opus-4-7": (1_000_000, 128_000, 2_048, True, True),
        "claude-opus-5-5": (1_000_000, 128_000, 512, False, False),
        "claude-haiku-5-5": (1_000_000, 128_000, 512, True, True),
    }


def test_a_name_is_a_model_or_none() -> None:
    """An alias is its dated model; anything else is none."""
    assert find_model("claude-haiku-4-5") is CATALOGUE["claude-haiku-4-5-20251001"]
    strange: tuple[object, ...] = ("claude-nope", None, 4, [])
    assert [find_model(name) for name in strange] == [None] * 4
