"""What is said beside a type: the metadata of `Annotated`, of whichever library it comes from.

`Annotated[int, "the page"]`, `msgspec.Meta`, `annotated_types`, `pydantic.Field` and `Doc` are read; no library is imported for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, get_args, get_origin

from msgspec import Struct, structs

from keybearer.schema.node import MISSING, JsonSchema

__all__ = ["Hint", "read_hint", "without_alias"]

_CONSTRAINTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "gt": ("exclusiveMinimum", "exclusiveMinimum", ""),
    "ge": ("minimum", "minimum", ""),
    "lt": ("exclusiveMaximum", "exclusiveMaximum", ""),
    "le": ("maximum", "maximum", ""),
    "multiple_of": ("multipleOf", "multipleOf", ""),
    "min_length": ("minLength", "minItems", "minProperties"),
    "max_length": ("maxLength", "maxItems", "maxProperties"),
    "pattern": ("pattern", "", ""),
}
"""The constraints by the names that all the libraries use: the keyword for text and numbers, for arrays, and for objects."""

_WORDS: Final = ("title", "description", "examples", "deprecated")
_FIELDS: Final = frozenset({"description", "alias", "default"})
_KIND: Final = {"array": 1, "object": 2}


class Hint(Struct, frozen=True):
    """A type and what is said beside it.

    Attributes:
        type: The type.
        description: What the value is; empty where nothing says.
        constraints: The limits, by the names of `_CONSTRAINTS`.
        words: `title`, `examples` and more that go into the schema as they are.
        alias: The name by which the value is given, where it is not the field's.
        default: A default that the metadata holds; MISSING for none.
    """

    type: Any
    description: str = ""
    constraints: Mapping[str, Any] = {}
    words: JsonSchema = {}
    alias: str | None = None
    default: Any = MISSING

    def keywords(self, schema: JsonSchema) -> JsonSchema:
        """Return the constraints as keywords for a schema.

        Raises:
            TypeError: A constraint is not for such a type.
        """
        kind = schema.get("type")
        found: JsonSchema = {}
        for name, limit in self.constraints.items():
            keyword = _CONSTRAINTS[name][_KIND.get(kind, 0) if isinstance(kind, str) else 0]
            if not keyword or not _is_for(keyword, kind):
                raise TypeError(f"{name}={limit!r} is not for {kind or 'such a type'}")
            found[keyword] = limit
        return found


def _is_for(keyword: str, kind: Any) -> bool:
    kinds = {"string"} if keyword in {"minLength", "maxLength", "pattern"} else {"array", "object", "integer", "number"}
    return isinstance(kind, str) and kind in kinds


def without_alias(tp: Any) -> Any:
    """Return what a `NewType` or a `type` statement stands for."""
    while True:
        if (supertype := getattr(tp, "__supertype__", None)) is not None:
            tp = supertype
        elif type(tp).__name__ == "TypeAliasType":
            tp = tp.__value__
        else:
            return tp


def read_hint(tp: Any) -> Hint:
    """Split a type from what is said beside it. Where two say the same, the last one counts.

    Raises:
        TypeError: A constraint that no JSON Schema expresses.
    """
    tp = without_alias(tp)
    if get_origin(tp) is not Annotated:
        return Hint(tp)
    inner, *metadata = get_args(tp)
    hint = read_hint(inner)
    said = [pair for each in metadata for pair in _said(each)]
    constraints = {name: value for name, value in said if name in _CONSTRAINTS}
    words = {name: value for name, value in said if name not in _CONSTRAINTS and name not in _FIELDS}
    fields = {name: value for name, value in said if name in _FIELDS}
    return structs.replace(
        hint, constraints={**hint.constraints, **constraints}, words={**hint.words, **words}, **fields
    )


def _said(each: Any) -> Iterator[tuple[str, Any]]:
    """Yield what one piece of metadata says: names of `_CONSTRAINTS`, of `_FIELDS`, and keywords of the schema."""
    if isinstance(text := each if isinstance(each, str) else getattr(each, "documentation", None), str):
        yield "description", text
        return
    library = type(each).__module__.partition(".")[0]
    if library == "annotated_types" and type(each).__name__ in {"Predicate", "Not"}:
        raise TypeError(
            f"{each!r} is a check that no JSON Schema expresses: make it in the function, and raise ToolError"
        )
    if library not in {"msgspec", "annotated_types", "pydantic", "pydantic_core"}:
        return
    for name in (*_CONSTRAINTS, *_WORDS):
        if (value := getattr(each, name, None)) is not None:
            yield name, value
    if (extra := getattr(each, "extra_json_schema", None) or getattr(each, "json_schema_extra", None)) and isinstance(
        extra, Mapping
    ):
        yield from extra.items()
    if (alias := getattr(each, "validation_alias", None) or getattr(each, "alias", None)) and isinstance(alias, str):
        yield "alias", alias
    if (
        (default := getattr(each, "default", None)) is not None
        and type(default).__name__ != "PydanticUndefinedType"
        and default is not ...
    ):
        yield "default", default
    for inner in getattr(each, "metadata", None) or ():  # of a pydantic FieldInfo
        yield from _said(inner)
