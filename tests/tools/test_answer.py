"""A run that ends with a value of a type."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from keybearer import AnswerCut, AnswerFormat, AnswerInvalid, AnswerRefused, Message, ParsedRunResult, UsageError, tool
from keybearer.tools.state import RunState
from support.tool_runs import DRIVER, Script, answer, call, made, run


class City(Struct):
    """A city."""

    name: str
    inhabitants: int


PARIS = '{"name": "Paris", "inhabitants": 2}'
PARTIAL = '{"name": "Paris", "inhab'


@tool
def look(city: str) -> str:
    """Look a city up."""
    return f"{city}: two"


def test_the_answer_is_asked_for_each_time_and_read_at_the_end() -> None:
    """Each request has the format; the value is of the last reply, and the history goes on as any."""
    result, asked = run([answer("I look.", call("look", city="Paris")), answer(PARIS)], [look], output_format=City)
    assert isinstance(result, ParsedRunResult)
    assert result.parsed_output == City("Paris", 2)
    assert result.message is not None
    assert result.message.content[0].parsed_output == City("Paris", 2)  # type: ignore[union-attr] # it is a text
    assert [params["output_config"]["format"]["type"] for params in asked] == ["json_schema"] * 2
    assert result.messages[-1] == {"role": "assistant", "content": [{"type": "text", "text": PARIS}]}


def test_an_answer_that_does_not_fit_is_asked_for_again_with_what_is_wrong() -> None:
    """The model reads the place and the reason; both answers stay in the history and in the usage."""
    result, asked = run([answer('{"name": 1}'), answer(PARIS)], output_format=City, reask=1)
    assert isinstance(result, ParsedRunResult)
    assert result.parsed_output == City("Paris", 2)
    words = asked[1]["messages"][-1]["content"][0]["text"]
    assert "name" in words
    assert "inhabitants" in words
    assert result.usage.requests == 2


@pytest.mark.parametrize(
    ("last", "error", "ended"),
    [
        (answer('{"name": 1}'), AnswerInvalid, "end_turn"),
        (answer(PARTIAL, stop="max_tokens"), AnswerCut, "max_tokens"),
        (answer("No.", stop="refusal"), AnswerRefused, "refusal"),
    ],
)
def test_an_answer_that_is_none_is_an_error_with_the_run(last: Message, error: Any, ended: str) -> None:
    """The error has what the model wrote, and the whole run to go on with."""
    with pytest.raises(error) as caught:
        run([answer(call("look", city="Paris")), last], [look], output_format=City)
    assert caught.value.text == last.text
    assert (caught.value.run.ended, len(caught.value.run.steps)) == (ended, 2)
    assert caught.value.run.parsed_output is None


def test_a_run_that_ended_before_its_answer_has_none() -> None:
    """At a limit there is no value, and no error; a run that goes on gives it."""
    script = Script([answer(call("look", city="Paris"))])
    result = DRIVER.run(made(script, [look], output_format=City, max_turns=1).to_end())
    assert isinstance(result, ParsedRunResult)
    assert (result.ended, result.parsed_output) == ("max_turns", None)
    more = made(Script([answer(PARIS)]), [look], state=RunState.load(result.dump()), output_format=City)
    assert DRIVER.run(more.to_end()).parsed_output == City("Paris", 2)  # type: ignore[attr-defined] # it was asked for


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"output_format": AnswerFormat(City, via="tool")}, "takes no `via='tool'`"),
        ({"output_format": City, "reask": -1}, "`reask` is -1"),
        ({"output_format": City, "output_config": {"format": {"type": "json_schema"}}}, "Both `output_format` and"),
        ({"output_format": {"type": "object"}}, "takes a type, not a schema"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_sent(how: dict[str, Any], words: str) -> None:
    """A mistake of the caller's costs no request."""
    with pytest.raises(UsageError, match=words):
        made(Script([]), **how)
