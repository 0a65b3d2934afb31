"""Values that can be changed, as the official SDK's models: what is done to both comes to the same."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import anthropic.types
import pytest

from keybearer.compat import types as compat_types
from keybearer.types.changeable import make_changeable
from keybearer.types.content import TextBlock
from keybearer.types.messages import Message
from keybearer.types.record import Record

types: Any = compat_types

SOURCE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [
        {"type": "text", "text": " hi ", "citations": None},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"a": None, "b": [1]}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 2},
}


def _text(message: Any, _: Any) -> None:
    message.content[0].text = message.content[0].text.strip()


def _input(message: Any, _: Any) -> None:
    message.content[1].input = {"a": 1}
    message.content[1].input["c"] = [2]


def _filtered(message: Any, _: Any) -> None:
    message.content = [block for block in message.content if block.type == "tool_use"]
    message.content[0].name = "seen"


def _made(message: Any, sdk: Any) -> None:
    block = sdk.TextBlock(type="text", text="later")
    message.content = [*message.content, block]
    block.text = "changed later"


def _usage(message: Any, _: Any) -> None:
    message.usage.output_tokens += 5
    message.stop_reason = None


def _unknown(message: Any, _: Any) -> None:
    message.note = {"mine": 1}


def _appended(message: Any, sdk: Any) -> None:
    message.content.insert(0, sdk.TextBlock(type="text", text="first"))
    message.content.pop()
    message.content[0].text = "before"


def _private(message: Any, _: Any) -> None:
    message._seen = True
    assert message._seen


@pytest.mark.parametrize("change", [_text, _input, _filtered, _made, _usage, _unknown, _appended, _private])
def test_a_change_shows_wherever_the_sdks_does(change: Callable[[Any, Any], None]) -> None:
    """In the value, in what holds it, in what is dumped, sent, copied and pickled of both."""
    ours, theirs = Message.of(copy.deepcopy(SOURCE)), anthropic.types.Message.model_validate(SOURCE)
    change(ours, types)
    change(theirs, anthropic.types)
    shown = theirs.model_dump(exclude_unset=True)
    assert ours.model_dump(exclude_unset=True, exclude_none=True) == theirs.model_dump(
        exclude_unset=True, exclude_none=True
    )
    for each in (ours, copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):  # noqa: S301 - our own bytes
        sent = each.to_dict()
        assert [block.get("input", block.get("text")) for block in sent["content"]] == [
            block.get("input", block.get("text")) for block in shown["content"]
        ]
        assert (sent["stop_reason"], sent["usage"], sent.get("note")) == (
            shown["stop_reason"], shown["usage"], shown.get("note"),
        )  # fmt: skip


def test_a_value_is_made_of_what_came() -> None:
    """Plain JSON becomes values, unknown fields stay, and a tag that the class has may be given."""
    message = Message(**SOURCE, born_tomorrow=1)  # type: ignore[call-arg] # what pydantic takes
    assert message == Message.of({**SOURCE, "born_tomorrow": 1})
    assert isinstance(message.content[1], types.ToolUseBlock)
    delta: Any = types.RawContentBlockDeltaEvent
    event = delta(type="content_block_delta", index=0, delta=types.TextDelta(type="text_delta", text="x"))
    assert event.to_dict() == {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}}
    assert types.RawContentBlockStopEvent(type="content_block_stop", index=1).to_dict()["index"] == 1
    ended = types.MessageStopEvent(type="message_stop", message=message)
    assert ended.message is message
    with pytest.raises(TypeError):
        delta(type="text_delta", index=0, delta=None)


def test_a_value_is_its_fields_by_name() -> None:
    """`dict(value)` is what pydantic's is; a record keeps the iteration of a mapping."""
    usage: Any = types.Usage(input_tokens=1, output_tokens=2)
    assert dict(usage)["input_tokens"] == 1
    block: Any = TextBlock(text="x")
    assert dict(block) == vars(block) == {"text": "x", "citations": None, "type": "text"}
    assert list(Record.of({"id": "a"})) == ["id"]


def test_a_records_field_is_set_and_what_is_made_of_fields_is_not() -> None:
    """The field is read as it was set; a property is refused with its name."""
    record: Any = Record.of({"id": "a", "agent": {"id": "b"}})
    assert record.agent.id == "b"
    record.agent = {"id": "c"}
    assert (record.agent.id, record.to_dict()["agent"]) == ("c", {"id": "c"})
    with pytest.raises(AttributeError, match="'text' of a Message is made of its fields"):
        Message.of(SOURCE).text = "x"  # type: ignore[misc] # that is the point


def test_a_class_of_the_programs_own_is_changeable_too() -> None:
    """Its fields are set, and it is an instance of the class that it is made of."""

    class Scored(TextBlock):  # type: ignore[misc] # for type checkers it is frozen
        score: float = 0.5

    block: Any = Scored(text="x")
    block.score = 1.0
    assert (block.score, block.text, isinstance(block, TextBlock)) == (1.0, "x", True)
    make_changeable()  # a second time does nothing
    assert TextBlock(text="x") == TextBlock(text="x")


def test_keybearers_own_values_are_frozen_until_then() -> None:
    """Without `keybearer.compat` an attribute is not set."""
    code = (
        "from keybearer.types.content import TextBlock\n"
        "block = TextBlock(text='x')\n"
        "try:\n    block.text = 'y'\nexcept AttributeError: print('frozen')\n"
        "import keybearer.compat\nblock.text = 'y'\nprint(block.text)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)  # noqa: S603 - our own interpreter
    assert run.stdout.split() == ["frozen", "y"]
