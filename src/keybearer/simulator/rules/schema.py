"""The shapes of a message request: the table `core/data/shapes.json`, made into checkers with `grammar` where they are needed.

The table is made from the types of the `anthropic` wheel (`tests/simulator/tools/make_shapes.py`, which says what a shape
is), so that a field, a block or a tool of the API or of its beta is known here as soon as a wheel brings it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final

import msgspec

from keybearer.simulator.core.data import DATA
from keybearer.simulator.rules.grammar import (
    Checker,
    ShapeProblem,
    anything,
    boolean,
    by_kind,
    list_of,
    map_of,
    nullable,
    number,
    one_of,
    record,
    string,
    tagged,
)

__all__ = ["shape_of"]

PLAIN: Final[dict[str, Checker]] = {
    "any": anything,
    "object": record(is_open=True),
    "string": string(),
    "integer": number(whole=True),
    "number": number(),
    "boolean": boolean,
}


@cache
def _records() -> dict[str, dict[str, Any]]:
    records: dict[str, dict[str, Any]] = msgspec.json.decode((DATA / "shapes.json").read_bytes())["records"]
    return records


@cache
def _open_tags() -> frozenset[str]:
    """Return the types of every block and tool that is known somewhere: a known block in a wrong place is not of the future."""

    def walk(shape: Any) -> Iterator[str]:
        if isinstance(shape, dict):
            yield from shape.get("tagged", ()) if "open" in shape else ()
            for inner in shape.values():
                yield from walk(inner)

    return frozenset(walk(_records()))


@cache
def shape_of(name: str) -> Checker:
    """Return the checker of a record of the table.

    Args:
        name: `messages` and `count_tokens` are the bodies; the others are the wheel's types, such as `ToolUseBlock`.

    Raises:
        KeyError: There is no such record.
    """
    about = _records()[name]
    fields = {field: _checker(shape) for field, shape in about["fields"].items()}
    return record(about.get("required", ()), fields, beta=about.get("beta"))


def _later(name: str) -> Checker:
    """Return the checker of a record, which is made when it is first used: records refer to each other in circles."""

    def check(value: Any, path: str) -> Iterable[ShapeProblem]:
        return shape_of(name)(value, path)

    return check


def _tagged(shape: dict[str, Any]) -> Checker:
    return tagged(
        {tag: _later(name) for tag, name in shape["tagged"].items()},
        by=shape["by"],
        default=shape.get("default"),
        beta=shape.get("beta"),
        elsewhere=_open_tags() if "open" in shape else None,
    )


MAKERS: Final[dict[str, Callable[[Any, dict[str, Any]], Checker]]] = {
    "string": lambda bounds, _shape: string(**bounds),
    "integer": lambda bounds, _shape: number(whole=True, **bounds),
    "number": lambda bounds, _shape: number(**bounds),
    "values": lambda values, shape: one_of(values, beta=shape.get("beta")),
    "nullable": lambda inner, _shape: nullable(_checker(inner)),
    "list": lambda inner, shape: list_of(_checker(inner), longest=shape.get("longest")),
    "map": lambda inner, _shape: map_of(_checker(inner)),
    "record": lambda name, _shape: _later(name),
    "kinds": lambda kinds, _shape: by_kind({kind: _checker(inner) for kind, inner in kinds.items()}),
    "tagged": lambda _table, shape: _tagged(shape),
}
"""The first key of a shape to what makes its checker."""


def _checker(shape: Any) -> Checker:
    if isinstance(shape, str):
        return PLAIN[shape]
    key = next(iter(shape))
    return MAKERS[key](shape[key], shape)
