"""What programs call of pydantic's models on values."""

from __future__ import annotations

from typing import Any

import anthropic.types
import jsonschema
import pydantic
import pytest

from keybearer.types.batches import MessageBatch
from keybearer.types.content import ContentBlock, TextBlock, ToolUseBlock
from keybearer.types.http import Headers
from keybearer.types.like_pydantic import state_of
from keybearer.types.messages import Message
from keybearer.types.usage import Usage

SOURCE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "hi"}, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 2},
    "born_tomorrow": [1],
}


def test_its_dict_is_its_fields_and_shows_nothing_private() -> None:
    """`vars(message)`: values stay values, unknown fields stand beside the known ones, headers do not."""
    message = Message.of(SOURCE).with_headers(Headers([("request-id", "req_1")]))
    assert {name: vars(message)[name] for name in SOURCE if name not in {"content", "usage"}} == {
        name: value for name, value in SOURCE.items() if name not in {"content", "usage"}
    }
    assert vars(message)["usage"] is message.usage
    assert not [name for name in vars(message) if name.startswith("_")]
    assert set(state_of(message)) == {"_source", "_headers"}
    assert (message.model_extra, TextBlock(text="x").model_extra) == ({"born_tomorrow": [1]}, {})


@pytest.mark.parametrize("name", ["Message", "TextBlock", "ToolUseBlock", "Usage"])
def test_its_fields_are_those_of_the_sdks_class(name: str) -> None:
    """By name, of the class and of a value; a `type` that has one value is a field where the SDK's class has it."""
    from keybearer.compat import types

    ours: Any = getattr(types, name)
    theirs = getattr(anthropic.types, name).model_fields
    assert theirs.keys() <= ours.model_fields.keys() | {"caller", "toolset_name", "output_tokens_details"}
    assert ours.model_fields["type" if name != "Usage" else "input_tokens"].is_required() is False


def test_a_value_of_another_type_is_not_taken() -> None:
    """So that pydantic finds the class in a union; a class for several types takes those."""
    blocks = pydantic.TypeAdapter(list[ContentBlock]).validate_python(
        [
            {"type": "tool_use", "id": "t", "name": "f", "input": {}},
            {"type": "web_fetch_tool_result", "tool_use_id": "t", "content": {}},
            {"type": "born_tomorrow"},
            {"text": "untold"},
        ]
    )
    assert [type(block).__name__ for block in blocks] == [
        "ToolUseBlock", "ServerToolResultBlock", "UnknownBlock", "TextBlock",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="its type is 'tool_use', and that of a TextBlock is text"):
        TextBlock.model_validate({"type": "tool_use"})


def test_its_schema_takes_the_values_and_stands_in_a_models_own() -> None:
    """The JSON Schema of a class validates its JSON; pydantic puts it into the schema of a model with such a field."""
    for value in (Message.of(SOURCE), Usage(input_tokens=1), ToolUseBlock(id="t", name="f", input={})):
        jsonschema.validate(value.to_dict(), type(value).model_json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"input_tokens": "many"}, Usage.model_json_schema())
    assert MessageBatch.model_json_schema()["properties"]["created_at"]["format"] == "date-time"

    class Turn(pydantic.BaseModel):
        message: Message
        batch: MessageBatch | None = None

    shown = Turn.model_json_schema()
    assert shown["properties"]["message"]["properties"]["id"] == {"type": "string"}
    assert Turn.model_validate({"message": SOURCE}).model_dump(mode="json")["message"] == SOURCE
