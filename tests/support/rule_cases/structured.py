"""Cases of the rules on the schemas of structured outputs and strict tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support.rule_cases.blocks import CLOSED, Case, shape


def closed(required: int = 0, **properties: Any) -> dict[str, Any]:
    """Make a closed object, whose first properties are required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties)[:required],
        "additionalProperties": False,
    }


def strict(number: int = 0, schema: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Make a strict tool."""
    return {"name": f"tool_{number}", "strict": True, "input_schema": schema or closed(), **more}


def asked(schema: dict[str, Any]) -> dict[str, Any]:
    """Make a request for an object with one field of a schema."""
    return {"output_config": shape(closed(1, a=schema))}


TREE = {**closed(1, a={"$ref": "#/$defs/node"}), "$defs": {"node": closed(1, next={"$ref": "#/$defs/node"})}}
FLAT = {**closed(1, a={"$ref": "#/$defs/leaf"}), "$defs": {"leaf": closed(1, b={"type": "string"})}}


def grammar(doublings: int) -> dict[str, Any]:
    """Make a schema that grows to twice its size with each definition."""
    named = {
        f"d{number}": closed(2, a={"$ref": f"#/$defs/d{number + 1}"}, b={"$ref": f"#/$defs/d{number + 1}"})
        for number in range(doublings)
    }
    return {**closed(1, a={"$ref": "#/$defs/d0"}), "$defs": {**named, f"d{doublings}": {"type": "string"}}}


def structured() -> Iterator[Case]:
    """Yield a case or more for each of these rules."""
    yield (
        "format-closed",
        {"tools": [strict()]},
        {"tools": [strict(schema={"type": "object"})]},
        "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly set to false",
    )
    yield (
        "format-closed",
        {"tools": [strict(schema={"type": "object"}, strict=False)]},
        {"tools": [strict(schema={**FLAT, "$defs": {"leaf": {"properties": {}}}})]},
        "must be explicitly set to false",
    )
    for name, value in {
        "minimum": 1, "maximum": 1, "multipleOf": 2, "minLength": 1, "maxLength": 9, "maxItems": 3, "uniqueItems": True,
        "patternProperties": {}, "oneOf": [{"type": "string"}],
    }.items():  # fmt: skip
        yield "format-keywords", asked({"type": "string"}), asked({"type": "string", name: value}), name
    yield (
        "format-keywords",
        asked({"type": "array", "items": {"type": "string"}, "minItems": 1}),
        asked({"type": "array", "items": {"type": "string"}, "minItems": 2}),
        "minItems above 1",
    )
    yield (
        "format-keywords",
        {"tools": [strict(schema=closed(1, a={"type": "integer", "minimum": 1}), strict=False)]},
        {"tools": [strict(schema=closed(1, a={"type": "integer", "minimum": 1}))]},
        "tools.0.custom: For 'integer' type, not supported: minimum",
    )
    yield "format-values", asked({"enum": ["a", 1, None]}), asked({"enum": [{"a": 1}]}), "complex types"
    yield "format-values", {"output_config": shape(FLAT)}, asked({"$ref": "https://x.example/s"}), "external references"
    yield "format-recursion", {"output_config": shape(FLAT)}, {"output_config": shape(TREE)}, "recursive schemas"
    yield (
        "format-recursion",
        {"output_config": shape(closed(1, a={"type": "string"}))},
        asked({"$ref": "#"}),
        "recursive schemas",
    )
    twenty = [strict(number) for number in range(20)]
    yield "strict-tools", {"tools": twenty}, {"tools": [*twenty, strict(20)]}, "21 strict tools"
    many = {f"p{number}": {"type": "string"} for number in range(13)}
    yield (
        "strict-optional",
        {"tools": [strict(0, closed(1, **many)), strict(1, closed(1, **many))]},
        {"tools": [strict(0, closed(1, **many)), strict(1, closed(0, **many))]},
        "too many optional parameters (25)",
    )
    unions = {f"p{number}": {"type": ["string", "null"]} for number in range(16)}
    yield (
        "strict-unions",
        {"output_config": shape(closed(99, **unions))},
        {"output_config": shape(closed(99, **unions, q={"anyOf": [{"type": "string"}, {"type": "null"}]}))},
        "too many parameters with union types (17)",
    )
    yield (
        "strict-grammar",
        {"output_config": shape(grammar(8))},
        {"output_config": shape(grammar(12))},
        "The compiled grammar is too large",
    )
    yield (
        "format-closed",
        {"output_config": shape(CLOSED)},
        asked({"type": ["object", "null"]}),
        "must be explicitly set",
    )
