"""What values need to be used as pydantic's models are: which of their fields are dumped, their JSON text, and their schemas.

Source: `BaseModel.model_dump` of pydantic 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin

import msgspec
from msgspec import Struct, StructMeta, structs

from keybearer.types.timestamp import Timestamp

__all__ = [
    "FieldInfo",
    "Fields",
    "chosen",
    "dumped",
    "fields_of",
    "held_fields",
    "json_text",
    "schema_for_pydantic",
    "schema_of",
    "tags_of",
]

Fields: TypeAlias = "Iterable[str] | Mapping[str, Any] | None"
"""Which fields: a set of names, or a mapping of names to True, or to which of the field's own; `__all__` is each item of a list."""


JSON_TYPES: Final[dict[Any, dict[str, str]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Timestamp: {"type": "string", "format": "date-time"},
}
"""A type's JSON Schema."""


class FieldInfo(Struct, frozen=True):
    """A field, as pydantic's `FieldInfo` says it.

    Attributes:
        annotation: Its type.
        default: What it is when it does not come; `...` for a field that always comes.
    """

    annotation: Any
    default: Any = ...

    def is_required(self) -> bool:
        """Return whether it always comes."""
        return self.default is ...


def fields_of(cls: Any) -> dict[str, FieldInfo]:
    """Return the fields of a class of values, by name."""
    unset = msgspec.NODEFAULT
    return {
        each.name: FieldInfo(each.type, ... if each.default is unset else each.default) for each in structs.fields(cls)
    }


@cache
def tags_of(cls: Any) -> tuple[str, ...]:
    """Return what the `type` of a class's values may be; nothing where it may be any text."""
    field = fields_of(cls).get("type")
    if field is None:
        tag = getattr(cls, "type", None)
        return (tag,) if isinstance(tag, str) else ()
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def held_fields(value: Any) -> dict[str, Any]:
    """Return the fields of a value as it has them: with `type` where that is no field of its class, and with unknown ones."""
    named = value.__struct_fields__
    tag = {} if "type" in named or not hasattr(value, "type") else {"type": value.type}
    return {**tag, **{name: getattr(value, name) for name in named}, **value.extra}


def schema_of(annotation: Any, within: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Return the JSON Schema of a type of values; of what has none, such as the schema of a tool's input, one that takes all.

    Args:
        annotation: The type.
        within: The classes that this one stands in, whose schema is not written again.
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in JSON_TYPES:
        return dict(JSON_TYPES[annotation])
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in {Union, UnionType}:
        each = [schema_of(one, within) for one in inner]
        return {} if {} in each else {"anyOf": each}
    if origin is list:
        return {"type": "array", "items": schema_of(inner[0], within)}
    if dict in {annotation, origin}:
        return {"type": "object"}
    if not isinstance(annotation, StructMeta):
        return {}
    shown: dict[str, Any] = {"title": annotation.__name__, "type": "object", "additionalProperties": True}
    if annotation not in within:
        fields = fields_of(annotation).items()
        tag = getattr(annotation, "type", None)
        shown["properties"] = {"type": {"enum": [tag]}} if isinstance(tag, str) else {}
        shown["properties"] |= {name: schema_of(field.annotation, (*within, annotation)) for name, field in fields}
        shown["required"] = [name for name, field in fields if field.is_required()]
    return shown


def _of(spec: Any, name: Any) -> Any:
    """Return what a specification says of a field: True for all of it, a specification of its own, or None for nothing."""
    if not isinstance(spec, Mapping):
        return True if name in set(spec) else None
    found = spec.get(name, spec.get("__all__"))
    return True if found is ... else found or None


def chosen(value: Any, spec: Any, *, listed: bool) -> Any:
    """Return plain JSON types with some of their fields.

    Args:
        value: The plain JSON types.
        spec: Which fields.
        listed: Whether those fields are kept, and no others; else they are left out, and the others are kept.
    """
    whole, nothing = (True, None) if listed else (None, True)

    def kept(inner: Any, each: Any) -> Any:
        return each if inner is whole else chosen(each, inner, listed=listed)

    if isinstance(value, list):
        items = ((each, _of(spec, at)) for at, each in enumerate(value))
        return [kept(inner, each) for each, inner in items if inner is not nothing]
    if not isinstance(value, dict):
        return value
    named = ((name, each, _of(spec, name)) for name, each in value.items())
    return {name: kept(inner, each) for name, each, inner in named if inner is not nothing}


def dumped(value: Any, *, unset: bool, defaults: bool, none: bool) -> Any:
    """Return a value as plain JSON types, with or without the fields that did not come, that are at their default, that are None."""
    if isinstance(value, Struct) and hasattr(value, "came_as"):
        source = value.came_as()
        shown = {} if "type" in value.__struct_fields__ or not hasattr(value, "type") else {"type": value.type}
        # The marks of an incomplete tool call are keybearer's own: the service would refuse them in one that is complete.
        hidden: frozenset[str] = frozenset()
        if getattr(value, "incomplete", None) is False:
            hidden = getattr(value, "marks", hidden)
        for field in structs.fields(type(value)):
            if field.name in hidden:
                continue
            held = getattr(value, field.name)
            came = unset or source is None or field.name in source
            if came and (defaults or field.default is msgspec.NODEFAULT or held != field.default):
                shown[field.name] = held
        named = {name: held for name, held in (shown | getattr(value, "extra", {})).items() if none or held is not None}
        return dumped(named, unset=unset, defaults=defaults, none=none)
    if isinstance(value, (list, tuple)):
        return [dumped(item, unset=unset, defaults=defaults, none=none) for item in value]
    if isinstance(value, Mapping):
        return {key: dumped(item, unset=unset, defaults=defaults, none=none) for key, item in value.items()}
    if isinstance(value, Struct):
        return dumped(structs.asdict(value), unset=unset, defaults=defaults, none=none)
    return str.__str__(value) if isinstance(value, str) else value


_encode = msgspec.json.Encoder(decimal_format="number").encode


def json_text(value: Any, indent: int | None = None) -> str:
    """Return plain JSON types as JSON text.

    Args:
        value: Decoded JSON; a `Decimal` in it is written as a number.
        indent: How many spaces a level is indented by; None for one line.
    """
    try:
        encoded = _encode(value)
        return (encoded if indent is None else msgspec.json.format(encoded, indent=indent)).decode()
    except UnicodeEncodeError:
        import json

        separators = (",", ":") if indent is None else (",", ": ")
        return json.dumps(value, separators=separators, indent=indent)  # a lone surrogate: only an escape can carry it


def schema_for_pydantic(cls: Any) -> Any:
    """Return the schema with which pydantic takes a value of a class, its `to_dict`, or its JSON, and gives its `to_dict` back."""
    from pydantic_core import core_schema

    return core_schema.no_info_plain_validator_function(
        cls.model_validate,
        serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.to_dict()),
    )
