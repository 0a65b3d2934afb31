"""Values in a text, by kind, and what a prompt offers an argument."""

from __future__ import annotations

import pytest

from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.values import address, kind_of, names, numbers_in, places, topic


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is the weather in Paris and New York?", ["Paris", "New York"]),
        ("what is the weather in sf", ["sf"]),
        ("weather in celsius", []),
    ],
)
def test_places(text: str, found: list[str]) -> None:
    """Places have names; without one, the word after `in` is taken."""
    assert places(text) == found


def test_numbers() -> None:
    """Numbers in digits and in words, in the order of the text."""
    assert numbers_in("eighteen, 2 and 1,200.5, twenty-one; v2") == [18, 2, 1200.5, 21]


def test_names() -> None:
    """A name begins with a capital, and is no order or question."""
    assert names("Extract: Anna is 31. What did John Smith say?") == ["Anna", "John Smith"]


def test_addresses() -> None:
    """A street, its city and its country."""
    text = "Anna is 31 years old and lives at 12 Main Street, Oslo, Norway"
    assert [address(text, part) for part in (1, 2, 3)] == [["12 Main Street"], ["Oslo"], ["Norway"]]


def test_topics() -> None:
    """What an order is about."""
    assert topic("Generate a lasagna recipe.") == "lasagna recipe"
    assert topic("Write about f0") == "about f0"
    assert topic("Lasagna!") is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("city", "place"),
        ("filePath", "path"),
        ("order_id", "identifier"),
        ("to", "email"),
        ("command", "command"),
        ("n", None),
    ],
)
def test_kinds(name: str, kind: str | None) -> None:
    """An argument's name says the kind of its value."""
    assert kind_of(name) == kind


def test_what_is_offered() -> None:
    """A value is offered by its label or its kind; a guess is none."""
    hints = Hints("Search for 'cats', limit 5, in detail, sort: up, and without archived ones")
    assert hints.offers({"type": "integer"}, "limit")
    assert not hints.offers({"type": "integer"}, "offset")
    assert hints.offers({"type": "boolean"}, "archived")
    assert hints.boolean("archived") is False
    assert hints.boolean("deep") is None
    assert hints.offers({"enum": ["up", "down"]}, "sort")
    assert not hints.offers({"enum": ["red", "blue"]}, "colour")
    assert hints.string("sort") == "up"
    assert hints.string("title") == "cats"


def test_an_option_is_chosen_by_its_word() -> None:
    """An option counts as a whole word, or by the word that the description has for it."""
    described = {"description": "either 'c' for celsius or 'f' for fahrenheit"}
    assert Hints("weather in sf").choice(["c", "f"], described) == "c"
    assert Hints("weather in sf in fahrenheit").choice(["c", "f"], described) == "f"


def test_results_come_before_guesses() -> None:
    """An argument whose name an earlier result has takes its value."""
    assert Hints("convert 5 of it", results=[{"temperature": 77}]).number("temperature") == 77
    assert Hints("send it", results=[{"token": "abc"}]).string("token") == "abc"
