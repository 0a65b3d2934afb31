"""A small judge of JSON values by JSON schema: what the extract of the OpenAPI document uses, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

SCHEMAS: dict[str, Any] = json.loads((Path(__file__).parent / "data/openapi.json").read_text(encoding="utf-8"))[
    "schemas"
]
PREFIX = "#/components/schemas/"
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def is_nullable(schema: Any) -> bool:
    """Tell whether a schema takes null; such keys are optional in fact, whatever the document's `required` says."""
    return isinstance(schema, dict) and {"type": "null"} in (schema.get("anyOf") or ())


def faults(value: Any, schema: Any, path: str = "$") -> Iterator[str]:
    """Yield what is wrong with a value."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        yield from faults(value, SCHEMAS[schema["$ref"].removeprefix(PREFIX)], path)
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(TYPES[kind](value) for kind in kinds):
        yield f"{path}: {value!r} is no {' or '.join(kinds)}"
        return
    for key in ("anyOf", "oneOf"):
        if key in schema and all(any(faults(value, option)) for option in schema[key]):
            yield f"{path}: {value!r} fits no alternative"
    for part in schema.get("allOf", ()):
        yield from faults(value, part, path)
    if isinstance(value, dict):
        yield from _object_faults(value, schema, path)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from faults(item, schema.get("items"), f"{path}[{index}]")
    yield from _value_faults(value, schema, path)


def _value_faults(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    if schema.get("format") == "date-time" and isinstance(value, str):
        datetime.fromisoformat(value)
    if "minimum" in schema and isinstance(value, int | float) and value < schema["minimum"]:
        yield f"{path}: {value} is below {schema['minimum']}"


def _object_faults(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value and not is_nullable(properties.get(name)):
            yield f"{path}: {name} is missing"
    for name, inner in value.items():
        yield from faults(inner, properties.get(name), f"{path}.{name}")


def fits(value: Any, name: str) -> list[str]:
    """List what is wrong with a value by one of the document's schemas."""
    return list(faults(value, SCHEMAS[name]))
