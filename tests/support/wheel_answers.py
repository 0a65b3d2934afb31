"""Answers made from the types of the `anthropic` wheel: any block that it has a class for, with any of its fields."""

from __future__ import annotations

import datetime as dt
import types
import typing
from typing import Any, Final, get_args, get_origin

from anthropic.types import ContentBlock, Message
from anthropic.types.beta import BetaContentBlock, BetaMessage
from hypothesis import strategies as st
from pydantic import BaseModel

JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
PLAIN: Final[dict[Any, st.SearchStrategy[Any]]] = {
    str: st.text(max_size=8),
    int: st.integers(0, 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    dt.datetime: st.just("2026-11-25T10:00:00Z"),
}


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Make the JSON of a type of the wheel."""
    origin = get_origin(kind)
    if origin is typing.Annotated:
        return of_type(get_args(kind)[0])
    if origin is typing.Literal:
        return st.sampled_from(get_args(kind))
    if origin in {typing.Union, types.UnionType}:
        return st.one_of([of_type(each) for each in get_args(kind)])
    if origin is list:
        return st.lists(of_type(get_args(kind)[0]), max_size=2)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return of_class(kind)
    return PLAIN.get(kind, JSON)


def of_class(kind: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Make the JSON of a class of the wheel; sometimes with a field that nobody knows."""

    def made() -> st.SearchStrategy[dict[str, Any]]:
        fields = {field.alias or name: (field, of_type(field.annotation)) for name, field in kind.model_fields.items()}
        needed = {name: strategy for name, (field, strategy) in fields.items() if field.is_required() or name == "type"}
        others = {name: strategy for name, (_, strategy) in fields.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional={**others, "brand_new": JSON})

    return st.deferred(made)


def members(kind: Any) -> list[Any]:
    """List the classes of a union."""
    return members(get_args(kind)[0]) if get_origin(kind) is typing.Annotated else list(get_args(kind))


BLOCKS: Final[list[type[BaseModel]]] = [
    *members(ContentBlock),
    *members(BetaContentBlock),
]
"""The class of each block of an answer, of the API and of its beta."""

ANSWERS: Final = st.one_of(of_class(Message), of_class(BetaMessage))
"""Whole answers."""
