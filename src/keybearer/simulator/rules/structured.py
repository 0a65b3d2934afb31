"""Rules on structured outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.metaschema import is_schema
from keybearer.simulator.rules.rule import Rule, rule

__all__ = ["RULES"]

STRUCTURED_PAGE: Final = "docs: Structured outputs"


def _schema(request: MessageRequest) -> Any:
    return ((request.body.get("output_config") or {}).get("format") or {}).get("schema")


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every object schema inside a schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for key in ("properties", "$defs", "definitions"):
            for inner in (schema.get(key) or {}).values():
                yield from _objects(inner)
        for inner in (*(schema.get("anyOf") or ()), *(schema.get("allOf") or ()), schema.get("items")):
            yield from _objects(inner)


@rule("format-schema", STRUCTURED_PAGE)
def format_schema(request: MessageRequest) -> str | None:
    """An output schema is a valid JSON schema."""
    schema = _schema(request)
    if schema is None or is_schema(schema):
        return None
    return "output_config.format.schema: JSON schema is invalid. It must match JSON Schema draft 2020-12"


@rule("format-closed", STRUCTURED_PAGE)
def format_closed(request: MessageRequest) -> str | None:
    """Every object of an output schema says `additionalProperties: false`."""
    if not is_schema(_schema(request) or {}):
        return None  # `format-schema` refuses it
    if any(inner.get("additionalProperties") is not False for inner in _objects(_schema(request))):
        return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
    return None


@rule("format-citations", STRUCTURED_PAGE)
def format_citations(request: MessageRequest) -> str | None:
    """An output schema and citations exclude each other."""
    if _schema(request) is None:
        return None
    cited = any(
        isinstance(block.get("citations"), dict) and block["citations"].get("enabled") for _, _, block in request.blocks
    )
    return "output_config.format: cannot be used when citations are enabled" if cited else None


RULES: Final[tuple[Rule, ...]] = (format_schema, format_closed, format_citations)
