"""Rules on structured outputs: the schemas of `output_config.format` and of strict tools, which are compiled to a grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.metaschema import is_schema
from keybearer.simulator.rules.rule import Rule, rule

__all__ = ["RULES"]

STRUCTURED_PAGE: Final = "docs: Structured outputs"
LIMITS: Final = "docs: Structured outputs, Schema complexity limits; counted as pydantic-ai 2.68 saw the service count"
MOST_STRICT_TOOLS: Final = 20
MOST_OPTIONAL: Final = 24
MOST_UNIONS: Final = 16
LARGEST_GRAMMAR: Final = 5_000
"""The most schemas inside the schemas of a request, those behind each `$ref` counted again: a guess."""

REFUSED: Final = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}  # of numbers
    | {"minLength", "maxLength"}  # of strings
    | {"maxItems", "uniqueItems"}  # of arrays; `minItems` may be 0 or 1
    | {"oneOf", "patternProperties"}
)
"""Keywords that are listed as not supported. The SDK's own schemas have none of them (`lib/_parse/_transform.py`)."""
LISTS: Final = ("anyOf", "allOf", "oneOf", "prefixItems")
SINGLE: Final = ("items", "additionalProperties", "not")
NAMED: Final = ("properties", "patternProperties", "$defs", "definitions")
DEFINITIONS: Final = ("$defs", "definitions")
PLAIN: Final = (str, int, float, bool, type(None))

Schema = dict[str, Any]


class Compiled(NamedTuple):
    """A schema that the service compiles, and where it stands."""

    path: str
    schema: Schema


def _format(request: MessageRequest) -> Any:
    return ((request.body.get("output_config") or {}).get("format") or {}).get("schema")


def _compiled(request: MessageRequest) -> list[Compiled]:
    """List the schemas that are compiled, which eight rules read; one that is no schema is refused by another rule."""
    if "compiled" not in request.kept:
        request.kept["compiled"] = _list_compiled(request)
    compiled: list[Compiled] = request.kept["compiled"]
    return compiled


def _list_compiled(request: MessageRequest) -> list[Compiled]:
    found = [
        Compiled(f"tools.{index}.custom", tool["input_schema"])
        for index, tool in enumerate(request.body.get("tools") or [])
        if tool.get("strict") is True and isinstance(tool.get("input_schema"), dict)
    ]
    if isinstance(schema := _format(request), dict):
        found.append(Compiled("output_config.format.schema", schema))
    return [each for each in found if is_schema(each.schema)]


def _inner(schema: Schema, *, definitions: bool = True) -> Iterator[Schema]:
    """Yield the schemas directly inside a schema."""
    for key in NAMED:
        if definitions or key not in DEFINITIONS:
            yield from (each for each in (schema.get(key) or {}).values() if isinstance(each, dict))
    for key in LISTS:
        yield from (each for each in schema.get(key) or () if isinstance(each, dict))
    yield from (schema[key] for key in SINGLE if isinstance(schema.get(key), dict))


def _all(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and every schema inside it."""
    yield schema
    for each in _inner(schema):
        yield from _all(each)


def _inline(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and those inside it that are reached without following a `$ref`."""
    yield schema
    for each in _inner(schema, definitions=False):
        yield from _inline(each)


def _is_object(schema: Schema) -> bool:
    kind = schema.get("type")
    return (
        kind == "object" or (isinstance(kind, list) and "object" in kind) or (kind is None and "properties" in schema)
    )


def _found(request: MessageRequest, problem: Callable[[Schema], str | None]) -> str | None:
    """Return the first problem of a schema, with its path."""
    for path, whole in _compiled(request):
        for schema in _all(whole):
            if words := problem(schema):
                return f"{path}: {words}"
    return None


@rule("format-schema", STRUCTURED_PAGE, about=("output_config",))
def format_schema(request: MessageRequest) -> str | None:
    """An output schema is a valid JSON schema."""
    schema = _format(request)
    if schema is None or is_schema(schema):
        return None
    return "output_config.format.schema: JSON schema is invalid. It must match JSON Schema draft 2020-12"


@rule("format-closed", STRUCTURED_PAGE, about=("output_config", "tools"))
def format_closed(request: MessageRequest) -> str | None:
    """Every object of an output schema or a strict tool says `additionalProperties: false`."""

    def problem(schema: Schema) -> str | None:
        if _is_object(schema) and schema.get("additionalProperties") is not False:
            return "For 'object' type, 'additionalProperties' must be explicitly set to false"
        return None

    return _found(request, problem)


@rule("format-keywords", STRUCTURED_PAGE, about=("output_config", "tools"))
def format_keywords(request: MessageRequest) -> str | None:
    """An output schema or a strict tool has no keyword that is listed as not supported, such as `minimum` or `oneOf`."""

    def problem(schema: Schema) -> str | None:
        given = sorted(REFUSED & schema.keys())
        if schema.get("minItems", 0) > 1:
            given.append("minItems above 1")
        return f"For '{schema.get('type', 'any')}' type, not supported: {', '.join(given)}" if given else None

    return _found(request, problem)


@rule("format-values", STRUCTURED_PAGE, about=("output_config", "tools"))
def format_values(request: MessageRequest) -> str | None:
    """An `enum` has plain values, and a `$ref` stays inside its schema."""

    def problem(schema: Schema) -> str | None:
        if any(not isinstance(value, PLAIN) for value in schema.get("enum") or ()):
            return "enum: complex types are not supported"
        ref = schema.get("$ref")
        return f"$ref: external references are not supported: {ref}" if ref and not ref.startswith("#") else None

    return _found(request, problem)


def _target(whole: Schema, ref: str) -> Schema | None:
    """Return what a `$ref` refers to."""
    found: Any = whole
    for part in ref.removeprefix("#").split("/")[1:]:
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _size(whole: Schema, schema: Schema, above: tuple[str, ...] = ()) -> float:
    """Count the schemas inside a schema, those behind each `$ref` counted again; infinite if it contains itself."""
    size = 1.0
    ref = schema.get("$ref")
    if isinstance(ref, str) and (target := _target(whole, ref)) is not None:
        if ref in above:
            return float("inf")
        size += _size(whole, target, (*above, ref))
    for each in _inner(schema, definitions=False):
        if size > LARGEST_GRAMMAR:
            break
        size += _size(whole, each, above)
    return size


def _is_recursive(whole: Schema) -> bool:
    """Return whether a definition refers to itself, by whatever way."""
    refs: dict[str, set[str]] = {}
    waiting = ["#"]
    while waiting:
        name = waiting.pop()
        target = _target(whole, name)
        if name not in refs and target is not None:
            inner = _inline(target)
            refs[name] = {str(each["$ref"]) for each in inner if "$ref" in each}
            waiting.extend(refs[name])

    def reaches(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(refs.get(start, ()))
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(refs.get(name, ()))
        return seen

    return any(name in reaches(name) for name in refs)


@rule("format-recursion", STRUCTURED_PAGE, about=("output_config", "tools"))
def format_recursion(request: MessageRequest) -> str | None:
    """No output schema or strict tool contains itself."""
    for path, schema in _compiled(request):
        if _is_recursive(schema):
            return f"{path}: recursive schemas are not supported"
    return None


@rule("strict-tools", LIMITS, sure="reported", about=("tools",))
def strict_tools(request: MessageRequest) -> str | None:
    """A request has at most 20 strict tools."""
    count = sum(tool.get("strict") is True for tool in request.body.get("tools") or [])
    if count <= MOST_STRICT_TOOLS:
        return None
    return f"tools: {count} strict tools are more than the maximum of {MOST_STRICT_TOOLS}"


@rule("strict-optional", LIMITS, sure="reported", about=("output_config", "tools"))
def strict_optional(request: MessageRequest) -> str | None:
    """The output schema and the strict tools together have at most 24 optional parameters."""
    count = sum(
        name not in (each.get("required") or ())
        for _, schema in _compiled(request)
        for each in _inline(schema)
        for name in each.get("properties") or {}
    )
    if count <= MOST_OPTIONAL:
        return None
    return f"Schemas contain too many optional parameters ({count}), the maximum is {MOST_OPTIONAL}"


@rule("strict-unions", LIMITS, sure="reported", about=("output_config", "tools"))
def strict_unions(request: MessageRequest) -> str | None:
    """The output schema and the strict tools together have at most 16 parameters of a union type."""
    count = sum(
        isinstance(value, dict) and ("anyOf" in value or isinstance(value.get("type"), list))
        for _, schema in _compiled(request)
        for each in _inline(schema)
        for value in (each.get("properties") or {}).values()
    )
    if count <= MOST_UNIONS:
        return None
    return f"Schemas contain too many parameters with union types ({count}), the maximum is {MOST_UNIONS}"


@rule("strict-grammar", f"{LIMITS}; the size is a guess", sure="guess", about=("output_config", "tools"))
def strict_grammar(request: MessageRequest) -> str | None:
    """The output schema and the strict tools together can be compiled to a grammar that is not too large."""
    size = sum(_size(schema, schema) for _, schema in _compiled(request))
    if size <= LARGEST_GRAMMAR:
        return None
    return "The compiled grammar is too large. Simplify your schemas, or reduce the number of strict tools."


@rule("format-citations", STRUCTURED_PAGE, about=("output_config",))
def format_citations(request: MessageRequest) -> str | None:
    """An output schema and citations exclude each other."""
    if _format(request) is None:
        return None
    cited = any(
        isinstance(block.get("citations"), dict) and block["citations"].get("enabled") for _, _, block in request.blocks
    )
    return "output_config.format: cannot be used when citations are enabled" if cited else None


RULES: Final[tuple[Rule, ...]] = (
    format_schema,
    format_closed,
    format_recursion,
    format_keywords,
    format_values,
    strict_tools,
    strict_optional,
    strict_unions,
    strict_grammar,
    format_citations,
)
