"""`parse` and `transform_schema` beside the official SDK's: the same values, failures and schemas."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Annotated, Any, Literal

import anthropic
import pydantic
import pytest
from typing_extensions import TypedDict

import keybearer.compat
from keybearer.compat.parsing import asked_format, transform_schema
from keybearer.errors import AnswerInvalid, UsageError
from keybearer.simulator import Simulator

ASK: Any = {"model": "claude-haiku-4-5", "max_tokens": 300, "messages": [{"role": "user", "content": "Paris"}]}


class Tag(pydantic.BaseModel):
    """A tag."""

    name: Annotated[str, pydantic.Field(min_length=2, pattern="^[a-z]+$")]
    kind: Literal["a", "b"] = "a"


class Order(pydantic.BaseModel):
    """An order."""

    item: str
    quantity: int = pydantic.Field(ge=1, description="How many.")
    tags: list[Tag] = []
    note: str | None = None


class Made(TypedDict):
    """A typed dictionary."""

    when: str


@dataclasses.dataclass
class Pair:
    """Two numbers."""

    left: int
    right: float


Roots = pydantic.RootModel[list[int]]

ANSWERS: list[tuple[Any, str]] = [
    (Order, '{"item": "tea", "quantity": 2}'),
    (Order, '{"item": "tea", "quantity": "2", "tags": [{"name": "ab", "kind": "b"}], "note": null}'),
    (Order, '{"item": "tea", "quantity": 0}'),
    (Order, '{"item": "tea", "quantity": 1, "tags": [{"name": "A"}]}'),
    (Order, '{"item": "tea"'),
    (Order, "I cannot say."),
    (Order, "{}"),
    (list[Order], '[{"item": "a", "quantity": 1}]'),
    (list[Order], "[1]"),
    (Pair, '{"left": 1, "right": 2}'),
    (Pair, '{"left": 1.5, "right": 2}'),
    (Made, '{"when": "now"}'),
    (Made, '{"when": 1}'),
    (Literal["yes", "no"], '"yes"'),
    (Literal["yes", "no"], '"perhaps"'),
    (int | str, '"5"'),
    (str, '"text"'),
    (Roots, "[1, 2]"),
]


def outcome(sdk: Any, sim: Simulator, tp: Any, words: str, *, way: str) -> Any:
    """Return the value that an SDK gives for an answer, or its failure."""
    sim.reset()
    sim.script({"text": words})
    client = sdk.Anthropic(api_key=sim.api_key, base_url=sim.base_url)
    messages = client.beta.messages if way == "beta" else client.messages
    try:
        if way == "stream":
            with messages.stream(**ASK, output_format=tp) as stream:
                message = stream.get_final_message()
        else:
            message = messages.parse(**ASK, output_format=tp)
    except pydantic.ValidationError as error:
        return [(each["loc"], each["type"]) for each in error.errors()]
    finally:
        client.close()
    assert message.content[0].parsed_output == message.parsed_output
    assert "parsed_output" not in message.to_dict()["content"][0]
    return message.parsed_output


@pytest.mark.parametrize(("tp", "words"), ANSWERS)
def test_an_answer_comes_to_the_same(sim: Simulator, tp: Any, words: str) -> None:
    """The same value, or the same `ValidationError` at the same places."""
    theirs = outcome(anthropic, sim, tp, words, way="")
    sent = json.loads(sim.requests[-1].body)
    ours = outcome(keybearer.compat, sim, tp, words, way="")
    assert ours == theirs
    assert type(ours) is type(theirs)
    assert bare(json.loads(sim.requests[-1].body)["output_config"]) == bare(sent["output_config"])


@pytest.mark.parametrize("way", ["beta", "stream"])
@pytest.mark.parametrize(("tp", "words"), [ANSWERS[0], ANSWERS[2]])
def test_the_other_ways_come_to_the_same(sim: Simulator, tp: Any, words: str, way: str) -> None:
    """`beta.messages.parse`, and a stream."""
    assert outcome(keybearer.compat, sim, tp, words, way=way) == outcome(anthropic, sim, tp, words, way=way)


def test_a_value_that_is_false_is_given(sim: Simulator) -> None:
    """The SDK gives None in its place."""
    assert outcome(keybearer.compat, sim, list[int], "[]", way="") == []


def test_a_message_that_calls_a_tool_first_has_no_value(sim: Simulator) -> None:
    """The SDK reads what the model says before the call as the answer, and raises."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    sim.script({"content": [{"type": "text", "text": "I will look."}, call]})
    tool = {"name": "look", "input_schema": {"type": "object"}}
    with keybearer.compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        assert client.messages.parse(**ASK, tools=[tool], output_format=Order).parsed_output is None


def test_what_gives_no_value_sends_the_type_all_the_same(sim: Simulator) -> None:
    """Counting, `create`, and a schema in the words of the earlier beta; without a type, or with a sentinel, `parse` is `create`."""
    schema: Any = {"type": "json_schema", "schema": {"type": "integer"}}
    with keybearer.compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        messages: Any = client.beta.messages
        messages.count_tokens(model=ASK["model"], messages=ASK["messages"], output_format=int)
        messages.create(**ASK, output_format=int)
        effort: Any = {"output_config": {"effort": "low"}, "model": "claude-opus-4-6"}
        messages.create(**{**ASK, **effort}, output_format=schema)
        answer = messages.parse(**ASK, output_format=keybearer.compat.omit)
    assert answer.parsed_output is None
    configs = [json.loads(each.body).get("output_config") for each in sim.requests]
    assert configs == [{"format": schema}, {"format": schema}, {"effort": "low", "format": schema}, None]


def test_without_pydantic_a_type_is_keybearers_own(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataclass needs none."""
    monkeypatch.delitem(sys.modules, "pydantic")
    sim.script({"text": '{"left": "a"}'})
    with keybearer.compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        with pytest.raises(AnswerInvalid, match="`left`: expected an integer"):
            client.messages.parse(**ASK, output_format=Pair)
    monkeypatch.undo()
    assert asked_format({"output_format": None, "model": "m"}) == {"model": "m"}


# ── schemas ──────────────────────────────────────────────────────────────────

SCHEMAS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "phone", "title": "A"},
    {"type": "string", "minLength": 2, "maxLength": 3, "pattern": "^a"},
    {"type": "integer", "minimum": 1, "maximum": 10, "description": "A number"},
    {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
    {"type": "boolean", "default": True},
    {"type": "null"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 1},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 4, "uniqueItems": True},
    {"enum": ["a", 1, None]},
    {"type": "string", "enum": ["a", "b"]},
    {"const": "a"},
    {"type": "string", "const": "a", "title": "B"},
    {"anyOf": [{"type": "integer", "minimum": 2}, {"type": "null"}], "default": None},
    {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    {"allOf": [{"$ref": "#/$defs/A"}], "$defs": {"A": {"type": "object", "properties": {}}}},
    {"$ref": "#/$defs/A", "$defs": {"A": {"type": "integer", "maximum": 3}}},
    {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"$ref": "#/$defs/A"}}, "required": ["a"],
     "$defs": {"A": {"type": "array", "items": {"type": "string"}}}},
    {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True, "minProperties": 1},
    {"type": "object", "additionalProperties": {"type": "string"}},
    {"type": "object"},
    {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string", "examples": ["c"]}}}}},
]  # fmt: skip

MODELS: list[Any] = [Order, Tag, Roots, Made, Pair, list[Order], dict[str, int], set[int], int | None, Literal[1, "a"]]


def bare(schema: Any) -> Any:
    """Return a schema without its words, and without the type beside values that are listed: both are ours to choose."""
    if isinstance(schema, list):
        return [bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    listed = "enum" in schema or "const" in schema
    return {
        key: bare(value)
        for key, value in schema.items()
        if not (key == "description" and isinstance(value, str)) and not (listed and key == "type")
    }


@pytest.mark.parametrize(
    "schema",
    [*SCHEMAS, *(pydantic.TypeAdapter(each).json_schema() for each in MODELS)],
    ids=lambda each: str(each)[:60],
)
def test_a_schema_is_transformed_as_the_sdk_does(schema: dict[str, Any]) -> None:
    """But for the words that say what was taken out; the given schema is left alone. What was taken out is said in both."""
    before = json.dumps(schema)
    ours, theirs = transform_schema(schema), anthropic.transform_schema(schema)
    assert bare(ours) == bare(theirs)
    assert json.dumps(schema) == before
    for each in ("minimum", "pattern", "maxItems", "uniqueItems"):
        if each in before:
            assert "description" in json.dumps(ours)


def test_a_model_is_taken_for_its_schema() -> None:
    """As there."""
    assert bare(transform_schema(Order)) == bare(anthropic.transform_schema(Order))


@pytest.mark.parametrize("schema", [{}, {"title": "A"}, {"type": "array", "items": {}}])
def test_a_schema_without_a_type_is_refused_by_both(schema: dict[str, Any]) -> None:
    """Each by an error of its own."""
    with pytest.raises(ValueError, match="must have a 'type'"):
        anthropic.transform_schema(schema)
    with pytest.raises(UsageError, match="name a type"):
        transform_schema(schema)


def test_a_schema_that_contains_itself_is_refused_here_alone() -> None:
    """The service refuses it, so the SDK's goes out for nothing."""
    schema: Any = {"$ref": "#/$defs/A", "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}}
    assert anthropic.transform_schema(schema)
    with pytest.raises(UsageError, match="it contains itself"):
        transform_schema(schema)
