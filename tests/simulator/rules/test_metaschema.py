"""Schemas of draft 2020-12: each keyword with a valid and an invalid value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

from keybearer.simulator.rules.metaschema import LARGEST_KEPT, is_schema

GOOD: dict[str, list[Any]] = {
    "$id": ["https://example.com/a"], "$schema": ["https://json-schema.org/draft/2020-12/schema"], "$ref": ["#/$defs/a"],
    "$anchor": ["a_1"], "$dynamicRef": ["#a"], "$dynamicAnchor": ["a"], "$comment": ["c"], "$defs": [{"a": True}],
    "definitions": [{"a": {}}], "prefixItems": [[{}]], "items": [{}, False], "contains": [{}],
    "additionalProperties": [False, {"type": "string"}], "properties": [{}, {"a": {"type": "null"}}],
    "patternProperties": [{"^a": {}}], "dependentSchemas": [{"a": {}}], "propertyNames": [{}], "if": [{}], "then": [{}],
    "else": [{}], "allOf": [[{}]], "anyOf": [[True]], "oneOf": [[{}, {}]], "not": [{}], "unevaluatedItems": [False],
    "unevaluatedProperties": [False], "type": ["string", ["string", "null"]], "enum": [[1, "a"], []], "multipleOf": [0.1],
    "maximum": [1.5, -3, 10**400], "exclusiveMaximum": [0], "minimum": [0], "exclusiveMinimum": [0], "maxLength": [0, 2.0],
    "minLength": [3], "pattern": ["^a+$"], "maxItems": [1], "minItems": [1], "uniqueItems": [True], "maxContains": [1],
    "minContains": [0], "maxProperties": [2], "minProperties": [0], "required": [[], ["a", "b"]],
    "dependentRequired": [{"a": ["b"]}], "title": ["t"], "description": ["d"], "deprecated": [True], "readOnly": [False],
    "writeOnly": [False], "examples": [[1]], "format": ["date"], "contentEncoding": ["base64"],
    "contentMediaType": ["text/plain"], "contentSchema": [{}],
}  # fmt: skip
BAD: dict[str, list[Any]] = {
    "$id": [1, "#/a"], "$schema": [None], "$ref": [["#"]], "$anchor": ["#a", "1a"], "$dynamicRef": [1], "$dynamicAnchor": [""],
    "$comment": [1], "$defs": [[], {"a": 1}], "definitions": [{"a": "x"}], "prefixItems": [[], {}], "items": [[{}], "x"],
    "contains": [None], "additionalProperties": ["no", 0], "properties": [[], {"a": "string"}, {"a": {"type": "int"}}],
    "patternProperties": [{"(": {}}], "dependentSchemas": [{"a": []}], "propertyNames": [1], "if": [1], "then": [1],
    "else": [1], "allOf": [[], {}], "anyOf": [[1]], "oneOf": [{}], "not": ["x"], "unevaluatedItems": [1],
    "unevaluatedProperties": ["x"], "type": ["int", [], ["string", "string"], 1], "enum": ["a", {}],
    "multipleOf": [0, -1, "2"], "maximum": ["1", True, None], "exclusiveMaximum": [True], "minimum": [[]],
    "exclusiveMinimum": [False], "maxLength": [-1, 1.5, "3"], "minLength": [None], "pattern": ["(", 1], "maxItems": [-1],
    "minItems": ["1"], "uniqueItems": ["yes", 1], "maxContains": [-1], "minContains": [0.5], "maxProperties": [True],
    "minProperties": [-1], "required": ["a", [1], ["a", "a"], True], "dependentRequired": [{"a": "b"}, []], "title": [1],
    "description": [["d"]], "deprecated": ["no"], "readOnly": [0], "writeOnly": [None], "examples": ["x", {}],
    "format": [1], "contentEncoding": [1], "contentMediaType": [1], "contentSchema": [1],
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_each_keyword_takes_what_the_draft_says(name: str) -> None:
    """Each keyword accepts and refuses the right values, at the top and nested."""
    for value in GOOD[name]:
        assert is_schema({name: value}), (name, value)
    for value in BAD[name]:
        assert not is_schema({name: value}), (name, value)
        assert not is_schema({"type": "object", "properties": {"a": {"items": {name: value}}}}), (name, value)


@pytest.mark.parametrize(
    ("value", "good"), [(True, True), ({}, True), ({"x-mine": 1}, True), (None, False), ([], False)]
)
def test_what_is_a_schema_at_all(value: Any, good: bool) -> None:
    """True, false and objects are schemas; an unknown keyword is an annotation."""
    assert is_schema(value) is good


VALUES = [value for table in (GOOD, BAD) for values in table.values() for value in values]


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.sampled_from(VALUES), max_size=3))
def test_the_meta_schema_itself_judges_so(schema: dict[str, Any]) -> None:
    """The answer is that of the `jsonschema` package with all of its formats, also where it is kept from an earlier call."""
    try:
        Draft202012Validator.check_schema(schema, format_checker=FormatChecker())
    except SchemaError:
        assert not is_schema(schema)
    else:
        assert is_schema(schema)


def test_a_large_schema_is_checked_as_a_small_one() -> None:
    """A schema that is too long to keep its answer is checked each time."""
    words = "x" * LARGEST_KEPT
    for _ in range(2):
        assert is_schema({"type": "string", "description": words})
        assert not is_schema({"type": "text", "description": words})
