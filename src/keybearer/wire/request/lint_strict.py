"""The rule of `keybearer.wire.request.lint` for the schemas that the service compiles: strict tools, and the output's format.

Strategy: the service adds up what all of them have, so a request of many small tools can be over a limit that none of them is near.
What is over one is said with each schema's share. Counted is what stands in a schema, without what is behind a `$ref`.
Source: platform.claude.com, "Structured outputs", schema complexity limits; counted as pydantic-ai 2.68 does (reported).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from keybearer.types.api_object import is_mapping
from keybearer.wire.request.turns import Problem, RequestView

__all__ = ["APPLIES_TO", "MOST_OPTIONAL", "MOST_STRICT_TOOLS", "MOST_UNIONS"]

MOST_STRICT_TOOLS: Final = 20
MOST_OPTIONAL: Final = 24
MOST_UNIONS: Final = 16

_LISTS: Final = ("anyOf", "allOf", "oneOf", "prefixItems")
_SINGLE: Final = ("items", "additionalProperties", "not")


class _Compiled(NamedTuple):
    """A schema that the service compiles, and whose it is."""

    name: str
    schema: Mapping[str, Any]


def strict(request: RequestView) -> Iterator[Problem]:
    """At most 20 tools are strict; they and the output's schema have at most 24 optional parameters and 16 unions together."""
    tools = list(_strict_tools(request.body))
    if len(tools) > MOST_STRICT_TOOLS:
        what = f"{len(tools)} tools are strict, and the most is {MOST_STRICT_TOOLS}"
        surplus = ", ".join(each.name for each in tools[MOST_STRICT_TOOLS:])
        yield Problem("tools", what, f"Leave `strict` off some of them, such as {surplus}.")
    compiled = [*tools, *_output(request.body)]
    for count, most, words, fix in _LIMITS:
        shares = [(count(each.schema), each.name) for each in compiled]
        total = sum(share for share, _ in shares)
        if total > most:
            said = ", ".join(f"{name} {share}" for share, name in sorted(shares, key=lambda each: -each[0]) if share)
            yield Problem(
                "tools" if tools else "output_config", f"{total} {words}, and the most is {most}: {said}", fix
            )


def _strict_tools(body: Mapping[str, Any]) -> Iterator[_Compiled]:
    given = body.get("tools")
    for tool in given if isinstance(given, list) else ():
        if is_mapping(tool) and tool.get("strict") is True:
            schema = tool.get("input_schema")
            yield _Compiled(str(tool.get("name")), schema if is_mapping(schema) else {})


def _output(body: Mapping[str, Any]) -> Iterator[_Compiled]:
    config = body.get("output_config")
    form = config.get("format") if is_mapping(config) else None
    schema = form.get("schema") if is_mapping(form) else None
    if is_mapping(schema):
        yield _Compiled("output_config.format", schema)


def _optional(schema: Mapping[str, Any]) -> int:
    """Count the properties that are not required."""
    return sum(
        name not in required
        for each in _inline(schema)
        for required in [_list(each, "required")]
        for name in _properties(each)
    )


def _unions(schema: Mapping[str, Any]) -> int:
    """Count the properties of more than one type."""
    return sum(
        is_mapping(value) and ("anyOf" in value or isinstance(value.get("type"), list))
        for each in _inline(schema)
        for value in _properties(each).values()
    )


_LIMITS: Final[tuple[tuple[Callable[[Mapping[str, Any]], int], int, str, str], ...]] = (
    (
        _optional,
        MOST_OPTIONAL,
        "parameters of strict schemas are optional",
        "Make parameters required, or leave `strict` off a tool.",
    ),
    (
        _unions,
        MOST_UNIONS,
        "parameters of strict schemas are unions",
        "Give parameters one type, or leave `strict` off a tool.",
    ),
)
"""What is counted, the most of it, its words, and what to do about it."""


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if is_mapping(properties) else {}


def _list(schema: Mapping[str, Any], key: str) -> list[Any]:
    value = schema.get(key)
    return value if isinstance(value, list) else []


def _inline(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and those inside it that are reached without following a `$ref`."""
    yield schema
    inner = [*_properties(schema).values(), *(schema.get(key) for key in _SINGLE)]
    for key in _LISTS:
        inner += _list(schema, key)
    for each in inner:
        if is_mapping(each):
            yield from _inline(each)


APPLIES_TO: Final[dict[Callable[[RequestView], Iterator[Problem]], frozenset[str]]] = {
    strict: frozenset({"tools", "output_config"}),
}
