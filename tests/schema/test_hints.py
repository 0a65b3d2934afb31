"""What is said beside a type, by each library."""

from __future__ import annotations

from typing import Annotated, Any

import annotated_types as at
import msgspec
import pydantic
import pytest
import typing_extensions

from keybearer.errors import UsageError
from keybearer.schema.shape import Misfit, shape_of


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (Annotated[int, msgspec.Meta(ge=1, description="d")], {"type": "integer", "minimum": 1, "description": "d"}),
        (Annotated[int, at.Ge(1), at.Lt(9)], {"type": "integer", "minimum": 1, "exclusiveMaximum": 9}),
        (Annotated[int, at.Interval(gt=1)], {"type": "integer", "exclusiveMinimum": 1}),
        (Annotated[str, at.Len(1, 3)], {"type": "string", "minLength": 1, "maxLength": 3}),
        (Annotated[list[int], at.MinLen(2)], {"type": "array", "items": {"type": "integer"}, "minItems": 2}),
        (Annotated[int, at.MultipleOf(5)], {"type": "integer", "multipleOf": 5}),
        (
            Annotated[str, pydantic.Field(description="d", pattern="^a", max_length=4, examples=["ab"])],
            {"type": "string", "pattern": "^a", "maxLength": 4, "examples": ["ab"], "description": "d"},
        ),
        (Annotated[str, typing_extensions.Doc("d")], {"type": "string", "description": "d"}),
        (Annotated[Annotated[str, "inner"], "outer"], {"type": "string", "description": "outer"}),
        (Annotated[str, 3], {"type": "string"}),
        (
            Annotated[str, msgspec.Meta(extra_json_schema={"format": "email"})],
            {"type": "string", "format": "email"},
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_metadata_of_every_library_is_read(hint: Any, schema: dict[str, Any]) -> None:
    """Into the keywords of JSON Schema."""
    assert shape_of(hint).schema == schema


@pytest.mark.parametrize(
    ("hint", "good", "bad", "words"),
    [
        (Annotated[int, at.Interval(ge=1, le=3)], 3, 4, "expected at most 3, not 4"),
        (Annotated[int, at.Gt(1)], 2, 1, "expected more than 1, not 1"),
        (Annotated[float, at.Lt(1)], 0.5, 1, "expected less than 1, not 1"),
        (Annotated[int, at.MultipleOf(5)], 10, 12, "expected a multiple of 5, not 12"),
        (Annotated[str, at.MinLen(2)], "ab", "a", 'expected at least 2 characters, not "a"'),
        (Annotated[list[int], at.MaxLen(1)], [1], [1, 2], "expected at most 1 items, not [1, 2]"),
        (Annotated[str, pydantic.Field(pattern="^a")], "ab", "b", 'expected text that matches ^a, not "b"'),
    ],
    ids=lambda value: str(value)[:50],
)
def test_limits_are_kept(hint: Any, good: Any, bad: Any, words: str) -> None:
    """The value at the limit passes, the next one does not."""
    assert shape_of(hint).load(good) == good
    with pytest.raises(Misfit) as caught:
        shape_of(hint).load(bad)
    assert str(caught.value) == words


def test_a_check_that_no_schema_expresses_is_refused() -> None:
    """It would be left out in silence."""
    with pytest.raises(UsageError, match="raise ToolError"):
        shape_of(Annotated[int, at.Predicate(bool)])
