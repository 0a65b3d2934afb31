"""What the SDK makes of its users' types passes every rule on structured outputs."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from typing import Annotated, Any, Literal

import pydantic
import pytest
from anthropic import transform_schema

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules import check_request


class Colour(enum.Enum):
    """A few values."""

    RED = "red"
    BLUE = "blue"


class Leaf(pydantic.BaseModel):
    """A model inside another."""

    kind: Literal["leaf"] = "leaf"
    size: Annotated[int, pydantic.Field(ge=1, le=9, multiple_of=2)]


class Branch(pydantic.BaseModel):
    """Another kind of the same."""

    kind: Literal["branch"]
    leaves: Annotated[list[Leaf], pydantic.Field(min_length=2, max_length=5)]


class Everything(pydantic.BaseModel):
    """Every kind of field that the SDK's users write, with the bounds that the service does not take."""

    name: Annotated[str, pydantic.Field(min_length=1, max_length=20, pattern="^[a-z]+$", description="A name.")]
    colour: Colour
    day: dt.date
    moment: dt.datetime
    key: uuid.UUID
    link: pydantic.HttpUrl
    part: Annotated[Leaf | Branch, pydantic.Field(discriminator="kind")]
    maybe: float | None = None
    tags: list[str] = []
    first: Annotated[list[str], pydantic.Field(min_length=1)]
    flag: bool = True


def check(schema: dict[str, Any], *, strict: bool) -> None:
    """Check a request for an answer of a schema, or with a strict tool of it."""
    asked: dict[str, Any] = (
        {"tools": [{"name": "answer", "strict": True, "input_schema": schema}]}
        if strict
        else {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    )
    body = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}], **asked}
    check_request(MessageRequest(body))


@pytest.mark.parametrize("strict", [False, True], ids=["format", "tool"])
@pytest.mark.parametrize("model", [Leaf, Branch, Everything])
def test_what_the_sdk_makes_passes(model: type[pydantic.BaseModel], *, strict: bool) -> None:
    """Each schema is refused as pydantic makes it, or lacks the bound, and passes as the SDK makes it."""
    check(transform_schema(model), strict=strict)
    with pytest.raises(Exception, match="additionalProperties|not supported"):
        check(model.model_json_schema(), strict=strict)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "integer"}]}, "minItems": 3},
        {"allOf": [{"type": "object", "properties": {"a": {"type": "string", "format": "hostname"}}}]},
        {
            "type": "object",
            "patternProperties": {"^a": {"type": "string"}},
            "additionalProperties": {"type": "integer"},
        },
        {"$defs": {"x": {"type": "number", "exclusiveMinimum": 0}}, "$ref": "#/$defs/x"},
        {"enum": ["a", 1, None, True]},
        {"const": 3, "minimum": 1},
    ],
)
def test_what_the_sdk_keeps_of_any_schema_passes(schema: dict[str, Any]) -> None:
    """The SDK's transformer drops or describes what the service refuses, and nothing that it keeps is refused."""
    check({**transform_schema(schema)}, strict=False)
