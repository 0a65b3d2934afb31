"""What values need to be used as pydantic's models are: which of their fields are dumped, and their schema.

Source: `BaseModel.model_dump` of pydantic 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

__all__ = ["Fields", "only", "schema_for_pydantic", "without"]

Fields: TypeAlias = "Iterable[str] | Mapping[str, Any] | None"
"""Which fields: a set of names, or a mapping of names to True, or to which of the field's own; `__all__` is each item of a list."""


def _of(spec: Any, name: Any) -> Any:
    """Return what a specification says of a field: True for all of it, a specification of its own, or None for nothing."""
    if not isinstance(spec, Mapping):
        return True if name in set(spec) else None
    found = spec.get(name, spec.get("__all__"))
    return True if found is ... else found or None


def only(value: Any, spec: Any) -> Any:
    """Return plain JSON types with these fields only."""
    if isinstance(value, list):
        kept = ((each, _of(spec, at)) for at, each in enumerate(value))
        return [each if inner is True else only(each, inner) for each, inner in kept if inner is not None]
    if not isinstance(value, dict):
        return value
    named = ((name, each, _of(spec, name)) for name, each in value.items())
    return {name: each if inner is True else only(each, inner) for name, each, inner in named if inner is not None}


def without(value: Any, spec: Any) -> Any:
    """Return plain JSON types without these fields."""
    if isinstance(value, list):
        kept = ((each, _of(spec, at)) for at, each in enumerate(value))
        return [each if inner is None else without(each, inner) for each, inner in kept if inner is not True]
    if not isinstance(value, dict):
        return value
    named = ((name, each, _of(spec, name)) for name, each in value.items())
    return {name: each if inner is None else without(each, inner) for name, each, inner in named if inner is not True}


def schema_for_pydantic(cls: Any) -> Any:
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
