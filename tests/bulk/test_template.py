"""Templates: columns in texts, braces, and what a row lacks."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.bulk.template import MissingColumn, Template
from keybearer.errors import UsageError


def prompt(text: str, row: dict[str, Any]) -> Any:
    """Return the content of the turn that a prompt gives."""
    return Template(text).fill(row)["messages"][0]["content"]


@pytest.mark.parametrize(
    ("text", "row", "filled"),
    [
        ("Is {a} {b}?", {"a": "x", "b": "y"}, "Is x y?"),
        ("{a}{a}", {"a": "x"}, "xx"),
        ('{{"a": "{a}"}} }}{{', {"a": "x"}, '{"a": "x"} }{'),
        ("{a.b} {c d}", {"a.b": 1, "c d": True}, "1 true"),
        ("n={a}", {"a": [1, {"b": None}]}, 'n=[1,{"b":null}]'),
        ("{a}", {"a": 7}, "7"),
        ("{a}", {"a": [{"type": "text", "text": "hi"}]}, [{"type": "text", "text": "hi"}]),
        ("{a}", {"a": "{b} {0.__class__}"}, "{b} {0.__class__}"),
    ],
)
def test_a_prompt_is_filled_in(text: str, row: dict[str, Any], filled: Any) -> None:
    """A name in braces is a column's, whole; doubled braces are braces; a value's own braces are text."""
    assert prompt(text, row) == filled


def test_a_request_is_filled_in_wherever_it_has_text() -> None:
    """Parameters keep a column's type, and the text of a CSV becomes a number where one is due."""
    template = Template(
        {
            "model": "{model}",
            "max_tokens": "{most}",
            "system": [{"type": "text", "text": "You know {place}."}],
            "tools": [{"name": "t", "input_schema": {"type": "object"}}],
            "messages": [{"role": "user", "content": "{q}"}],
        }
    )
    row = {"model": "claude-haiku-4-5", "most": "50", "place": "Rome", "q": "Where?", "unused": 1}
    assert template.columns == ["model", "most", "place", "q"]
    assert template.fill(row) == {
        "model": "claude-haiku-4-5",
        "max_tokens": 50,
        "system": [{"type": "text", "text": "You know Rome."}],
        "tools": [{"name": "t", "input_schema": {"type": "object"}}],
        "messages": [{"role": "user", "content": "Where?"}],
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{a", "a single {"),
        ("a} {b}", "a single }"),
        ("{} {a}", "names no column"),
        ("no column", "all rows would ask the same"),
        ("{{a}}", "all rows would ask the same"),
    ],
)
def test_a_template_that_cannot_be_meant(text: str, says: str) -> None:
    """It is refused before any row, with what to write instead."""
    with pytest.raises(UsageError, match=says):
        Template(text)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"txet": "x", "id": 1}, "no column 'text'; there are: txet, id. Did you mean txet"),
        ({"text": None}, "no value"),
    ],
)
def test_a_row_that_lacks_a_column(row: dict[str, Any], says: str) -> None:
    """The error names the columns that there are, and the nearest."""
    with pytest.raises(MissingColumn, match=says):
        prompt("{text}", row)
