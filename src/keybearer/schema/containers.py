"""Arrays, objects of any keys, and unions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keybearer.schema.node import INVALID, JsonSchema, Mistake, Mistakes, Node, join, shown

__all__ = ["array_of", "fixed_array", "mapping_of", "union_of"]


def array_of(item: Node, make: Callable[[list[Any]], Any], *, unique: bool = False) -> Node:
    """Return the node of an array whose items are of one type."""

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        if not isinstance(value, list):
            problems.append(Mistake(at, f"expected an array, not {shown(value)}"))
            return INVALID
        before = len(problems)
        made = [item.load(each, join(at, index), problems) for index, each in enumerate(value)]
        if len(problems) > before:
            return INVALID
        try:
            return make(made)
        except TypeError:  # a set of what cannot be in one
            problems.append(Mistake(at, "its items cannot stand in a set"))
            return INVALID

    schema: JsonSchema = {"type": "array", "items": item.schema}
    return Node({**schema, "uniqueItems": True} if unique else schema, load)


def fixed_array(items: Sequence[Node]) -> Node:
    """Return the node of an array with a type for each place: a tuple."""
    size = len(items)

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        if not isinstance(value, list) or len(value) != size:
            problems.append(Mistake(at, f"expected an array of {size}, not {shown(value)}"))
            return INVALID
        before = len(problems)
        made = tuple(
            item.load(each, join(at, index), problems)
            for index, (item, each) in enumerate(zip(items, value, strict=True))
        )
        return INVALID if len(problems) > before else made

    return Node(
        {"type": "array", "prefixItems": [item.schema for item in items], "minItems": size, "maxItems": size}, load
    )


def mapping_of(values: Node) -> Node:
    """Return the node of an object of any keys."""

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        if not isinstance(value, Mapping):
            problems.append(Mistake(at, f"expected an object, not {shown(value)}"))
            return INVALID
        before = len(problems)
        made = {str(key): values.load(each, join(at, key), problems) for key, each in value.items()}
        return INVALID if len(problems) > before else made

    return Node({"type": "object", "additionalProperties": values.schema or True}, load)


def union_of(variants: Sequence[Node]) -> Node:
    """Return the node of a union: the first variant that a value fits. What is wrong is said of the one that it comes closest to."""

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        closest: Mistakes | None = None
        for variant in variants:
            found: Mistakes = []
            made = variant.load(value, at, found)
            if not found:
                return made
            if closest is None or _distance(found, at) < _distance(closest, at):
                closest = found
        every = closest or []
        if all(problem.path == at for problem in every):
            wanted = " or ".join(dict.fromkeys(_wanted(variant, value, at) for variant in variants))
            problems.append(Mistake(at, f"expected {wanted}, not {shown(value)}"))
        else:
            problems.extend(every)
        return INVALID

    return Node({"anyOf": [variant.schema for variant in variants]}, load)


def _distance(problems: Mistakes, at: str) -> tuple[bool, bool, int]:
    """Return how far a value is from a variant: another type altogether, another choice of a tag, the number of mistakes."""
    return (
        any(each.path == at for each in problems),
        any(each.what.startswith("expected one of") for each in problems),
        len(problems),
    )


def _wanted(variant: Node, value: Any, at: str) -> str:
    found: Mistakes = []
    variant.load(value, at, found)
    what = found[0].what if found else ""
    return what.removeprefix("expected ").rpartition(", not ")[0] or what
