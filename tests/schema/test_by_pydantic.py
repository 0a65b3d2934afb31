"""Types that pydantic knows better."""

from __future__ import annotations

import dataclasses
import threading
from typing import Annotated, Any

import pydantic
import pytest

from keybearer.errors import UsageError
from keybearer.schema.shape import Misfit, shape_of


class Item(pydantic.BaseModel):
    """A model with a definition of its own, and the name of another type's."""

    price: float


class Basket(pydantic.BaseModel):
    """A model that refers to one twice."""

    first: Item
    second: Item


def test_definitions_of_one_name_are_distinct() -> None:
    """A dataclass and a model may have the same name."""
    ours: Any = dataclasses.make_dataclass("Item", [("size", int)])
    shape = shape_of(tuple[ours, ours, Basket])
    items = shape.schema["prefixItems"]
    own, theirs = items[0]["$ref"], items[2]["properties"]["first"]["$ref"]
    assert {own, theirs} == {"#/$defs/Item", "#/$defs/Item2"}
    assert list(shape.schema["$defs"][theirs.removeprefix("#/$defs/")]["properties"]) == ["price"]
    assert shape.load([{"size": 1}, {"size": 2}, {"first": {"price": 1}, "second": {"price": 2}}])


def test_a_validator_in_annotated_is_run() -> None:
    """At any depth; what it raises is a problem at its place."""

    def even(number: int) -> int:
        if number % 2:
            raise ValueError("it is odd")
        return number

    shape = shape_of(list[Annotated[int, pydantic.AfterValidator(even)]])
    assert shape.load([2, 4]) == [2, 4]
    with pytest.raises(Misfit, match=r"`\[1\]`: value error, it is odd, not 3"):
        shape.load([2, 3])


def test_a_class_that_brings_its_validation_is_read_by_it() -> None:
    """Such as a URL of pydantic's."""
    assert shape_of(pydantic.AnyUrl).schema["format"] == "uri"
    assert shape_of(pydantic.AnyUrl).load("https://a.example/").host == "a.example"


def test_a_strict_model_reads_json() -> None:
    """A date is text in JSON, which a strict model takes there and nowhere else."""

    class Day(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(strict=True)
        on: pydantic.NaiveDatetime

    assert shape_of(Day).load({"on": "2026-01-02T03:04:05"}).on.year == 2026


def test_what_has_no_schema_is_an_error_in_words() -> None:
    """Where the type is named."""

    class Odd(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
        lock: type(threading.Lock())  # type: ignore[valid-type] # what has no schema

    with pytest.raises(UsageError, match="Odd cannot be a tool's input or an answer: pydantic makes no JSON Schema"):
        shape_of(Odd)
