"""A JSON schema without references and alternatives: what it asks for, on one level.

What two schemas ask for at once is merged: bounds to the narrower, types and options to what both allow, the schemas of a property to
both. A pair that no keyword's merge covers, such as two patterns, keeps the later: whoever makes a value from it judges the value.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["Schema", "merged", "readings"]

Schema = dict[str, Any]

STEPS: Final = 16
"""How many references, one leading to the next, are followed."""

SPLIT: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else"})
"""Keywords whose schemas are merged into the one that they stand in."""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _common_types(one: Any, other: Any) -> list[Any]:
    both = [kind for kind in _list(one) if kind in _list(other)]
    whole = "integer" in [*_list(one), *_list(other)] and "number" in [*_list(one), *_list(other)]
    return both or (["integer"] if whole else [])


def _both(one: Any, other: Any) -> Any:
    return one if one == other else {"allOf": [one, other]}


def _by_name(one: Schema, other: Schema) -> Schema:
    return {
        name: _both(one[name], other[name]) if name in one and name in other else {**one, **other}[name]
        for name in {**one, **other}
    }


MERGES: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "type": _common_types,
    "enum": lambda one, other: [option for option in one if option in other],
    "required": lambda one, other: list(dict.fromkeys([*one, *other])),
    "properties": _by_name,
    "patternProperties": _by_name,
    "items": _both,
    "additionalProperties": _both,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
"""Keyword to what two of it ask for at once."""


def merged(one: Any, other: Any) -> Any:
    """Return a schema that asks for what two ask for."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one if one is False or other is True else other
    both = {**one, **other}
    for name in one.keys() & other.keys() & MERGES.keys():
        both[name] = MERGES[name](one[name], other[name])
    return both


def readings(schema: Any, root: Schema, *, last_first: bool = False) -> Iterator[Any]:
    """Yield the schemas, without references and alternatives, of which one has to hold: the likeliest first.

    Args:
        schema: A schema; true or false are schemas too.
        root: The schema that references lead into.
        last_first: Begin with the last alternative: the likeliest end of what would go on for ever.
    """
    return _readings(schema, root, STEPS, last_first)


def _readings(schema: Any, root: Schema, left: int, last_first: bool) -> Iterator[Any]:
    if not isinstance(schema, dict):
        yield schema
        return
    rest = {name: value for name, value in schema.items() if name not in SPLIT}
    parts = [*schema.get("allOf", ())]
    if "$ref" in schema:
        parts.append(_led_to(str(schema["$ref"]), root) if left else False)
    choices = [[part] for part in parts]
    choices += [_in_order(schema[name], last_first=last_first) for name in ("anyOf", "oneOf") if schema.get(name)]
    if "if" in schema:
        choices.append([{"allOf": [schema["if"], schema.get("then", True)]}, schema.get("else", True)])
    if not choices:
        yield rest
        return
    for chosen in itertools.product(*choices):
        yield from _merged_with(rest, [*chosen], root, left - 1, last_first)


def _merged_with(schema: Any, parts: list[Any], root: Schema, left: int, last_first: bool) -> Iterator[Any]:
    """Yield a schema merged with a reading of each part, one after another: all at once may be more than there is time for."""
    if not parts:
        yield schema
        return
    for flat in _readings(parts[0], root, left, last_first):
        yield from _merged_with(merged(schema, flat), parts[1:], root, left, last_first)


def _in_order(options: list[Any], *, last_first: bool) -> list[Any]:
    """Put null last: it says nothing."""
    said = [option for option in options if not (isinstance(option, dict) and option.get("type") == "null")]
    return [*(reversed(said) if last_first else said), *(option for option in options if option not in said)]


def _led_to(reference: str, root: Schema) -> Any:
    """Return what a reference into the same schema leads to; `True`, which asks for nothing, where it leads nowhere."""
    target: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not step:
            continue
        if isinstance(target, list) and name.isdecimal() and int(name) < len(target):
            target = target[int(name)]
        elif isinstance(target, dict) and name in target:
            target = target[name]
        else:
            return True
    return target
