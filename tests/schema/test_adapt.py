"""Schemas as the API compiles them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import annotated_types as at
import pytest

from keybearer.errors import UsageError
from keybearer.schema.adapt import Dropped, adapt
from keybearer.schema.shape import shape_of


def test_what_the_api_does_not_take_is_said_in_the_description() -> None:
    """With the value, and listed."""
    schema = shape_of(Annotated[int, at.Interval(ge=1, lt=9), "A number."]).schema
    adapted = adapt(schema)
    assert adapted.schema == {"type": "integer", "description": "A number. (at least 1; less than 9)"}
    assert adapted.dropped == (Dropped("", "minimum", 1), Dropped("", "exclusiveMaximum", 9))


@pytest.mark.parametrize(
    ("schema", "adapted"),
    [
        ({"type": "string", "format": "email"}, {"type": "string", "format": "email"}),
        ({"type": "string", "format": "phone"}, {"type": "string", "description": "In the format phone"}),
        ({"oneOf": [{"type": "null"}]}, {"anyOf": [{"type": "null"}]}),
        (
            {"type": "array", "items": {"type": "null"}, "minItems": 1},
            {"type": "array", "items": {"type": "null"}, "minItems": 1},
        ),
        (
            {"type": "array", "items": {"type": "null"}, "minItems": 2},
            {"type": "array", "items": {"type": "null"}, "description": "At least 2 items"},
        ),
        (
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "null"}], "minItems": 2, "maxItems": 2},
            {
                "type": "array",
                "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "description": "At least 2 items; at most 2 items",
            },
        ),
        (
            {"type": "object", "properties": {"a": {"type": "integer", "default": 3}}},
            {
                "type": "object",
                "properties": {"a": {"type": "integer", "description": "3 if left out"}},
                "additionalProperties": False,
            },
        ),
        ({"enum": ["a", "b"]}, {"enum": ["a", "b"]}),
    ],
)
def test_each_keyword_is_kept_changed_or_said(schema: dict[str, Any], adapted: dict[str, Any]) -> None:
    """One at a time."""
    assert adapt(schema).schema == adapted


@dataclass
class _Tree:
    children: list[_Tree] = field(default_factory=list)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (shape_of(_Tree).schema, "`_Tree` of the schema cannot be compiled by the API: it contains itself"),
        (shape_of(dict[str, int]).schema, "its keys are not known beforehand"),
        (
            {"type": "object", "properties": {"a": {}}},
            "`a` of the schema cannot be compiled by the API: any value at all",
        ),
        (
            {"type": "object", "patternProperties": {"x": {}}, "properties": {"a": {"type": "null"}}},
            "known by a pattern alone",
        ),
    ],
)
def test_what_cannot_be_said_otherwise_is_an_error(schema: dict[str, Any], words: str) -> None:
    """With its place."""
    with pytest.raises(UsageError, match=words):
        adapt(schema)
