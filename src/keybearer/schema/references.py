"""What a JSON Schema refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["REF", "reaches_itself", "references", "renamed"]

REF: Final = "#/$defs/"


def references(schema: Any) -> Iterator[str]:
    """Yield the names of the definitions that a schema refers to, one as often as it does."""
    if isinstance(schema, Mapping):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.removeprefix(REF)
        for each in schema.values():
            yield from references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


def reaches_itself(name: str, definitions: Mapping[str, Any]) -> bool:
    """Return whether a definition refers to itself, directly or through others."""
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        for used in references(definitions.get(ahead.pop())):
            if used == name:
                return True
            if used not in seen:
                seen.add(used)
                ahead.append(used)
    return False


def renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """Return a schema whose references to definitions go to those of other names.

    Args:
        schema: The schema.
        names: The other name of each.
    """
    if isinstance(schema, Mapping):
        made = {key: renamed(each, names) for key, each in schema.items()}
        reference = made.get("$ref")
        if isinstance(reference, str) and (name := names.get(reference.removeprefix(REF))) is not None:
            made["$ref"] = REF + name
        return made
    return [renamed(each, names) for each in schema] if isinstance(schema, list) else schema
