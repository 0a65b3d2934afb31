"""An instance that fits a JSON schema, deterministic and filled with what the prompt offers.

Covers what tools and structured outputs use: types and lists of types, enum, const, default, examples, properties,
required, items, prefixItems, minItems, uniqueItems, bounds, lengths, patterns, common formats, anyOf, oneOf, allOf, $ref into
the same schema. Nesting stops at `DEEPEST`, so a recursive schema ends. What no instance was found for is refused: a wrong
one would be an answer that the service does not give.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.pattern import matching
from keybearer.simulator.errors import APIError
from keybearer.simulator.regex import compiled

__all__ = ["make_instance"]

DEEPEST: Final = 8
FORMATS: Final = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "hostname": "example.com",
}
Schema = dict[str, Any]


def _bound(schema: Schema, closed: str, opened: str, default: float) -> float:
    found: float | None = schema.get(closed, schema.get(opened))
    return default if found is None else found


class _Maker:
    def __init__(self, root: Schema, hints: Hints, *, everything: bool) -> None:
        self.root = root
        self.hints = hints
        self.everything = everything

    def make(self, schema: Any, name: str, depth: int) -> Any:
        if not isinstance(schema, dict):
            return name
        schema = self._flatten(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.hints.choice(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((item for item in kind if item != "null"), "null")
        if kind is None:
            kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
        maker = MAKERS.get(kind)
        return maker(self, schema, name, depth) if maker else None

    def _flatten(self, schema: Schema, depth: int) -> Schema:
        """Resolve references and take the first alternative that is not null."""
        for _ in range(DEEPEST):
            if "$ref" in schema:
                target: Any = self.root
                for step in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
                    target = target.get(step.replace("~1", "/").replace("~0", "~"), {}) if step else target
                schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
            elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
                rest = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
                real = [item for item in alternatives if item.get("type") != "null"] or alternatives
                schema = {**rest, **(real[-1] if depth > DEEPEST else real[0])}
            elif "allOf" in schema:
                merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
                for part in schema["allOf"]:
                    flat = self._flatten(part, depth)
                    merged = {
                        **merged,
                        **flat,
                        "properties": {**merged.get("properties", {}), **flat.get("properties", {})},
                        "required": [*merged.get("required", []), *flat.get("required", [])],
                    }
                schema = merged
            else:
                return schema
        return schema

    def string(self, schema: Schema, name: str, _depth: int) -> str:
        kind = schema.get("format", "")
        guess = self.hints.formatted(kind) or FORMATS[kind] if kind in FORMATS else self.hints.string(name)
        offered = (guess, schema.get("default"), *(schema.get("examples") or ()), name)
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength", math.inf)
        pattern = schema.get("pattern")
        known = None if pattern is None else compiled(pattern)
        for value in offered:
            fits = isinstance(value, str) and shortest <= len(value) <= longest
            if fits and (pattern is None or (known is not None and known.search(str(value)))):
                return str(value)
        if pattern is not None:
            made = matching(pattern, shortest, longest)
            if made is None:
                raise _no_instance(f"a string that matches {pattern!r}")
            return made
        if shortest > longest:
            raise _no_instance(f"a string of at least {shortest} and at most {longest} characters")
        filled = (name or "x").ljust(shortest, "x")
        return filled if longest == math.inf else filled[: int(longest)]

    def number(self, schema: Schema, _name: str, _depth: int) -> float | int:
        whole = schema.get("type") == "integer" or "integer" in (schema.get("type") or ())
        step: float = schema.get("multipleOf") or (1 if whole else 0)
        low = _bound(schema, "minimum", "exclusiveMinimum", -math.inf)
        high = _bound(schema, "maximum", "exclusiveMaximum", math.inf)
        guess = self.hints.number()
        wished: float = schema.get("default", 1) if guess is None else guess
        value = min(max(wished, low), high)
        if step:
            value = math.ceil(value / step) * step
            value = value - step if value > high else value
        if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
            value += step or 1
        if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
            value -= step or 1
        return int(value) if whole or float(value).is_integer() else value

    def boolean(self, schema: Schema, _name: str, _depth: int) -> bool:
        return bool(schema.get("default", True))

    def array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        least = schema.get("minItems", 1 if depth < DEEPEST else 0)
        first = schema.get("prefixItems") or []
        count = int(min(max(least, len(first), 1 if depth < DEEPEST else 0), schema.get("maxItems", math.inf)))
        items = [schema.get("items", {})] * max(0, count - len(first))
        made = [self.make(each, name.rstrip("s"), depth + 1) for each in [*first, *items][:count]]
        if schema.get("uniqueItems"):
            made = _distinct(made, schema.get("items", {}))
            if len(made) < least:
                raise _no_instance(f"{least} different items")
        return made

    def object(self, schema: Schema, _name: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = set(schema.get("required") or ())
        wanted = [key for key in properties if key in required or (self.everything and depth < DEEPEST)]
        missing = [key for key in required if key not in properties]
        return {key: self.make(properties.get(key, {}), key, depth + 1) for key in [*wanted, *missing]}


def _no_instance(what: str) -> APIError:
    return APIError(
        "invalid_request_error",
        f"This is the keybearer simulator, and its engine cannot make {what}, as the schema asks. Script the answer instead.",
        rule="engine-schema",
    )


def _distinct(made: list[Any], schema: Any) -> list[Any]:
    """Return items that differ: the next of an enum, the next number, a text with its number."""
    kept: list[Any] = []
    options = schema.get("enum") if isinstance(schema, dict) else None
    for number, item in enumerate(made):
        tries = options or [item, *_variants(item, number, schema if isinstance(schema, dict) else {})]
        new = next((each for each in tries if each not in kept), None)
        if new is None:
            break
        kept.append(new)
    return kept


def _variants(item: Any, number: int, schema: Schema) -> list[Any]:
    if isinstance(item, bool):
        return [not item]
    if isinstance(item, int | float):
        step = schema.get("multipleOf") or 1
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        return [each for each in (item + number * step, item - number * step) if low <= each <= high]
    if isinstance(item, str) and "pattern" not in schema and "format" not in schema:
        longest = int(min(schema.get("maxLength", math.inf), 1_000_000))
        return [f"{item}{number}"[-longest:]]
    return []


MAKERS: Final[dict[str, Callable[[_Maker, Schema, str, int], Any]]] = {
    "string": _Maker.string,
    "integer": _Maker.number,
    "number": _Maker.number,
    "boolean": _Maker.boolean,
    "array": _Maker.array,
    "object": _Maker.object,
    "null": lambda *_: None,
}
"""JSON type to its maker."""


def make_instance(schema: dict[str, Any], hints: Hints, *, everything: bool = False) -> Any:
    """Make a value that fits a schema.

    Args:
        schema: A JSON schema.
        hints: What the prompt offers.
        everything: Fill optional properties too, as a structured output does.

    Returns:
        The value; a dictionary for an object schema.
    """
    return _Maker(schema, hints, everything=everything).make(schema, "value", 0)
