"""A JSON Schema in the form that the API compiles: for strict tools and for structured answers.

Strategy: what the API does not take is said in the description, where the model reads it, and checked once the answer has come.
What cannot be said otherwise is an error: an object of any keys, any value at all, a schema that contains itself.
Source: the keywords that `transform_schema` of the official SDK 2.14.0 keeps, and the service's page on structured outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from keybearer.errors import UsageError
from keybearer.schema.node import JsonSchema, join, shown
from keybearer.schema.references import reaches_itself

__all__ = ["Adapted", "Dropped", "adapt"]

_FORMATS: Final = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
_KEPT: Final = frozenset({"type", "enum", "const", "description", "title", "required"})
_WORDS: Final[Mapping[str, str]] = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "matches {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "uniqueItems": "no item twice",
    "minProperties": "at least {} keys",
    "maxProperties": "at most {} keys",
    "format": "in the format {}",
    "contentEncoding": "encoded as {}",
    "default": "{} if left out",
    "examples": "for example {}",
    "deprecated": "deprecated",
}
"""How a description says what the API does not take."""


class Dropped(NamedTuple):
    """A keyword that the API does not take.

    Attributes:
        path: Where it stood.
        keyword: The keyword.
        value: Its value.
    """

    path: str
    keyword: str
    value: Any


class Adapted(NamedTuple):
    """A schema that the API takes.

    Attributes:
        schema: The schema.
        dropped: What it says in its descriptions alone.
    """

    schema: JsonSchema
    dropped: tuple[Dropped, ...]


def adapt(schema: Mapping[str, Any]) -> Adapted:
    """Return a schema in the form that the API compiles.

    Args:
        schema: A JSON Schema, whole: what it refers to is in its `$defs`.

    Raises:
        UsageError: A part of it that the API cannot compile, with its path.
    """
    definitions = schema.get("$defs") or {}
    for name in definitions:
        if reaches_itself(name, definitions):
            raise _not_compiled(name, "it contains itself; say how deep it may be by a type for each level")
    dropped: list[Dropped] = []
    adapted = _adapted({key: value for key, value in schema.items() if key != "$defs"}, "", dropped)
    if definitions:
        adapted["$defs"] = {name: _adapted(each, f"$defs.{name}", dropped) for name, each in definitions.items()}
    return Adapted(adapted, tuple(dropped))


def _adapted(schema: Any, path: str, dropped: list[Dropped]) -> JsonSchema:
    if not isinstance(schema, Mapping):
        raise _not_compiled(path, f"{schema!r} is no schema with a type")
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    adapted: JsonSchema = {key: value for key, value in schema.items() if key in _KEPT}
    rest = {key: value for key, value in schema.items() if key not in _KEPT}
    variants = rest.pop("anyOf", None) or rest.pop("oneOf", None)
    if variants is not None:
        adapted["anyOf"] = [
            _adapted(each, join(path, f"anyOf[{index}]"), dropped) for index, each in enumerate(variants)
        ]
    elif "allOf" in rest:
        adapted["allOf"] = [
            _adapted(each, join(path, f"allOf[{index}]"), dropped) for index, each in enumerate(rest.pop("allOf"))
        ]
    kind = schema.get("type")
    if kind == "object":
        _object(adapted, rest, path, dropped)
    elif kind == "array":
        _array(adapted, rest, path, dropped)
    elif kind == "string" and rest.get("format") in _FORMATS:
        adapted["format"] = rest.pop("format")
    elif not adapted.keys() & {"type", "anyOf", "allOf", "enum", "const"}:
        raise _not_compiled(path, "any value at all is allowed there; name a type")
    _describe(adapted, rest, path, dropped)
    return adapted


def _object(adapted: JsonSchema, rest: dict[str, Any], path: str, dropped: list[Dropped]) -> None:
    others = rest.pop("additionalProperties", False)
    properties = rest.pop("properties", {})
    if others not in (False, True) or (others is True and not properties):
        raise _not_compiled(path, "its keys are not known beforehand; make it a list of objects with a key and a value")
    if "patternProperties" in rest:
        raise _not_compiled(path, "its keys are known by a pattern alone; name them")
    adapted["properties"] = {name: _adapted(each, join(path, name), dropped) for name, each in properties.items()}
    adapted["additionalProperties"] = False


def _array(adapted: JsonSchema, rest: dict[str, Any], path: str, dropped: list[Dropped]) -> None:
    if places := rest.pop("prefixItems", None):
        items = [_adapted(each, join(path, index), dropped) for index, each in enumerate(places)]
        distinct = [each for index, each in enumerate(items) if each not in items[:index]]
        adapted["items"] = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        rest.pop("items", None)
    elif "items" in rest:
        adapted["items"] = _adapted(rest.pop("items"), f"{path}[]", dropped)
    if rest.get("minItems") in {0, 1}:
        adapted["minItems"] = rest.pop("minItems")


def _describe(adapted: JsonSchema, rest: Mapping[str, Any], path: str, dropped: list[Dropped]) -> None:
    """Say in the description what the API does not take."""
    said = []
    for keyword, value in rest.items():
        dropped.append(Dropped(path, keyword, value))
        words = _WORDS.get(keyword, f"{keyword}: {{}}")
        said.append(words.format(value if keyword in {"pattern", "format", "contentEncoding"} else shown(value)))
    if said:
        text = "; ".join(said)
        before = adapted.get("description")
        adapted["description"] = f"{before} ({text})" if before else f"{text[:1].upper()}{text[1:]}"


def _not_compiled(path: str, why: str) -> UsageError:
    place = f"`{path}` of the schema" if path else "The schema"
    return UsageError(
        f"{place} cannot be compiled by the API: {why}.",
        hint="Strict tools and structured answers know fewer schemas than other tools.",
    )
