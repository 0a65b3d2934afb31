"""Schemas and values held against pydantic's and jsonschema's, which nobody here wrote, over a table of types and a pool of values."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, NotRequired

import annotated_types as at
import jsonschema
import pydantic
import pytest
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from keybearer.schema.shape import Misfit, shape_of


class Colour(enum.Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    """A level."""

    LOW = 1
    HIGH = 2


@dataclass
class Point:
    """A place."""

    x: float
    y: float = 0.0
    tags: list[str] = field(default_factory=list)


class Options(TypedDict):
    """Options."""

    name: str
    size: NotRequired[int]


class Pair(NamedTuple):
    """Two."""

    first: str
    second: int


class Model(pydantic.BaseModel):
    """A model of pydantic's."""

    model_config = pydantic.ConfigDict(extra="forbid")
    name: str
    count: Annotated[int, pydantic.Field(ge=1, le=5)] = 1
    inner: Point | None = None


TYPES: list[Any] = [
    str,
    int,
    float,
    bool,
    None,
    int | None,
    str | int,
    list[int],
    list[str | None],
    tuple[int, str],
    tuple[int, ...],
    set[int],
    frozenset[str],
    Sequence[int],
    dict[str, int],
    Mapping[str, list[bool]],
    Literal["a", "b"],
    Literal[1, "a"],
    Colour,
    Level,
    uuid.UUID,
    dt.date,
    dt.datetime,
    Point,
    Options,
    Model,
    list[Point],
    dict[str, Options],
    Annotated[int, at.Ge(1), at.Lt(10)],
    Annotated[str, at.MinLen(2), at.MaxLen(4)],
    Annotated[list[int], at.MinLen(1), at.MaxLen(2)],
    Annotated[float, at.MultipleOf(0.5)],
    Annotated[str, pydantic.Field(pattern="^a+$", description="letters")],
]

POOL: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        2,
        3,
        5,
        9,
        10,
        -1,
        0.5,
        1.0,
        1.5,
        2.0,
        "",
        "a",
        "b",
        "aa",
        "abcd",
        "abcde",
        "red",
        "blue",
        "1",
    ),
    *("2026-01-31", "2026-01-31T12:00:00Z", "12345678-1234-5678-1234-567812345678", "no date"),
    *([], [1], [1, 2], [1, 2, 3], ["a"], ["a", None], [1, "a"], ["a", 1], [True], [1, 1], [[1]]),
    *({}, {"a": 1}, {"a": "x"}, {"a": [True]}, {"a": [1]}, {"a": {"name": "x"}}),
    *({"x": 1}, {"x": 1, "y": 2.5, "tags": ["t"]}, {"x": "1"}, {"x": 1, "tags": [1]}, {"y": 1}, {"x": 1, "z": 1}),
    *({"name": "n"}, {"name": "n", "size": 1}, {"name": "n", "size": "1"}, {"size": 1}),
    *(
        {"name": "n", "count": 5},
        {"name": "n", "count": 6},
        {"name": "n", "inner": {"x": 1}},
        {"name": "n", "inner": {}},
    ),
    *([{"x": 1}], [{"x": 1}, {"x": "1"}], {"first": "a", "second": 1}),
]

FORMATS = jsonschema.FormatChecker(["date", "uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    """Return whether a text is a moment; jsonschema asks another package for it."""
    return not isinstance(value, str) or "T" in dt.datetime.fromisoformat(value).isoformat()[: len(value)]


def accepts(schema: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value fits a schema, as jsonschema sees it."""
    return jsonschema.Draft202012Validator(schema, format_checker=FORMATS).is_valid(value)


def loads(tp: Any, value: Any) -> bool:
    """Return whether a value is made of JSON here."""
    try:
        shape_of(tp).load(value)
    except Misfit:
        return False
    return True


def closed(schema: Any) -> Any:
    """Return a schema whose objects with known members take no others, which is what a tool's input is here."""
    if isinstance(schema, dict):
        inner = {key: closed(each) for key, each in schema.items()}
        return {**inner, "additionalProperties": False} if "properties" in schema else inner
    return [closed(each) for each in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("tp", TYPES, ids=str)
def test_the_schema_takes_what_pydantics_takes(tp: Any) -> None:
    """Of every value in the pool; the schema itself is a valid one."""
    ours, theirs = shape_of(tp).schema, closed(pydantic.TypeAdapter(tp).json_schema())
    jsonschema.Draft202012Validator.check_schema(ours)
    differ = [value for value in POOL if accepts(ours, value) != accepts(theirs, value)]
    assert differ == [], (ours, theirs)


@pytest.mark.parametrize("tp", TYPES, ids=str)
def test_a_value_is_made_of_what_the_schema_takes(tp: Any) -> None:
    """And of nothing else: what the model reads is what is checked."""
    schema = shape_of(tp).schema
    differ = [value for value in POOL if accepts(schema, value) != loads(tp, value)]
    assert differ == ([[1, 1]] if tp == set[int] else [])  # what is twice in a set is taken, as pydantic does


@pytest.mark.parametrize("tp", [tp for tp in TYPES if tp is not Model], ids=str)
def test_the_value_is_pydantics(tp: Any) -> None:
    """Of what both take; a model of pydantic's is made by pydantic anyway."""
    adapter = pydantic.TypeAdapter(tp)
    for value in POOL:
        if loads(tp, value):
            assert shape_of(tp).load(value) == adapter.validate_python(value), value


def test_the_pool_has_something_for_each_type() -> None:
    """Each type takes a value and refuses one, or the tests above could not fail."""
    for tp in TYPES:
        taken = [loads(tp, value) for value in POOL]
        assert any(taken), tp
        assert not all(taken), tp
