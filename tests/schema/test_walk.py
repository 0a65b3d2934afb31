"""The schema of each kind of type, and the values that it takes."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Required,
    TypedDict,
    TypeVar,
)

import msgspec
import pytest
from pydantic import BaseModel, Field

from keybearer.errors import UsageError
from keybearer.schema.shape import Misfit, Shape, shape_of

T = TypeVar("T")
UserId = NewType("UserId", int)


class Colour(enum.Enum):
    """What it looks like."""

    RED = "red"
    BLUE = 2


@dataclass
class Point:
    """A point."""

    x: Annotated[int, "the x"]
    y: Annotated[int, msgspec.Meta(ge=0)] = 3
    tags: list[str] = field(default_factory=list)


class _Circle(msgspec.Struct, tag="circle", rename="camel"):
    ring_size: float


class _Square(msgspec.Struct, tag="square"):
    side: float


class _Query(TypedDict, total=False):
    text: Required[str]
    limit: int


class _Page(_Query):
    number: NotRequired[int]
    size: int


class _Pair(NamedTuple):
    left: int
    right: str = "r"


class _Model(BaseModel):
    size: int = Field(ge=1, alias="theSize")


@dataclass
class _Holder:
    model: _Model


@dataclass
class _Tree:
    name: str
    children: list[_Tree] = field(default_factory=list)


@dataclass
class _Box(Generic[T]):
    content: T


def obj(properties: dict[str, Any], required: list[str], **more: Any) -> dict[str, Any]:
    """Return the schema of an object."""
    needs = {"required": required} if required else {}
    return {"type": "object", "properties": properties, **needs, "additionalProperties": False, **more}


STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
DAY = dt.date(2026, 1, 31)

CASES: list[tuple[Any, dict[str, Any], Any, Any]] = [
    (str, STRING, "a", "a"),
    (int, INTEGER, 3, 3),
    (int, INTEGER, 3.0, 3),
    (float, NUMBER, 3, 3.0),
    (bool, {"type": "boolean"}, True, True),
    (None, {"type": "null"}, None, None),
    (Any, {}, {"a": [1]}, {"a": [1]}),
    (bytes, {"type": "string", "contentEncoding": "base64"}, "aGk=", b"hi"),
    (Path, STRING, "a/b", Path("a/b")),
    (uuid.UUID, {"type": "string", "format": "uuid"}, str(uuid.UUID(int=1)), uuid.UUID(int=1)),
    (dt.date, {"type": "string", "format": "date"}, "2026-01-31", DAY),
    (
        dt.datetime,
        {"type": "string", "format": "date-time"},
        "2026-01-31T12:00:00Z",
        dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC),
    ),
    (dt.timedelta, {"type": "string", "format": "duration"}, "P1D", dt.timedelta(days=1)),
    (Decimal, {"anyOf": [NUMBER, STRING]}, "1.10", Decimal("1.10")),
    (Literal["a", 2], {"enum": ["a", 2]}, 2, 2),
    (Literal["a"], {"type": "string", "enum": ["a"]}, "a", "a"),
    (Colour, {"enum": ["red", 2], "description": "What it looks like."}, "red", Colour.RED),
    (int | None, {"anyOf": [INTEGER, {"type": "null"}]}, None, None),
    (int | str, {"anyOf": [INTEGER, STRING]}, "x", "x"),
    (list[int], {"type": "array", "items": INTEGER}, [1, 2], [1, 2]),
    (Sequence[int], {"type": "array", "items": INTEGER}, [1], [1]),
    (set[int], {"type": "array", "items": INTEGER, "uniqueItems": True}, [1, 1], {1}),
    (tuple[int, ...], {"type": "array", "items": INTEGER}, [1, 2], (1, 2)),
    (
        tuple[int, str],
        {"type": "array", "prefixItems": [INTEGER, STRING], "minItems": 2, "maxItems": 2},
        [1, "a"],
        (1, "a"),
    ),
    (dict[str, int], {"type": "object", "additionalProperties": INTEGER}, {"a": 1}, {"a": 1}),
    (Mapping[str, Any], {"type": "object", "additionalProperties": True}, {"a": None}, {"a": None}),
    (UserId, INTEGER, 7, 7),
    (Annotated[str, "a name"], {"type": "string", "description": "a name"}, "x", "x"),
    (
        Point,
        obj(
            {
                "x": {"type": "integer", "description": "the x"},
                "y": {"type": "integer", "minimum": 0, "default": 3},
                "tags": {"type": "array", "items": STRING},
            },
            ["x"],
            description="A point.",
        ),
        {"x": 1},
        Point(1),
    ),
    (
        _Circle | _Square,
        {
            "anyOf": [
                obj({"ringSize": NUMBER, "type": {"type": "string", "enum": ["circle"]}}, ["ringSize", "type"]),
                obj({"side": NUMBER, "type": {"type": "string", "enum": ["square"]}}, ["side", "type"]),
            ]
        },
        {"type": "circle", "ringSize": 2},
        _Circle(2.0),
    ),
    (_Query, obj({"text": STRING, "limit": INTEGER}, ["text"]), {"text": "a"}, {"text": "a"}),
    (
        _Page,
        obj({"text": STRING, "limit": INTEGER, "number": INTEGER, "size": INTEGER}, ["text", "size"]),
        {"text": "a", "size": 1},
        {"text": "a", "size": 1},
    ),
    (_Pair, obj({"left": INTEGER, "right": {"type": "string", "default": "r"}}, ["left"]), {"left": 1}, _Pair(1)),
    (_Box[int], obj({"content": INTEGER}, ["content"]), {"content": 1}, _Box(1)),
]


@pytest.mark.parametrize(("tp", "schema", "given", "value"), CASES, ids=lambda case: str(case)[:40])
def test_a_type_has_its_schema_and_its_values(tp: Any, schema: Any, given: Any, value: Any) -> None:
    """As JSON Schema says it, and back."""
    shape = shape_of(tp)
    assert shape.schema == schema
    loaded = shape.load(given)
    assert (loaded, type(loaded)) == (value, type(value))


def test_a_pydantic_model_keeps_its_own_schema_and_checks() -> None:
    """Alone and inside another type; its problems have their path."""
    shape = shape_of(_Holder)
    assert shape.schema["properties"]["model"]["properties"] == {
        "theSize": {"minimum": 1, "title": "Thesize", "type": "integer"}
    }
    assert shape.load({"model": {"theSize": 2}}).model.size == 2
    with pytest.raises(Misfit, match="`model.theSize`: input should be greater than or equal to 1, not 0"):
        shape.load({"model": {"theSize": 0}})


def test_a_type_that_contains_itself_is_defined_once() -> None:
    """It refers to itself, and its values are trees."""
    shape = shape_of(_Tree)
    assert shape.schema["$ref"] == "#/$defs/_Tree"
    assert shape.schema["$defs"]["_Tree"]["properties"]["children"]["items"] == {"$ref": "#/$defs/_Tree"}
    assert shape.load({"name": "a", "children": [{"name": "b"}]}) == _Tree("a", [_Tree("b")])


def test_a_type_that_is_used_twice_is_defined_once() -> None:
    """One that is used once stands in its place."""

    class Two(msgspec.Struct):
        first: Point
        second: Point
        other: _Query

    two: Shape[Any] = shape_of(_local(Two, Point=Point, _Query=_Query))
    assert list(two.schema["$defs"]) == ["Point"]
    assert two.schema["properties"]["first"] == {"$ref": "#/$defs/Point"}


def _local(cls: type, **names: Any) -> type:
    """Put the names that a class of a function uses where `get_type_hints` finds them."""
    cls.__annotations__ = {key: names.get(value, value) for key, value in cls.__annotations__.items()}
    return cls


@pytest.mark.parametrize(
    ("tp", "words"),
    [
        (complex, "complex has no JSON Schema"),
        (dict[int, str], "the keys of a JSON object are strings, not int"),
        (list[complex], "its items cannot be a tool's input or an answer: complex"),
        (Literal[b"x"], "b'x' in a Literal is no JSON value"),
        (T, "stands for any type"),
        (Annotated[bool, msgspec.Meta(min_length=2)], "min_length=2 is not for boolean"),
    ],
)
def test_what_has_no_schema_is_said_with_its_place(tp: Any, words: str) -> None:
    """When the shape is made."""
    with pytest.raises(UsageError, match=words):
        shape_of(tp)


@pytest.mark.parametrize(
    ("tp", "given", "words"),
    [
        (int, "1", 'expected an integer, not "1"'),
        (int, True, "expected an integer, not true"),
        (int, 1.5, "expected an integer, not 1.5"),
        (str, None, "expected a string, not null"),
        (list[int], {"a": 1}, 'expected an array, not {"a": 1}'),
        (list[int], [1, "x", None], '`[1]`: expected an integer, not "x"; `[2]`: expected an integer, not null'),
        (Point, {"x": 1, "y": -1, "z": 2}, "`y`: expected at least 0, not -1; `z`: there is no such key"),
        (Point, {}, "`x`: it is required"),
        (Colour, "green", 'expected one of "red", 2, not "green"'),
        (Literal[1], True, "expected one of 1, not true"),
        (int | str, [], "expected an integer or a string, not []"),
        (dt.date, "2026-02-30", "expected a date such as 2026-01-31"),
        (_Circle | _Square, {"type": "square", "side": "2"}, '`side`: expected a number, not "2"'),
        (str, "x" * 10_000 and ["x" * 10_000], "expected a string, not an array of 1"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(tp: Any, given: Any, words: str) -> None:
    """Every problem at once, in words that are short."""
    with pytest.raises(Misfit) as caught:
        shape_of(tp).load(given)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_attributes_of_a_classs_docstring_describe_its_members() -> None:
    """Those of its bases too; what stands at the member itself says it better."""

    @dataclass
    class Base:
        """A base.

        Attributes:
            size: How large, over
                two lines.
        """

        size: int

    @dataclass
    class Made(Base):
        """Made of it.

        Attributes:
            name: Its name.
            kind: Is not said.
        """

        name: str
        kind: Annotated[str, "Is said."]

    said = shape_of(Made).schema
    assert said["description"] == "Made of it."
    assert {name: each["description"] for name, each in said["properties"].items()} == {
        "size": "How large, over two lines.",
        "name": "Its name.",
        "kind": "Is said.",
    }
