"""`model_dump` beside pydantic's own, on the official SDK's models of the same JSON; and values inside pydantic's models."""

from __future__ import annotations

import json
from typing import Any

import anthropic.types
import pydantic
import pytest

from keybearer import Client
from keybearer.simulator import Simulator
from keybearer.types import events as ev
from keybearer.types.content import ToolUseBlock
from keybearer.types.messages import Message
from keybearer.types.record import Record
from keybearer.types.usage import Usage
from keybearer.wire.response.events import EventDecoder
from support.sse import RICH, frames

SOURCE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "text", "text": "hi", "citations": None},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"a": None, "b": [1]}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 2, "from_next_year": {"x": None}},
}
OURS = Message.of(SOURCE)
THEIRS = anthropic.types.Message.model_validate(SOURCE)


@pytest.mark.parametrize(
    "how",
    [
        {"exclude_unset": True},
        {"exclude_none": True, "exclude_unset": True},
        {"include": {"id", "usage"}, "exclude_unset": True},
        {"exclude": {"content", "usage"}, "exclude_unset": True},
        {"include": {"content": {0, 2}}, "exclude_unset": True},
        {"include": {"usage": {"input_tokens"}, "content": {"__all__": {"type"}}}, "exclude_unset": True},
        {"exclude": {"content": {"__all__": {"text", "input"}}, "usage": True}, "exclude_unset": True},
        {"exclude": {"content": {1: {"text"}}, "usage": ...}, "exclude_unset": True},
        {"mode": "json", "exclude_unset": True, "by_alias": True},
    ],
)
def test_the_arguments_mean_what_pydantic_s_mean(how: dict[str, Any]) -> None:
    """The same JSON, dumped by the official SDK's model and by ours."""
    assert OURS.model_dump(**how) == THEIRS.model_dump(**how)
    assert json.loads(OURS.model_dump_json(**how)) == OURS.model_dump(**how)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"mode": "json", "use_api_names": True, "warnings": False},
        {"exclude_none": True},
        {"mode": "python", "exclude_none": True, "exclude_unset": True, "exclude_defaults": False},
    ],
)
def test_the_arguments_of_to_dict_and_to_json_are_the_official_sdk_s(how: dict[str, Any]) -> None:
    """The same arguments give the same fields, from a message, a block and its usage; an unknown argument is refused."""
    pairs: list[tuple[Any, Any]] = [(OURS, THEIRS), (OURS.usage, THEIRS.usage)]
    pairs += zip(OURS.content, THEIRS.content, strict=True)
    for ours, theirs in pairs:
        assert ours.to_dict(**how) == theirs.to_dict(**how)
        text = {name: value for name, value in how.items() if name != "mode"}
        assert json.loads(ours.to_json(indent=2, **text)) == json.loads(theirs.to_json(indent=2, **text))
    with pytest.raises(TypeError, match="exclude_all"):
        OURS.to_json(exclude_all=True)


def test_to_dict_can_add_what_did_not_come() -> None:
    """And leave out again what is at its default."""
    assert OURS.to_dict(exclude_unset=False) == OURS.model_dump()
    assert "type" not in OURS.to_dict(exclude_defaults=True)
    assert Record.of({"a": None, "b": {"c": None}}).to_dict(exclude_none=True) == {"b": {}}


def test_what_did_not_come_is_there_unless_it_is_excluded() -> None:
    """A field of the class that the service left out has its default; an unknown field is there in both."""
    dumped = OURS.model_dump()
    assert dumped["container"] is None
    assert dumped["usage"]["from_next_year"] == {"x": None}
    assert "container" not in OURS.model_dump(exclude_none=True)
    assert "container" not in OURS.model_dump(exclude_defaults=True)
    assert OURS.to_dict() == SOURCE


def test_text_can_be_indented() -> None:
    """As pydantic writes it; and `to_json` as before is one line."""
    assert OURS.to_json(indent=2) == json.dumps(SOURCE, indent=2)
    assert json.loads(OURS.to_json()) == SOURCE
    assert "\n" not in OURS.model_dump_json()


def test_every_event_has_it() -> None:
    """Each event of a stream, with its type."""
    events = [*EventDecoder().feed(frames(*RICH))]
    assert [event.model_dump()["type"] for event in events] == [each["type"] for each in RICH]
    assert [json.loads(event.model_dump_json(exclude_none=True)) for event in events] == [
        event.model_dump(exclude_none=True) for event in events
    ]
    event = ev.RawMessageStopEvent()
    assert event.model_dump() == {"type": "message_stop"}


class Turn(pydantic.BaseModel):
    """An application's own model."""

    number: int
    answer: Message


def test_a_value_is_a_field_of_a_pydantic_model() -> None:
    """It is kept as it is, read from what was stored, and written as it came; what is none is refused."""
    turn = Turn(number=1, answer=OURS)
    assert turn.answer is OURS
    assert turn.model_dump()["answer"] == SOURCE
    again = Turn.model_validate_json(turn.model_dump_json())
    assert again.answer == OURS
    with pytest.raises(pydantic.ValidationError, match="takes a Message"):
        Turn.model_validate({"number": 1, "answer": 5})


def test_the_older_names_of_pydantic_s_methods_are_found() -> None:
    """Where no field of the object has the name; `model_fields_set` names what came."""
    source = {"id": "m", "type": "message", "role": "assistant", "content": [], "json": "a field"}
    ours: Any = Message.of(source)
    assert ours.dict(exclude_unset=True)["id"] == ours.copy(update={"id": "m"}).id == "m"
    assert ours.json == "a field"
    del source["json"]
    assert '"id":"m"' in ours.of(source).json()
    assert ours.model_fields_set == {"id", "type", "role", "content"}
    assert Usage(input_tokens=1, output_tokens=2).model_fields_set == {"input_tokens", "output_tokens"}


def test_a_dump_of_a_call_can_be_sent_back(sim: Simulator) -> None:
    """It has none of keybearer's own fields, which the service would refuse; a call that was cut has its marks."""
    tool = {"name": "save", "input_schema": {"type": "object", "properties": {"name": {"type": "string"}}}}
    turns: list[Any] = [{"role": "user", "content": 'Use the save tool with the name "Ada".'}]
    with Client(api_key=sim.api_key, base_url=sim.base_url, model="claude-haiku-4-5", max_retries=0) as client:
        answer = client.messages.create(max_tokens=200, tools=[tool], messages=turns)
        (call,) = answer.tool_calls
        turns.append({"role": "assistant", "content": [block.model_dump() for block in answer.content]})
        turns.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "saved"}]})
        assert client.messages.create(max_tokens=200, tools=[tool], messages=turns).stop_reason == "end_turn"
    cut = ToolUseBlock(id="t", name="save", input={}, incomplete=True, partial_json="{")
    assert {"incomplete": True, "partial_json": "{"}.items() <= cut.model_dump().items()
