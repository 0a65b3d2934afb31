"""Values as plain JSON types under pydantic's names and arguments, for programs that were written for the official SDK.

Source: `BaseModel.model_dump` of pydantic 2, and `to_dict` of the `anthropic` wheel's `_models.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields as fields_of

from keybearer.types.api_object import APIObject, source_of

__all__ = ["Fields", "dump", "schema_for_pydantic"]

Fields: TypeAlias = "Iterable[str] | Mapping[str, Any] | None"
"""Which fields: a set of names, or a mapping of names to True, or to which of the field's own; `__all__` is each item of a list."""


def dump(
    value: APIObject,
    *,
    include: Fields = None,
    exclude: Fields = None,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
) -> dict[str, Any]:
    """Return a value as plain JSON types.

    Args:
        value: The value.
        include: Only these fields.
        exclude: Without these fields.
        exclude_unset: Without those that did not come.
        exclude_defaults: Without those that are at their default.
        exclude_none: Without those that are None.
    """
    source = source_of(value)
    shown: dict[str, Any] = {}
    if "type" not in value.__struct_fields__ and hasattr(value, "type"):
        shown["type"] = value.type  # an event's, which is no field
    for field in fields_of(type(value)):
        name, held = field.name, getattr(value, field.name)
        if exclude_unset and source is not None and name not in source:
            continue
        if exclude_defaults and field.default is not NODEFAULT and held == field.default:
            continue
        shown[name] = held
    shown |= value.extra
    dumped = {
        name: _plain(held, exclude_unset=exclude_unset, exclude_defaults=exclude_defaults, exclude_none=exclude_none)
        for name, held in shown.items()
        if not (exclude_none and held is None)
    }
    if include is not None:
        dumped = _only(dumped, include)
    return _without(dumped, exclude) if exclude is not None else dumped


def _plain(value: Any, **how: Any) -> Any:
    if isinstance(value, APIObject):
        return dump(value, **how)
    if isinstance(value, Struct):
        return {name: _plain(getattr(value, name), **how) for name in value.__struct_fields__}
    if isinstance(value, list | tuple):
        return [_plain(each, **how) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each, **how) for name, each in value.items()}
    return value


def _of(spec: Any, name: Any) -> Any:
    """Return what a specification says of a field: True for all of it, a specification of its own, or None for nothing."""
    if not isinstance(spec, Mapping):
        return True if name in set(spec) else None
    found = spec.get(name, spec.get("__all__"))
    return True if found is ... else found or None


def _only(value: Any, spec: Any) -> Any:
    if isinstance(value, list):
        kept = ((each, _of(spec, at)) for at, each in enumerate(value))
        return [each if inner is True else _only(each, inner) for each, inner in kept if inner is not None]
    if not isinstance(value, dict):
        return value
    named = ((name, each, _of(spec, name)) for name, each in value.items())
    return {name: each if inner is True else _only(each, inner) for name, each, inner in named if inner is not None}


def _without(value: Any, spec: Any) -> Any:
    if isinstance(value, list):
        kept = ((each, _of(spec, at)) for at, each in enumerate(value))
        return [each if inner is None else _without(each, inner) for each, inner in kept if inner is not True]
    if not isinstance(value, dict):
        return value
    named = ((name, each, _of(spec, name)) for name, each in value.items())
    return {name: each if inner is None else _without(each, inner) for name, each, inner in named if inner is not True}


def schema_for_pydantic(cls: type[APIObject]) -> Any:
    """Return the schema with which pydantic takes a value of a class, its `to_dict`, or its JSON, and gives its `to_dict` back."""
    from pydantic_core import core_schema

    def validate(value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if isinstance(value, dict):
            return cls.from_dict(value)
        raise ValueError(f"it is of type {type(value).__name__}; it takes a {cls.__name__} or its to_dict()")

    return core_schema.no_info_plain_validator_function(
        validate,
        serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.to_dict()),
    )
