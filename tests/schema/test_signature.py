"""A function's parameters as a tool's input."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_type_hints

import pydantic
import pytest

from keybearer.errors import UsageError
from keybearer.schema.shape import Misfit
from keybearer.schema.signature import CallArguments, _simple_hints, read_signature


def test_types_defaults_and_docstring_make_the_schema() -> None:
    """Each parameter's line is its description, unless the type has its own."""

    def search(query: str, /, limit: Annotated[int, "how many"] = 10, *, exact: bool = False, **more: str) -> None:
        """Search the documents.

        The newest first.

        Args:
            query (str): What to look for,
                in words.
            limit: Not this.
            exact: Whether: all of it.
            **more: What else.

        Returns:
            Nothing.
        """

    signature = read_signature(search)
    assert signature.description == "Search the documents.\n\nThe newest first."
    assert signature.schema == {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "What to look for, in words."},
            "limit": {"type": "integer", "description": "how many", "default": 10},
            "exact": {"type": "boolean", "description": "Whether: all of it.", "default": False},
        },
        "required": ["query"],
        "additionalProperties": {"type": "string"},
    }
    assert signature.load({"query": "a", "exact": True, "colour": "red"}) == CallArguments(
        ("a",), {"exact": True, "colour": "red"}
    )
    with pytest.raises(Misfit, match="`query`: it is required"):
        signature.load({})


def test_field_as_a_default_is_read_as_pydantic_does() -> None:
    """A parameter without a default of its own stays required."""

    def get(size: int = pydantic.Field(ge=1, description="d"), page: int = pydantic.Field(default=2)) -> None: ...

    signature = read_signature(get)
    assert signature.schema["required"] == ["size"]
    assert signature.schema["properties"]["size"] == {"type": "integer", "minimum": 1, "description": "d"}
    assert signature.schema["properties"]["page"] == {"type": "integer", "default": 2}


def test_a_type_of_the_function_around_it_is_found() -> None:
    """Annotations are strings here."""

    @dataclass
    class Local:
        x: int

    def use(value: Local) -> None: ...

    assert read_signature(use, frame_depth=1).load({"value": {"x": 1}}).kwargs == {"value": Local(1)}


def test_methods_partials_and_objects_are_functions_too() -> None:
    """What is bound already is not asked for."""

    class Thing:
        def method(self, x: int) -> None: ...

        def __call__(self, y: int) -> None: ...

    assert list(read_signature(Thing.method).schema["properties"]) == ["x"]
    assert list(read_signature(Thing().method).schema["properties"]) == ["x"]
    assert list(read_signature(Thing()).schema["properties"]) == ["y"]

    def both(a: int, b: int) -> None: ...

    @functools.wraps(both)
    def wrapped(*args: Any, **kwargs: Any) -> None: ...

    assert list(read_signature(wrapped).schema["properties"]) == ["a", "b"]


def untyped(x):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, D103
    return x


def anything(*values: int) -> None:
    """Take anything."""


def unknown(x: Nowhere) -> None:  # type: ignore[name-defined] # noqa: F821
    """Take what nobody knows."""


def strange(x: complex) -> None:
    """Take what has no schema."""


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (untyped, "The parameter `x` of untyped has no type. Write it: `x: str`."),
        (anything, "The parameter `values` of anything takes any number of values without names."),
        (unknown, "A type of unknown cannot be found: name 'Nowhere' is not defined."),
        (strange, "The parameter `x` of strange cannot be a tool's input or an answer: complex has no JSON Schema."),
    ],
)
def test_what_cannot_be_expressed_is_said_with_the_parameter(function: Any, words: str) -> None:
    """When the tool is made."""
    with pytest.raises(UsageError) as caught:
        read_signature(function)
    assert words in str(caught.value)


Later: Any = list["After"]  # an alias that names what comes after it


class After:
    """A type that is defined after its use."""


def simple(text: str, number: int | None, kind: Literal["a"], *, many: list[Annotated[int, 7]], nothing: None) -> None:
    """Have annotations that need no look at other types, `Literal` aside, which has quotes."""


def quoted(one: "After", two: Later) -> None:  # noqa: UP037 - it is what is tested
    """Name a later type in quotes, and by an alias."""


@pytest.mark.parametrize("function", [simple, quoted, After, functools.partial(simple)])
def test_types_are_found_as_python_finds_them(function: Any) -> None:
    """The short way gives what `typing.get_type_hints` gives, or nothing."""
    found = _simple_hints(function)
    assert found is None or found == get_type_hints(function, include_extras=True)


def test_the_short_way_to_types_is_taken() -> None:
    """By a function whose annotations are plain, and not by one with an alias that names a later type."""

    def plain(_text: str, number: int | None, _nothing: None) -> list[Annotated[int, 7]]:
        """Do nothing."""
        return [number or 0]

    def aliased(two: Later) -> None:
        """Do nothing."""

    assert _simple_hints(plain) == get_type_hints(plain, include_extras=True)
    assert _simple_hints(aliased) is None
