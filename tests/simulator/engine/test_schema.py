"""Instances of JSON schemas, each validated by the `jsonschema` package."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.engine.hints import Hints, places
from keybearer.simulator.engine.schema import make_instance
from simulator.schema_check import faults

Schema = dict[str, Any]


def integers() -> st.SearchStrategy[Schema]:
    """Make schemas of integers with bounds."""
    bounds = st.tuples(st.integers(-50, 50), st.integers(0, 50))
    return bounds.map(lambda pair: {"type": "integer", "minimum": pair[0], "maximum": pair[0] + pair[1]})


def schemas() -> st.SearchStrategy[Schema]:
    """Make schemas of every kind, nested."""
    leaves = st.one_of(
        integers(),
        st.just({"type": "string"}),
        st.just({"type": "boolean"}),
        st.just({"type": "null"}),
        st.lists(st.text(max_size=5), min_size=1, max_size=4).map(lambda options: {"enum": options}),
        st.text(max_size=5).map(lambda value: {"const": value}),
    )

    def nest(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
        names = st.sampled_from(["city", "count", "when", "tags", "x"])
        records = st.dictionaries(names, inner, max_size=4)
        return st.one_of(
            inner.map(lambda item: {"type": "array", "items": item}),
            records.map(lambda fields: {"type": "object", "properties": fields, "required": list(fields)}),
            st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
        )

    return st.recursive(leaves, nest, max_leaves=12)


@given(schemas(), st.text(max_size=60))
def test_an_instance_fits_its_schema(schema: Schema, prompt: str) -> None:
    """Whatever the schema and the prompt, the instance fits."""
    assert faults(make_instance(schema, Hints(prompt), everything=True), schema) == []


def odd_schemas() -> st.SearchStrategy[Schema]:
    """Make schemas with many constraints, some of them unsatisfiable."""
    values = st.sampled_from(["a", "value", "", 1, 2.5, -3, True, None, {"a": 1}, [1]])
    small = st.integers(0, 4)
    leaf: st.SearchStrategy[Schema] = st.one_of(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["integer", "number", ["null", "integer"]])},
            optional={
                "minimum": st.integers(-50, 50),
                "exclusiveMaximum": st.integers(-50, 60),
                "multipleOf": st.sampled_from([1, 2, 0.5, 0.1, 7]),
                "default": values,
            },
        ),
        st.fixed_dictionaries(
            {"type": st.just("string")},
            optional={
                "minLength": st.integers(0, 30),
                "maxLength": st.integers(0, 30),
                "pattern": st.sampled_from(["^[a-z]+$", r"^\d{3}-\d{4}$", "[A-Z]{2}", "^(a|b)+$"]),
                "format": st.sampled_from(["date", "email", "uuid", "ipv4", "unheard-of"]),
                "default": values,
            },
        ),
        st.lists(values, min_size=1, max_size=3).map(lambda options: {"enum": options}),
        values.map(lambda value: {"const": value}),
        st.sampled_from([{"type": "boolean"}, {"type": "null"}, {}, {"not": {"const": "value"}}]),
    )

    def nest(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
        names = st.sampled_from(["a", "b", "c"])
        several = st.lists(inner, min_size=1, max_size=3)
        return st.one_of(
            st.fixed_dictionaries(
                {"type": st.just("array"), "items": inner},
                optional={"minItems": small, "maxItems": small, "uniqueItems": st.booleans(), "contains": inner},
            ),
            st.fixed_dictionaries(
                {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=3)},
                optional={
                    "required": st.lists(names, unique=True, max_size=3),
                    "additionalProperties": st.one_of(st.booleans(), inner),
                    "minProperties": small,
                    "maxProperties": small,
                    "dependentRequired": st.just({"a": ["b"]}),
                    "patternProperties": inner.map(lambda schema: {"^[ab]$": schema}),
                },
            ),
            st.builds(lambda name, options: {name: options}, st.sampled_from(["anyOf", "oneOf", "allOf"]), several),
            st.builds(lambda test, then: {"if": test, "then": then, "else": {"type": "null"}}, inner, inner),
        )

    return st.recursive(leaf, nest, max_leaves=8)


@given(odd_schemas(), st.booleans())
def test_an_instance_of_an_odd_schema_fits_or_is_refused(schema: Schema, everything: bool) -> None:
    """No schema, satisfiable or not, gives a wrong instance or an error of another kind."""
    with contextlib.suppress(ServiceError):
        assert faults(make_instance(schema, Hints("hello 5"), everything=everything), schema) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "number", "exclusiveMinimum": 5}, 6),
        ({"type": "number", "exclusiveMaximum": 5, "minimum": 5 - 1}, 4),
        ({"type": "integer", "multipleOf": 5, "minimum": 11}, 15),
        ({"type": "string", "minLength": 8}, "valuexxx"),
        ({"type": "string", "maxLength": 3}, "val"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"type": ["null", "string"]}, "value"),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3}, [1, 1, 1]),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"required": ["a"]}]}, {"a": 1}),
        ({"type": "string", "pattern": "^[A-Z]{2}-\\d{3}$"}, "AA-000"),
        ({"type": "string", "pattern": "^a+$", "minLength": 4}, "aaaa"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}, [1, 2, 3]),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True}, ["value", "value1"]),
        ({"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True}, ["a", "b", "c"]),
        ({"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}]}, [1, "value"]),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"const": 3}}}, 3),
        ({"$ref": "#/allOf/0", "allOf": [{"const": 3}]}, 3),
        ({"anyOf": [{"type": "integer", "minimum": 2}, {"type": "null"}], "default": None}, 2),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}], "not": {"type": "boolean"}}, None),
        ({"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "minimum": 5}]}, 5),
        ({"oneOf": [{"type": "string"}, {"const": "value"}]}, "x"),
        ({"type": "number", "minimum": 0.15, "multipleOf": 0.1}, 1),
        ({"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 1.5}, 1.25),
        ({"type": "array", "items": {"type": "null"}, "uniqueItems": True}, [None]),
        ({"type": "array", "items": {"enum": [1, "a"]}, "contains": {"type": "string"}}, ["a"]),
        (
            {"type": "object", "required": ["a"], "dependentRequired": {"a": ["b"], "b": ["c"]}},
            {"a": "a", "b": "b", "c": "c"},
        ),
        ({"type": "object", "properties": {"a": {"const": 1}}, "minProperties": 1}, {"a": 1}),
        ({"type": "object", "minProperties": 2}, {"property0": "property0", "property1": "property1"}),
        ({"type": "object", "properties": {"a": False, "b": {"const": 1}}, "required": ["b"]}, {"b": 1}),
        ({"type": "object", "required": ["a"], "patternProperties": {"a": {"const": 2}}}, {"a": 2}),
        (
            {
                "properties": {"kind": {"enum": ["a", "b"]}, "more": {"const": 1}},
                "if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
                "then": {"required": ["more"]},
            },
            {"kind": "a", "more": 1},
        ),
    ],
)
def test_keywords(schema: Schema, value: Any) -> None:
    """Each keyword has its effect."""
    assert make_instance(schema, Hints("")) == value


def test_a_recursive_schema_ends() -> None:
    """A schema that refers to itself ends."""
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}, "all": {"type": "array", "items": {"$ref": "#"}}}}
    assert make_instance(schema, Hints(""), everything=True)["next"]["next"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "2026-05-04"),
        ("date-time", "2026-01-01T00:00:00Z"),
        ("email", "a@b.example"),
        ("uuid", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_formats(kind: str, value: str) -> None:
    """A format is kept, by a value of the prompt where it has one and by a fixed one where not."""
    assert (
        make_instance({"type": "string", "format": kind}, Hints('On 2026-05-04 mail "Hello" to a@b.example')) == value
    )


def test_hints_fill_what_they_fit() -> None:
    """The prompt's own values become the arguments, each once."""
    names = ("email", "url", "path", "date", "city", "title", "count", "size")
    schema = {
        "type": "object",
        "properties": {name: {"type": "integer" if name in {"count", "size"} else "string"} for name in names},
    }
    prompt = (
        'Mail "Hello" from Rome to a@b.example with https://x.example/y and docs/a.txt on 2026-05-04, 3 times, size 20'
    )
    made = make_instance(schema, Hints(prompt), everything=True)
    assert made == {
        "email": "a@b.example",
        "url": "https://x.example/y",
        "path": made["path"],
        "date": "2026-05-04",
        "city": "Rome",
        "title": "Hello",
        "count": made["count"],
        "size": made["size"],
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Weather in Paris and New York?", ["Paris", "New York"]),
        ("From Rio de Janeiro to Oslo, Rome", ["Rio de Janeiro", "Oslo", "Rome"]),
        ("nothing here", []),
    ],
)
def test_places(text: str, found: list[str]) -> None:
    """Names of places are found, of several words and several at once."""
    assert places(text) == found


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "(?!a)a"},
        {"type": "string", "pattern": "(", "default": "b"},  # as a schema is let through with `format-schema` off
        {"type": "string", "minLength": 10**12},
        {"type": "array", "minItems": 10**9},
        {"type": "object", "minProperties": 10**9},
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "number", "minimum": 1e300, "multipleOf": 1e-300},
        {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"allOf": [{"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}, {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}]},
        {"$ref": "#/nowhere"},
        {"$ref": "http://127.0.0.1:1/schema.json"},  # nothing is fetched
        {"oneOf": [{}, {}]},
        {"not": {}},
        {"enum": []},
        {"type": "string", "minLength": 5, "maxLength": 4},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "items": {"enum": ["a"]}, "minItems": 2, "uniqueItems": True},
    ],
)
def test_what_no_instance_was_found_for_is_refused(schema: Schema) -> None:
    """A schema without an instance is refused, because the service never gives a wrong one."""
    with pytest.raises(ServiceError, match="cannot make .* Script the answer instead"):
        make_instance(schema, Hints(""))


@pytest.mark.parametrize("schema", [{"enum": 5}, {"properties": 5}, {"type": "object", "required": 5}, {"type": "any"}])
def test_what_is_no_schema_is_reported(schema: Schema) -> None:
    """A schema that a rule would have refused, let through because it is off, is no failure of the simulator."""
    with pytest.raises(ServiceError, match="cannot make a value of"):
        make_instance(schema, Hints(""))


def test_what_is_no_schema_is_read_as_far_as_it_goes() -> None:
    """A placeholder in place of a property's schema, as in the SDK's own tests, is accepted."""
    schema = {
        "type": "object",
        "properties": {
            "a": "bar",
            "b": {"type": "string", "pattern": 5},
            "c": {"type": "string", "pattern": "^x+$"},
            "d": {"type": "integer", "minimum": 3, "default": 1},
        },
    }
    assert make_instance(schema, Hints(""), everything=True) == {"a": "a", "b": "b", "c": "x", "d": 3}
