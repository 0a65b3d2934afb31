"""Resolves the references and alternatives of a JSON schema, one level deep.

Two schemas that apply together are merged: the narrower bounds, the types and options that both allow, both schemas of a property.
Of a keyword that cannot be merged, such as `pattern`, the later value is kept: the caller validates the values that it makes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["Schema", "merged", "readings"]

Schema = dict[str, Any]

STEPS: Final = 16
"""The longest chain of references that is followed."""

SPLIT: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else"})
"""Keywords whose schemas are merged into the one that contains them."""


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
"""Keyword to the function that merges two of its values."""


def merged(one: Any, other: Any) -> Any:
    """Return a schema for the values that fit both schemas."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one if one is False or other is True else other
    both = {**one, **other}
    for name in one.keys() & other.keys() & MERGES.keys():
        both[name] = MERGES[name](one[name], other[name])
    return both


def readings(schema: Any, root: Schema, *, last_first: bool = False) -> Iterator[Any]:
    """Yield the alternatives of a schema, each without references and alternatives, the likeliest first.

    Args:
        schema: A schema; true or false are schemas too.
        root: The schema in which references are looked up.
        last_first: Begin with the last alternative, which most likely ends a recursion.
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
    """Yield a schema merged with one alternative of each part; lazily, because there may be very many."""
    if not parts:
        yield schema
        return
    for flat in _readings(parts[0], root, left, last_first):
        yield from _merged_with(merged(schema, flat), parts[1:], root, left, last_first)


def _in_order(options: list[Any], *, last_first: bool) -> list[Any]:
    """Put null last."""
    said = [option for option in options if not (isinstance(option, dict) and option.get("type") == "null")]
    return [*(reversed(said) if last_first else said), *(option for option in options if option not in said)]


def _led_to(reference: str, root: Schema) -> Any:
    """Return the target of a reference into the same schema; `True`, which any value fits, if it has none."""
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
