"""Whether a value is a JSON schema: draft 2020-12's meta-schema as a table, keyword to what it takes.

A keyword that the table does not have is an annotation, as the draft says, and takes anything.

Source: JSON Schema draft 2020-12, the meta-schemas of its vocabularies (core, applicator, validation, meta-data, format, content).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final

from keybearer.simulator.core.patterns import compiled

__all__ = ["is_schema"]

TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
ANCHOR: Final = re.compile(r"[A-Za-z_][-A-Za-z0-9._]*")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _identity(value: Any) -> bool:
    return isinstance(value, str) and "#" not in value[:-1]


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _count(value: Any) -> bool:
    return _number(value) and value >= 0 and value == int(value)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value)) and len(set(value)) == len(value)


def _kinds(value: Any) -> bool:
    if isinstance(value, str):
        return value in TYPES
    return _names(value) and bool(value) and TYPES.issuperset(value)


def _pattern(value: Any) -> bool:
    return isinstance(value, str) and compiled(value) is not None


def _anchor(value: Any) -> bool:
    return isinstance(value, str) and ANCHOR.fullmatch(value) is not None


def _schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_schema, value))


def _by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_schema, value.values()))


def _by_pattern(value: Any) -> bool:
    return _by_name(value) and all(map(_pattern, value))


def _names_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_names, value.values()))


def is_schema(value: Any) -> bool:
    """Return whether a value is a schema: true, false, or an object whose known keywords have what they take.

    Raises:
        RecursionError: It is nested too deeply.
    """
    if isinstance(value, bool):
        return True
    return isinstance(value, dict) and all(KEYWORDS[name](each) for name, each in value.items() if name in KEYWORDS)


KEYWORDS: Final[dict[str, Callable[[Any], bool]]] = {
    # core
    "$id": _identity, "$schema": _text, "$ref": _text, "$anchor": _anchor, "$dynamicRef": _text, "$dynamicAnchor": _anchor,
    "$comment": _text, "$defs": _by_name, "definitions": _by_name,
    # applicator
    "prefixItems": _schemas, "items": is_schema, "contains": is_schema, "additionalProperties": is_schema,
    "properties": _by_name, "patternProperties": _by_pattern, "dependentSchemas": _by_name, "propertyNames": is_schema,
    "if": is_schema, "then": is_schema, "else": is_schema, "allOf": _schemas, "anyOf": _schemas, "oneOf": _schemas,
    "not": is_schema, "unevaluatedItems": is_schema, "unevaluatedProperties": is_schema,
    # validation
    "type": _kinds, "enum": _list, "multipleOf": _positive, "maximum": _number, "exclusiveMaximum": _number,
    "minimum": _number, "exclusiveMinimum": _number, "maxLength": _count, "minLength": _count, "pattern": _pattern,
    "maxItems": _count, "minItems": _count, "uniqueItems": _truth, "maxContains": _count, "minContains": _count,
    "maxProperties": _count, "minProperties": _count, "required": _names, "dependentRequired": _names_by_name,
    # meta-data, format, content
    "title": _text, "description": _text, "deprecated": _truth, "readOnly": _truth, "writeOnly": _truth,
    "examples": _list, "format": _text, "contentEncoding": _text, "contentMediaType": _text, "contentSchema": is_schema,
}  # fmt: skip
"""Keyword to what it takes; `definitions` is the older name of `$defs`."""
