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
    "additionalProperties": "meant for keys of any name, each {}; leave it empty",
    "patternProperties": "meant for keys of these patterns: {}; leave it empty",
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


def adapt(schema: Mapping[str, Any], *, close: bool = False) -> Adapted:
    """Return a schema in the form that the API compiles.

    Args:
        schema: A JSON Schema, whole: what it refers to is in its `$defs`.
        close: Make an object of any keys one without any, as the official SDK does, where that is an error else.

    Raises:
        UsageError: A part of it that the API cannot compile, with its path.
    """
    definitions = schema.get("$defs") or {}
    for name in definitions:
        if reaches_itself(name, definitions):
            raise _not_compiled(name, "it contains itself; say how deep it may be by a type for each level")
    adapting = _Adapting(close=close)
    adapted = adapting.adapted({key: value for key, value in schema.items() if key != "$defs"}, "")
    if definitions:
        adapted["$defs"] = {name: adapting.adapted(each, f"$defs.{name}") for name, each in definitions.items()}
    return Adapted(adapted, tuple(adapting.dropped))


class _Adapting:
    """Adapts one schema and all inside it."""

    def __init__(self, *, close: bool) -> None:
        self.dropped: list[Dropped] = []
        self._close = close

    def adapted(self, schema: Any, path: str) -> JsonSchema:
        """Return a schema adapted."""
        if not isinstance(schema, Mapping):
            raise _not_compiled(path, f"{schema!r} is no schema with a type")
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}
        adapted: JsonSchema = {key: value for key, value in schema.items() if key in _KEPT}
        rest = {key: value for key, value in schema.items() if key not in _KEPT}
        variants = rest.pop("anyOf", None) or rest.pop("oneOf", None)
        if variants is not None:
            adapted["anyOf"] = [
                self.adapted(each, join(path, f"anyOf[{index}]")) for index, each in enumerate(variants)
            ]
        elif "allOf" in rest:
            adapted["allOf"] = [
                self.adapted(each, join(path, f"allOf[{index}]")) for index, each in enumerate(rest.pop("allOf"))
            ]
        kind = schema.get("type")
        if kind == "object":
            self._object(adapted, rest, path)
        elif kind == "array":
            self._array(adapted, rest, path)
        elif kind == "string" and rest.get("format") in _FORMATS:
            adapted["format"] = rest.pop("format")
        elif not adapted.keys() & {"type", "anyOf", "allOf", "enum", "const"}:
            raise _not_compiled(path, "any value at all is allowed there; name a type")
        self._describe(adapted, rest, path)
        return adapted

    def _object(self, adapted: JsonSchema, rest: dict[str, Any], path: str) -> None:
        others = rest.get("additionalProperties", False)
        properties = rest.pop("properties", {})
        is_open = others not in (False, True) or (others is True and not properties)
        if is_open and not self._close:
            raise _not_compiled(
                path, "its keys are not known beforehand; make it a list of objects with a key and a value"
            )
        if "patternProperties" in rest and not self._close:
            raise _not_compiled(path, "its keys are known by a pattern alone; name them")
        if not is_open:
            rest.pop("additionalProperties", None)
        adapted["properties"] = {name: self.adapted(each, join(path, name)) for name, each in properties.items()}
        adapted["additionalProperties"] = False

    def _array(self, adapted: JsonSchema, rest: dict[str, Any], path: str) -> None:
        if places := rest.pop("prefixItems", None):
            items = [self.adapted(each, join(path, index)) for index, each in enumerate(places)]
            distinct = [each for index, each in enumerate(items) if each not in items[:index]]
            adapted["items"] = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
            rest.pop("items", None)
        elif "items" in rest:
            adapted["items"] = self.adapted(rest.pop("items"), f"{path}[]")
        if rest.get("minItems") in {0, 1}:
            adapted["minItems"] = rest.pop("minItems")

    def _describe(self, adapted: JsonSchema, rest: Mapping[str, Any], path: str) -> None:
        """Say in the description what the API does not take."""
        said = []
        for keyword, value in rest.items():
            self.dropped.append(Dropped(path, keyword, value))
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
