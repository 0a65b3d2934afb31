"""Context editing: what is cleared, what is counted, what the engine sees and what the reply reports."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.service.context import seen_context
from keybearer.simulator.service.context_edits import PLACEHOLDER
from keybearer.simulator.service.signing import sign

TAG = "context-management-2025-06-27"
LONG = "snow " * 200
TOOL: dict[str, Any] = {"name": "look", "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}}}


def conversation(calls: int) -> list[Any]:
    """Make a conversation of one question, with a call of `look` and a long result for each step."""
    messages: list[Any] = [{"role": "user", "content": "Hello"}]
    for number in range(calls):
        use = {"type": "tool_use", "id": f"toolu_{number}", "name": "look", "input": {"at": LONG}}
        result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": f"{number} {LONG}"}
        messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    return messages


def edit(**more: Any) -> dict[str, Any]:
    """Make an edit that clears all but the last call from two calls on."""
    trigger, keep = {"type": "tool_uses", "value": 1}, {"type": "tool_uses", "value": 1}
    return {"type": "clear_tool_uses_20250919", "trigger": trigger, "keep": keep, **more}


def ask(sdk: anthropic.Anthropic, *edits: dict[str, Any], **more: Any) -> Any:
    """Send the conversation with edits."""
    fields: dict[str, Any] = {
        "model": "claude-haiku-4-5", "max_tokens": 3000, "tools": [TOOL], "messages": conversation(3),
        "betas": [TAG], "context_management": {"edits": list(edits)}, **more,
    }  # fmt: skip
    return sdk.beta.messages.create(**fields)


def seen(*edits: dict[str, Any], calls: int = 3) -> tuple[list[Any], list[Any]]:
    """Return the messages that the model sees, and the applied edits."""
    found = seen_context({"messages": conversation(calls), "context_management": {"edits": list(edits)}})
    return found.body["messages"], found.applied


def test_old_results_are_cleared_and_reported(sdk: anthropic.Anthropic) -> None:
    """The input is smaller by what the reply says was cleared, and count_tokens gives both counts."""
    plain, cleared = ask(sdk), ask(sdk, edit())
    assert plain.context_management.applied_edits == []
    (applied,) = cleared.context_management.applied_edits
    assert (applied.type, applied.cleared_tool_uses) == ("clear_tool_uses_20250919", 2)
    assert applied.cleared_input_tokens == plain.usage.input_tokens - cleared.usage.input_tokens > 400
    count: Any = sdk.beta.messages.count_tokens
    counted = count(
        model="claude-haiku-4-5", tools=[TOOL], messages=conversation(3), betas=[TAG],
        context_management={"edits": [edit()]},
    )  # fmt: skip
    assert counted.input_tokens == cleared.usage.input_tokens
    assert counted.context_management.original_input_tokens == plain.usage.input_tokens


def test_a_stream_reports_it_at_its_end(sdk: anthropic.Anthropic) -> None:
    """`message_delta` has the applied edits, and `message_start` does not."""
    events = list(ask(sdk, edit(), stream=True))
    assert events[0].message.context_management is None
    (applied,) = next(event for event in events if event.type == "message_delta").context_management.applied_edits
    assert applied.cleared_tool_uses == 2


def test_the_engine_does_not_see_what_was_cleared(sdk: anthropic.Anthropic) -> None:
    """The answer is built on the last result, which is kept."""
    assert "2 snow" in ask(sdk, edit()).content[0].text


@pytest.mark.parametrize(
    ("change", "cleared"),
    [
        ({}, [True, True, False]),
        ({"keep": {"type": "tool_uses", "value": 0}}, [True, True, True]),
        ({"keep": {"type": "tool_uses", "value": 9}}, [False, False, False]),
        ({"exclude_tools": ["look"]}, [False, False, False]),
        ({"trigger": {"type": "tool_uses", "value": 3}}, [False, False, False]),
        ({"trigger": {"type": "input_tokens", "value": 500}}, [True, True, False]),
        ({"trigger": {"type": "input_tokens", "value": 50_000}}, [False, False, False]),
        ({"clear_at_least": {"type": "input_tokens", "value": 400}}, [True, True, False]),
        ({"clear_at_least": {"type": "input_tokens", "value": 5_000}}, [False, False, False]),
    ],
)
def test_which_results_are_cleared(change: dict[str, Any], cleared: list[bool]) -> None:
    """By trigger, what is kept, what is excluded and the least that is worth it."""
    messages, applied = seen(edit(**change))
    results = [message["content"][0]["content"] for message in messages[2::2]]
    assert [content == PLACEHOLDER for content in results] == cleared
    assert [entry["cleared_tool_uses"] for entry in applied] == ([sum(cleared)] if any(cleared) else [])


@pytest.mark.parametrize(
    ("inputs", "emptied"), [(None, False), (False, False), (True, True), (["look"], True), (["other"], False)]
)
def test_inputs_are_cleared_on_request(inputs: Any, emptied: bool) -> None:
    """The inputs of cleared calls stay, unless all or this tool's are to be cleared."""
    messages, _ = seen(edit(clear_tool_inputs=inputs))
    assert [message["content"][0]["input"] == {} for message in messages[1::2]] == [emptied, emptied, False]


def test_by_default_three_calls_are_kept_from_a_hundred_thousand_tokens_on() -> None:
    """An edit with a type alone has the documented defaults."""
    plain = {"type": "clear_tool_uses_20250919"}
    assert seen(plain, calls=5)[1] == []
    long = conversation(5)
    long[0] = {"role": "user", "content": "x" * 400_000}
    found = seen_context({"messages": long, "context_management": {"edits": [plain]}})
    assert found.applied[0]["cleared_tool_uses"] == 2


def thoughts(turns: int) -> list[Any]:
    """Make a conversation in which the assistant thinks before each answer."""
    messages: list[Any] = []
    for number in range(turns):
        thought = {"type": "thinking", "thinking": f"{number} {LONG}", "signature": sign(f"{number} {LONG}")}
        answer = [thought, {"type": "text", "text": "Hello"}]
        messages += [{"role": "user", "content": f"Hello {number}"}, {"role": "assistant", "content": answer}]
    return [*messages, {"role": "user", "content": "Bye"}]


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (None, 1), ({"type": "thinking_turns", "value": 2}, 2), ({"type": "thinking_turns", "value": 9}, 3),
        ("all", 3), ({"type": "all"}, 3),
    ],
)  # fmt: skip
def test_old_thinking_is_cleared(keep: Any, left: int) -> None:
    """All but the last turns lose their thinking, and the reply counts turns and tokens."""
    asked = {"type": "clear_thinking_20251015", **({"keep": keep} if keep else {})}
    found = seen_context({"messages": thoughts(3), "context_management": {"edits": [asked]}})
    kinds = [[block["type"] for block in message["content"]] for message in found.body["messages"][1::2]]
    assert kinds == [["text"]] * (3 - left) + [["thinking", "text"]] * left
    assert [entry["cleared_thinking_turns"] for entry in found.applied] == ([3 - left] if left < 3 else [])
    assert all(entry["cleared_input_tokens"] > 200 * (3 - left) for entry in found.applied)


def test_a_tool_loop_is_one_turn_of_thinking() -> None:
    """The thinking before a call and after its result belong together."""
    messages = conversation(3)
    for message in messages[1::2]:
        message["content"].insert(0, {"type": "thinking", "thinking": LONG, "signature": sign(LONG)})
    found = seen_context({"messages": messages, "context_management": {"edits": [{"type": "clear_thinking_20251015"}]}})
    assert found.applied == []


def test_a_long_prompt_fits_after_clearing(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """The context window is judged by what is left."""
    huge = conversation(2)
    huge[2]["content"][0]["content"] = "x" * 900_000
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        ask(sdk, messages=huge)
    assert ask(sdk, edit(), messages=huge).stop_reason == "end_turn"
    assert sim.requests[-1].notes == []


def test_an_unknown_edit_is_refused(sdk: anthropic.Anthropic) -> None:
    """An edit of a type that the wheel does not have is a 400 with its path."""
    with pytest.raises(anthropic.BadRequestError, match=r"context_management\.edits\.0.*nonsense_1"):
        ask(sdk, {"type": "nonsense_1"})
