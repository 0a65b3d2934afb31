"""Validates JSON values against the extract of the OpenAPI document, with an independent validator, and against the wheel."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel, TypeAdapter
from referencing import Registry

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "data/openapi.json").read_text(encoding="utf-8"))


NULL = {"type": "null"}


def _is_nullable(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    if "$ref" in schema:
        return _is_nullable(DOCUMENT["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema.get("nullable") is True or NULL in (schema.get("anyOf") or ())


def _as_served(schema: Any) -> Any:
    """Return a schema in which a key that takes null is optional, as it is in fact, whatever the document's `required` says.

    Parts of the document say `nullable`, as OpenAPI 3.0 did, which the validator does not know.
    """
    if isinstance(schema, list):
        return [_as_served(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _as_served(value) for name, value in schema.items()}
    if isinstance(names := schema.get("required"), list) and isinstance(known := schema.get("properties"), dict):
        made["required"] = [name for name in names if not _is_nullable(known.get(name))]
    return {"anyOf": [made, NULL]} if schema.get("nullable") is True else made


ROOT: dict[str, Any] = {"components": {"schemas": _as_served(DOCUMENT["schemas"])}}


FORMATS = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    """The package checks dates and times only if another package is installed."""
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


def faults(value: Any, schema: Any) -> list[str]:
    """List the errors of a value against a schema."""
    judge = Draft202012Validator(schema, registry=Registry(), format_checker=FORMATS)
    return [f"{each.json_path}: {each.message}" for each in judge.iter_errors(value)]


def fits(value: Any, name: str) -> list[str]:
    """List the errors of a value against one of the document's schemas."""
    return faults(value, {"$ref": f"#/components/schemas/{name}", **ROOT})


def _unknown_fields(model: Any, path: str = "$") -> list[str]:
    """List the fields of a parsed reply that the wheel does not know, at any depth."""
    if isinstance(model, list):
        return [name for index, item in enumerate(model) for name in _unknown_fields(item, f"{path}[{index}]")]
    if not isinstance(model, BaseModel):
        return []
    own = [f"{path}.{name}" for name in model.model_extra or {}]
    return own + [name for key, value in model for name in _unknown_fields(value, f"{path}.{key}")]


@cache
def _parser(kind: Any) -> TypeAdapter[Any]:
    """Return what parses a type; pydantic takes a tenth of a second to make one of a union of events."""
    return TypeAdapter(kind)


def by_the_wheel(kind: Any, value: Any) -> list[str]:
    """Parse a value strictly as a type of the wheel, and list the fields that the type does not have."""
    return _unknown_fields(_parser(kind).validate_python(value))
