"""A tool call that `max_tokens` cuts: the last block of a reply, and JSON without an end in a stream."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.engine.cut_call import cut_call, is_eager
from simulator.schema_check import fits

WRITE: Any = {
    "name": "write_file",
    "input_schema": {
        "type": "object",
        "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
        "required": ["path", "content"],
    },
}
INPUT = {"path": "notes.txt", "content": "word " * 100}
BLOCK: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "write_file", "input": INPUT}


def ask(sdk: anthropic.Anthropic, max_tokens: int = 20, **more: Any) -> Any:
    """Ask for a file to be written, with too few tokens for it."""
    fields: dict[str, Any] = {
        "model": "claude-haiku-4-5",
        "max_tokens": max_tokens,
        "tools": [WRITE],
        "messages": [{"role": "user", "content": "Write it."}],
        **more,
    }
    return sdk.messages.create(**fields)


def streamed(sdk: anthropic.Anthropic, **more: Any) -> tuple[str, str | None, int]:
    """Return the JSON of a streamed call, the stop reason and the output tokens; every event fits the OpenAPI document."""
    text, reason, tokens = "", None, 0
    for event in ask(sdk, stream=True, **more):
        assert fits(event.to_dict(), "MessageStreamEvent") == []
        if event.type == "content_block_delta":
            text += event.delta.partial_json
        if event.type == "message_delta":
            reason, tokens = event.delta.stop_reason, event.usage.output_tokens
    return text, reason, tokens


def test_a_reply_has_the_parameters_that_were_whole(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """The cut call is the last block, without the parameter in which the limit fell, and every token is counted."""
    sim.script({"text": "Sure.", "tool_use": {"name": "write_file", "input": INPUT}})
    message = ask(sdk)
    assert [block.type for block in message.content] == ["text", "tool_use"]
    assert message.content[1].input == {"path": "notes.txt"}
    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 20)
    assert fits(message.to_dict(), "Message") == []


def test_a_stream_ends_in_the_middle_of_the_json(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Buffered, the JSON ends after the last whole parameter; it is never closed."""
    sim.script({"tool_use": {"name": "write_file", "input": INPUT}}, times=None)
    assert streamed(sdk) == ('{"path":"notes.txt"', "max_tokens", 20)
    assert streamed(sdk, max_tokens=5) == ("{", "max_tokens", 5)
    assert streamed(sdk, max_tokens=2) == ("", "max_tokens", 2)


@pytest.mark.parametrize(
    "how",
    [
        {"tools": [{**WRITE, "eager_input_streaming": True}]},
        {"extra_headers": {"anthropic-beta": "fine-grained-tool-streaming-2025-05-14"}},
    ],
)
def test_an_eager_stream_has_the_json_up_to_the_cut(
    sim: Simulator, sdk: anthropic.Anthropic, how: dict[str, Any]
) -> None:
    """With fine-grained streaming the value that was being written is there as far as it came."""
    sim.script({"tool_use": {"name": "write_file", "input": INPUT}}, times=None)
    text, reason, tokens = streamed(sdk, **how)
    assert (reason, tokens, len(text)) == ("max_tokens", 20, (20 - 3) * 4)
    assert text.startswith('{"path":"notes.txt","content":"word word')
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert ask(sdk, **how).content[0].input == {"path": "notes.txt"}


def test_the_engines_own_call_is_cut_as_well(sdk: anthropic.Anthropic) -> None:
    """Without a script, too: a forced call is there, with nothing in it."""
    asked = [{"role": "user", "content": "Write 'a word' to notes.txt."}]
    message = ask(sdk, max_tokens=4, tool_choice={"type": "tool", "name": "write_file"}, messages=asked)
    assert message.content[0].type == "tool_use"
    assert (message.content[0].input, message.stop_reason) == ({}, "max_tokens")


def test_a_full_context_window_cuts_it_too(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """What the window has no room for is cut in the same way, with its own stop reason."""
    sim.script({"tool_use": {"name": "write_file", "input": INPUT}})
    size = sdk.messages.count_tokens(
        model="claude-haiku-4-5", messages=[{"role": "user", "content": "x"}], tools=[WRITE]
    )
    filler = "x" * 4 * (200_000 - 20 - (size.input_tokens - 1))
    messages: Any = [{"role": "user", "content": filler}]
    message = ask(sdk, max_tokens=500, messages=messages)
    assert message.stop_reason == "model_context_window_exceeded"
    assert message.content[0].input == {"path": "notes.txt"}


@pytest.mark.parametrize("left", range(1, 40))
def test_at_every_length(left: int) -> None:
    """The JSON of a stream is a beginning of the whole JSON, and never longer than the limit allows."""
    whole = json.dumps(INPUT, separators=(",", ":"))
    for eager in (True, False):
        cut = cut_call(BLOCK, left, eager=eager)
        assert cut is not None
        assert whole.startswith(cut.partial_json)
        assert len(cut.partial_json) <= max(0, left - 3) * 4
        assert cut["input"] == ({"path": "notes.txt"} if left >= 3 + 5 else {})
        assert (cut["id"], cut["name"]) == ("toolu_1", "write_file")


def test_what_is_no_call_is_not_cut() -> None:
    """A result block that does not fit is left out, and so is a call for which there is no token left."""
    assert cut_call({"type": "web_search_tool_result", "content": []}, 10, eager=True) is None
    assert cut_call(BLOCK, 0, eager=True) is None


def test_the_field_wins_over_the_tag() -> None:
    """A tool that says how it is streamed is streamed so, whatever the tag of the request."""
    tag = frozenset({"fine-grained-tool-streaming-2025-05-14"})
    assert is_eager({"tools": [{"name": "a"}]}, "a", tag) is True
    assert is_eager({"tools": [{"name": "a", "eager_input_streaming": False}]}, "a", tag) is False
    assert is_eager({"tools": [{"name": "a"}]}, "a", frozenset()) is False
