"""Rows to requests: which form a row has, what names it, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.bulk.requests import RequestMaker
from keybearer.bulk.row_source import BrokenRow
from keybearer.bulk.template import Template
from keybearer.errors import UsageError

TURNS = [{"role": "user", "content": "hi"}]
ASK = Template("{text}")


@pytest.mark.parametrize(
    ("row", "options", "info"),
    [
        ({"id": 7, "text": "hi"}, {}, b'"id":7'),
        ({"custom_id": "c", "id": 7, "text": "hi"}, {}, b'"id":"c"'),
        ({"text": "hi", "n": 1}, {}, b'"row":{"text":"hi","n":1}'),
        ({"id": 7, "text": "hi", "n": 1}, {"keep": ["n"]}, b'"id":7,"row":{"n":1}'),
        ({"id": 7, "text": "hi"}, {"keep": "all"}, b'"id":7,"row":{"id":7,"text":"hi"}'),
        ({"id": 7, "name": "x", "text": "hi"}, {"id_column": "name"}, b'"id":"x"'),
        ({"text": "hi"}, {"keep": []}, b'"row":{}'),
    ],
)
def test_what_the_output_has_of_a_row(row: dict[str, Any], options: dict[str, Any], info: bytes) -> None:
    """Its name and the columns that are kept; all of a row without a name."""
    made = RequestMaker(ASK, params={"model": "m", "max_tokens": None}, **options).make(row)
    assert (made.params, made.info, made.error) == ({"model": "m", "messages": TURNS}, info, None)


@pytest.mark.parametrize(
    ("row", "params", "info"),
    [
        ({"messages": TURNS, "model": "own"}, {"model": "own", "messages": TURNS}, b""),
        ({"messages": TURNS, "custom_id": "c"}, {"model": "m", "messages": TURNS}, b'"id":"c"'),
        ({"custom_id": "c", "params": {"messages": TURNS}}, {"model": "m", "messages": TURNS}, b'"id":"c"'),
    ],
)
def test_rows_that_are_requests(row: dict[str, Any], params: dict[str, Any], info: bytes) -> None:
    """The arguments of a call, or a batch's line; what they name wins over what all have."""
    made = RequestMaker(params={"model": "m"}).make(row)
    assert (made.params, made.info, made.error) == (params, info, None)


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        ({"id": 1, "txt": "hi"}, "MissingColumn", "there are: id, txt"),
        ("text", "UsageError", "not of type str"),
        (BrokenRow("{", "a:1: it is not JSON"), "BrokenRow", "a:1"),
    ],
)
def test_a_row_that_cannot_be_sent(row: Any, error: str, says: str) -> None:
    """It is its error, with a hash of its own, and with its row for the dead-letter file."""
    made = RequestMaker(ASK, with_source=True).make(row)
    assert made.error is not None
    assert made.error.error_class == error
    assert says in made.error.message
    assert len(made.hash) == 16
    assert made.source


def test_a_request_without_turns_says_what_to_do() -> None:
    """A row with columns needs a template."""
    error = RequestMaker().make({"id": 1, "text": "hi"}).error
    assert error is not None
    assert "neither messages nor params" in error.message


@pytest.mark.parametrize("options", [{"template": Template("{zork}")}, {"keep": ["zork"]}, {"id_column": "zork"}])
def test_columns_that_no_row_has(options: dict[str, Any]) -> None:
    """Where all rows have the same columns, that is known before the first row."""
    template = options.pop("template", ASK)
    with pytest.raises(UsageError, match="no column 'zork'; there are: id, text"):
        RequestMaker(template, **options).check_columns(["id", "text"])
