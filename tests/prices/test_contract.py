"""A user's own prices: they win, what they do not name stays, and a mistake in them is said with its place."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keybearer.errors import ConfigError
from keybearer.prices import cost, with_own
from keybearer.prices.contract import problem, read_file

DAY = date(2026, 11, 26)
MODEL = "claude-opus-5-5"


def usd(own: dict[str, Any], model: str = MODEL, **usage: Any) -> Decimal | None:
    """Return what a million tokens of input cost by a user's own prices."""
    counts = {"input_tokens": 1_000_000, "output_tokens": 0} | usage
    return cost(counts, model, on=DAY, prices=with_own(own)).usd


def test_ones_own_prices_win_and_the_others_stay() -> None:
    """A named price is the user's, for all names of the model; what is not named, and other models, are the public table's."""
    own = {MODEL: {"input": 3.2, "batch": {"input": "1.6"}, "web_search": 8, "regions": {"us": 1}}}
    assert usd(own) == Decimal("3.2")
    assert usd(own, f"{MODEL}-20260922") == Decimal("3.2")
    assert usd(own, output_tokens=1_000_000) == Decimal("23.2")
    assert usd(own, service_tier="batch") == Decimal("1.6")
    assert usd(own, server_tool_use={"web_search_requests": 1000}) == Decimal("11.2")
    assert usd(own, inference_geo="us") == Decimal("3.2")
    assert usd(own, "claude-opus-5") == 5


def test_a_discount_is_taken_off_what_is_not_named() -> None:
    """`*` is for every model without an entry; a model's own discount is for the prices that it does not name."""
    own = {"*": {"discount": 0.25}, MODEL: {"input": 3, "discount": "0.5"}}
    assert usd(own, "claude-opus-5") == Decimal("3.75")
    assert usd(own, output_tokens=1_000_000) == 13
    assert usd(own, "claude-haiku-5-5") == Decimal("0.375")


def test_a_model_that_the_public_table_lacks_has_only_what_is_named() -> None:
    """A gateway's model has the user's price, and what that does not name is unknown."""
    assert usd({"our-model": {"input": 7}}, "our-model") == 7
    assert usd({"our-model": {"input": 7}}, "our-model", output_tokens=1) is None


def test_a_price_holds_for_all_lengths_unless_longer_ones_are_named() -> None:
    """A named price takes the public cliff away, and `above` puts one of the user's own there."""
    assert usd({"claude-haiku-5-5": {"input": 1}}, "claude-haiku-5-5") == 1
    own = {"claude-haiku-5-5": {"input": 1, "above": {"500000": {"input": 2}}}}
    assert usd(own, "claude-haiku-5-5", input_tokens=500_000) == Decimal("0.5")
    assert usd(own, "claude-haiku-5-5") == 2
    assert usd({"our-model": {"above": {1000: {"input": 2}}}}, "our-model") == 2


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ([], "they are a mapping"),
        ({MODEL: 3}, f"{MODEL}: it is of type int"),
        ({MODEL: {"inptu": 3}}, f"{MODEL}.inptu: there is no such price. Did you mean input?"),
        ({MODEL: {"input": -1}}, f"{MODEL}.input: it takes dollars, 0 or more"),
        ({MODEL: {"input": float("nan")}}, f"{MODEL}.input: it takes dollars"),
        ({MODEL: {"input": True}}, f"{MODEL}.input: it takes dollars"),
        ({MODEL: {"input": "three"}}, f"{MODEL}.input: it takes dollars"),
        ({MODEL: {"discount": 15}}, f"{MODEL}.discount: it takes a share from 0 to 1"),
        ({MODEL: {"batch": 2}}, f"{MODEL}.batch: it is of type int"),
        ({MODEL: {"batch": {"web_search": 2}}}, f"{MODEL}.batch.web_search: there is no such price"),
        ({MODEL: {"regions": {"us": "dear"}}}, f"{MODEL}.regions.us: it takes a number"),
        ({MODEL: {"above": {"long": {}}}}, f"{MODEL}.above.long: it takes a number of tokens"),
        ({MODEL: {"above": {"9": {"input": None}}}}, f"{MODEL}.above.9.input: it takes dollars"),
        ({"*": {"input": 1}}, "*: it takes a discount and nothing else"),
    ],
)
def test_a_mistake_is_said_with_its_place(own: Any, words: str) -> None:
    """Each mistake in a user's prices is refused, with the key and what it takes."""
    assert words in str(problem(own))
    with pytest.raises(ConfigError, match="The prices: "):
        with_own(own)


def test_a_file_has_the_same(tmp_path: Path) -> None:
    """A JSON file holds the same entries, read without rounding; one that cannot be read says why."""
    path = tmp_path / "prices.json"
    path.write_text('{"claude-opus-5-5": {"input": 0.1000000000000000000001}}')
    assert str(cost({"input_tokens": 10**6, "output_tokens": 0}, MODEL, on=DAY, prices=read_file(path)).usd).startswith(
        "0.1000000000000000000001"
    )
    path.write_text(json.dumps({MODEL: {"input": "-1"}}))
    with pytest.raises(ConfigError, match=r"prices\.json: claude-opus-5-5\.input"):
        read_file(path)
    with pytest.raises(ConfigError, match="No such file"):
        read_file(tmp_path / "none.json")
