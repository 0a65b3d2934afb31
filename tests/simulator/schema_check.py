"""Validates JSON values against the extract of the OpenAPI document, with an independent validator."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "data/openapi.json").read_text(encoding="utf-8"))


NULL = {"type": "null"}


def _is_nullable(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("nullable") is True or NULL in (schema.get("anyOf") or ()))


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
