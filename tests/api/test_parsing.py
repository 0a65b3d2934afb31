"""`messages.parse` of both clients against the simulator: values, asking again, what is refused before sending."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from keybearer import AsyncClient, Client, Conversation
from keybearer.errors import AnswerInvalid, LintError, UsageError
from keybearer.simulator import Simulator
from keybearer.types.parsed import ParsedMessage

ASK: Any = {"model": "claude-haiku-4-5", "max_tokens": 300, "messages": [{"role": "user", "content": "Paris"}]}

Parse = Callable[..., ParsedMessage[Any]]


@dataclasses.dataclass
class City:
    """A city."""

    name: str
    inhabitants: int


def parse(sim: Simulator, **params: Any) -> ParsedMessage[Any]:
    """Ask with the client that blocks."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        answer: ParsedMessage[Any] = client.messages.parse(**{**ASK, **params})
        return answer


def parse_async(sim: Simulator, **params: Any) -> ParsedMessage[Any]:
    """Ask with the client that is awaited."""

    async def main() -> ParsedMessage[Any]:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            answer: ParsedMessage[Any] = await client.messages.parse(**{**ASK, **params})
            return answer

    return asyncio.run(main())


@pytest.mark.parametrize("ask", [parse, parse_async])
@pytest.mark.parametrize("via", ["format", "tool"])
def test_an_answer_has_its_value(sim: Simulator, ask: Parse, via: str) -> None:
    """In both ways of asking; the simulator's engine answers by the schema."""
    answer = ask(sim, output_format=City, via=via)
    assert answer.parsed_output == City("Paris", 1)
    assert answer.request_id


@pytest.mark.parametrize("ask", [parse, parse_async])
def test_an_answer_that_does_not_fit_is_asked_for_again(sim: Simulator, ask: Parse) -> None:
    """Once, with what is wrong; the usage of both adds up."""
    sim.script({"text": '{"name": "Paris"}', "usage": {"input_tokens": 10, "output_tokens": 4}})
    sim.script({"text": '{"name": "Paris", "inhabitants": 3}', "usage": {"input_tokens": 30, "output_tokens": 6}})
    answer = ask(sim, output_format=City, reask=1)
    assert answer.parsed_output == City("Paris", 3)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (40, 10)
    assert json.loads(sim.requests[-1].body)["messages"][1:] == [
        {"role": "assistant", "content": [{"type": "text", "text": '{"name": "Paris"}'}]},
        {
            "role": "user",
            "content": "This does not fit what was asked for:\n- `inhabitants`: it is required\n"
            "Answer again: whole, with these corrected.",
        },
    ]


def test_a_tool_that_was_called_wrongly_is_answered(sim: Simulator) -> None:
    """With a result that is an error, as the service asks for; a conversation stays as it was."""
    sim.script({"tool_use": {"name": "answer", "input": {"name": "Paris"}}})
    turns = Conversation().user("Paris")
    assert parse(sim, output_format=City, via="tool", reask=1, messages=turns).parsed_output == City("Paris", 1)
    result = json.loads(sim.requests[-1].body)["messages"][2]["content"][0]
    assert (result["type"], result["is_error"]) == ("tool_result", True)
    assert len(turns) == 1


def test_asking_again_has_an_end(sim: Simulator) -> None:
    """The error has the last answer, and the tokens of all."""
    for words in ("{}", "[]"):
        sim.script({"text": words, "usage": {"input_tokens": 10, "output_tokens": 1}})
    with pytest.raises(AnswerInvalid) as caught:
        parse(sim, output_format=City, reask=1)
    assert caught.value.text == "[]"
    assert caught.value.answer is not None
    assert caught.value.answer.usage.input_tokens == 20
    assert len(sim.requests) == 2


def test_what_cannot_work_is_refused_before_anything_is_sent(sim: Simulator) -> None:
    """A model without structured outputs, a type without a schema, a number that is none."""
    with pytest.raises(LintError, match=r"output_config.format: claude-3-5-sonnet-20241022 has no structured outputs"):
        parse(sim, output_format=City, model="claude-3-5-sonnet-20241022")
    with pytest.raises(LintError, match=r"tool_choice: claude-opus-5-5 takes none that forces a tool"):
        parse(sim, output_format=City, via="tool", model="claude-opus-5-5")
    with pytest.raises(UsageError, match="cannot be a tool's input or an answer"):
        parse(sim, output_format=complex)
    with pytest.raises(UsageError, match="`reask` is True"):
        parse(sim, output_format=City, reask=True)
    assert not sim.requests
