"""What values need to be used as pydantic's models are: which of their fields are dumped, their JSON text, and their schema.

Source: `BaseModel.model_dump` of pydantic 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

__all__ = ["Fields", "chosen", "dumped", "json_text", "schema_for_pydantic"]

Fields: TypeAlias = "Iterable[str] | Mapping[str, Any] | None"
"""Which fields: a set of names, or a mapping of names to True, or to which of the field's own; `__all__` is each item of a list."""


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
    if isinstance(value, Struct) and (state := getattr(value, "__dict__", None)) is not None:  # an `APIObject`
        source = state.get("_source")
        shown = {} if "type" in value.__struct_fields__ or not hasattr(value, "type") else {"type": value.type}
        # The marks of an incomplete tool call are keybearer's own: the service would refuse them in one that is complete.
        hidden: frozenset[str] = frozenset()
        if getattr(value, "incomplete", None) is False:
            hidden = getattr(value, "marks", hidden)
        for field in msgspec.structs.fields(type(value)):
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
        return dumped(msgspec.structs.asdict(value), unset=unset, defaults=defaults, none=none)
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
