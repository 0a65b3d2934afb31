"""The type of an answer: how it is asked for, and how each message is read."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, TypedDict

import msgspec
import pydantic
import pytest

from keybearer.api.answer_format import AnswerFormat, format_of
from keybearer.conversation.conversation import Conversation
from keybearer.errors import AnswerCut, AnswerError, AnswerInvalid, AnswerRefused, UsageError
from keybearer.schema.node import Mistake
from keybearer.types.messages import Message


class City(msgspec.Struct):
    """A city."""

    name: Annotated[str, msgspec.Meta(min_length=2)]
    inhabitants: int = 0


@dataclasses.dataclass
class Pair:
    """Two numbers."""

    left: int
    right: int


class Options(TypedDict, total=False):
    """What may be said."""

    unit: Literal["celsius", "fahrenheit"]


class Order(pydantic.BaseModel):
    """An order."""

    item: str
    quantity: int = pydantic.Field(ge=1)


@pydantic.dataclasses.dataclass
class Checked:
    """A dataclass of pydantic's."""

    price: Annotated[float, pydantic.Field(gt=0)]


def message(*content: dict[str, Any], stop: str = "end_turn", **more: Any) -> Message:
    """Return an answer of the model."""
    return Message.from_dict({"id": "msg_1", "content": list(content), "stop_reason": stop, **more})


def text(words: str) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": words}


@pytest.mark.parametrize(
    ("tp", "words", "value"),
    [
        (City, '{"name": "Paris", "inhabitants": 2}', City("Paris", 2)),
        (City, '{"name": "Paris"}', City("Paris")),
        (Pair, '{"left": 1, "right": 2}', Pair(1, 2)),
        (Options, '{"unit": "celsius"}', {"unit": "celsius"}),
        (Order, '{"item": "tea", "quantity": 2}', Order(item="tea", quantity=2)),
        (Checked, '{"price": 5.5}', Checked(price=5.5)),
        (pydantic.TypeAdapter(list[Order]), '[{"item": "a", "quantity": 1}]', [Order(item="a", quantity=1)]),
        (Annotated[str, pydantic.AfterValidator(str.upper)], '"a"', "A"),
        (list[City], '[{"name": "Rome"}]', [City("Rome")]),
        (list[Order], '[{"item": "a", "quantity": 1}]', [Order(item="a", quantity=1)]),
        (Literal["yes", "no"], '"no"', "no"),
        (City | Pair, '{"left": 1, "right": 2}', Pair(1, 2)),
        (int | None, "null", None),
        (bool, "false", False),
    ],
)
def test_an_answer_becomes_a_value(tp: Any, words: str, value: Any) -> None:
    """Of each kind of type, also one that is false; the block that it stands in has it too."""
    asked: AnswerFormat[Any] = AnswerFormat(tp)
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    read = asked.read(message(thought, text(words)))
    assert read.parsed_output == value
    assert type(read.parsed_output) is type(value)
    assert [getattr(block, "parsed_output", "none") for block in read.content] == ["none", value]


@pytest.mark.parametrize(
    ("tp", "words", "problems"),
    [
        (City, '{"name": "P"}', [Mistake("name", 'expected at least 2 characters, not "P"')]),
        (list[Pair], '[{"left": 1, "right": "2"}]', [Mistake("[0].right", 'expected an integer, not "2"')]),
        (
            Order,
            '{"item": "a", "quantity": 0}',
            [Mistake("quantity", "input should be greater than or equal to 1, not 0")],
        ),
        (Checked, '{"price": 0}', [Mistake("price", "input should be greater than 0, not 0")]),
        (Options, '{"unit": "kelvin"}', [Mistake("unit", 'expected one of "celsius", "fahrenheit", not "kelvin"')]),
        (City, "  ", [Mistake("", "it is empty")]),
    ],
)
def test_an_answer_that_does_not_fit_says_what_is_wrong_where(tp: Any, words: str, problems: list[Mistake]) -> None:
    """What the schema could not say to the service is checked too; the text and the answer are kept."""
    came = message(text(words))
    with pytest.raises(AnswerInvalid) as caught:
        AnswerFormat(tp).read(came)
    assert list(caught.value.problems) == problems
    assert (caught.value.text, caught.value.answer, caught.value.path) == (words, came, problems[0].path)


def test_the_words_of_an_error_name_the_type_the_place_and_the_number_of_mistakes() -> None:
    """The first mistake in full."""
    with pytest.raises(AnswerInvalid) as caught:
        AnswerFormat(Pair).read(message(text('{"left": "a", "right": "b"}')))
    assert str(caught.value) == (
        'The answer is no Pair: `left`: expected an integer, not "a" (and 1 more: see error.problems). '
        "error.text is what the model wrote; reask=1 asks again, with what is wrong."
    )


@pytest.mark.parametrize(
    ("stop", "error", "words"),
    [
        ("refusal", AnswerRefused, "The model refused to answer (cyber)."),
        ("max_tokens", AnswerCut, "The answer was cut at max_tokens, before its City was whole."),
        (
            "model_context_window_exceeded",
            AnswerCut,
            "The answer was cut at the end of the context window, before its City was whole.",
        ),
        ("end_turn", AnswerInvalid, "The answer is no City: it is no JSON"),
    ],
)
@pytest.mark.parametrize("via", ["format", "tool"])
def test_a_refusal_a_cut_and_a_misfit_are_distinct(stop: str, error: type, words: str, via: Any) -> None:
    """By class and by words, whichever way the value was asked for."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "answer", "input": {"name": 1}}
    came = message(text('{"name": "Par') if via == "format" else call, stop=stop, stop_details={"category": "cyber"})
    with pytest.raises(AnswerError) as caught:
        AnswerFormat(City, via=via).read(came)
    assert type(caught.value) is error
    if via == "format" or error is not AnswerInvalid:
        assert caught.value.message.startswith(words)
    assert isinstance(caught.value, error)


def test_a_cut_answer_that_is_whole_all_the_same_is_a_value() -> None:
    """The last token may have been the last brace."""
    assert AnswerFormat(Pair).read(message(text('{"left":1,"right":2}'), stop="max_tokens")).parsed_output == Pair(1, 2)


@pytest.mark.parametrize("stop", ["tool_use", "pause_turn"])
def test_a_message_that_is_no_answer_yet_has_no_value(stop: str) -> None:
    """It calls a tool of the caller's, or goes on in another turn."""
    came = message(text("I will look."), {"type": "tool_use", "id": "t", "name": "look", "input": {}}, stop=stop)
    assert AnswerFormat(City).read(came).parsed_output is None


def test_the_text_after_the_last_tool_is_the_answer() -> None:
    """What the model says before a search is no part of it."""
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    came = message(text("I will search."), search, text('{"left":1,'), text('"right":2}'))
    assert AnswerFormat(Pair).read(came).parsed_output == Pair(1, 2)


def test_a_value_is_no_part_of_what_is_compared_or_sent() -> None:
    """The message goes back into a conversation as it came."""
    came = message(text('{"left":1,"right":2}'))
    read: Any = AnswerFormat(Pair).read(came)
    assert read.to_param() == came.to_param()
    assert read.to_dict() == came.to_dict()
    assert read == AnswerFormat(Options | Pair).read(came)


def test_the_service_is_asked_for_the_schema_beside_what_the_caller_asks() -> None:
    """The effort stays, also one that a conversation brings; a limit that the service does not know is in the words."""
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "At least 2 characters"},
            "inhabitants": {"type": "integer", "description": "0 if left out"},
        },
        "required": ["name"],
        "additionalProperties": False,
        "description": "A city.",
    }
    wanted = {"effort": "low", "format": {"type": "json_schema", "schema": schema}}
    assert AnswerFormat(City).asked({"model": "m", "output_config": {"effort": "low"}}) == {
        "model": "m",
        "output_config": wanted,
    }
    turns = Conversation(output_config={"effort": "low"}).user("Hi")
    assert AnswerFormat(City).asked({"messages": turns}) == {"messages": turns, "output_config": wanted}


def test_a_tool_is_forced_where_that_is_asked_for() -> None:
    """A value that is no object stands under a key; definitions stay at the root; schemas need not be compiled."""
    asked = AnswerFormat(dict[str, int], via="tool").asked({"tools": [{"name": "other"}]})
    inner = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert asked["tools"] == [
        {"name": "other"},
        {"name": "answer", "description": "Give your answer.", "input_schema": inner},
    ]
    assert asked["tool_choice"] == {"type": "tool", "name": "answer", "disable_parallel_tool_use": True}
    schema = AnswerFormat(list[tuple[Pair, Pair]], via="tool").asked({})["tools"][0]["input_schema"]
    assert (schema["required"], list(schema["properties"]), list(schema["$defs"])) == (["value"], ["value"], ["Pair"])
    call = {"type": "tool_use", "id": "t", "name": "answer", "input": {"value": [[{"left": 1, "right": 2}] * 2]}}
    read: Any = AnswerFormat(list[tuple[Pair, Pair]], via="tool").read(message(call, stop="tool_use"))
    assert read.parsed_output == [(Pair(1, 2), Pair(1, 2))]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (text("No."), "the tool `answer` was not called"),
        ({"type": "tool_use", "id": "t", "name": "answer", "input": {}}, "`value`: it is required"),
    ],
)
def test_a_tool_that_was_not_called_gives_no_value(content: dict[str, Any], what: str) -> None:
    """Nor one that was called without the value."""
    with pytest.raises(AnswerInvalid, match=what):
        AnswerFormat(list[int], via="tool").read(message(content))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: AnswerFormat({"type": "object"}), "takes a type, not a schema"),
        (lambda: AnswerFormat(dict[str, int]), "its keys are not known beforehand"),
        (lambda: AnswerFormat(complex), "complex cannot be a tool's input or an answer"),
        (lambda: AnswerFormat(int, via="form"), "`via` is 'form'"),  # type: ignore[arg-type] # what is wrong
        (lambda: AnswerFormat(int).asked({"output_config": {"format": {}}}), "Both `output_format`"),
        (lambda: AnswerFormat(int, via="tool").asked({"tool_choice": {"type": "any"}}), "takes no `tool_choice`"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_anything_is_sent(ask: Any, words: str) -> None:
    """In words."""
    with pytest.raises(UsageError, match=words):
        ask()


def test_a_format_is_made_once() -> None:
    """Also where a type cannot be looked up; a format that is given is taken."""
    made = format_of(City)
    assert format_of(City) is made
    assert format_of(made) is made
    assert format_of(Annotated[int, msgspec.Meta(extra={})]).name
