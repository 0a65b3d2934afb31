"""The shapes of scripted replies: the tables are the wheel's, and what is wrong is refused with its place."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import pytest
from anthropic.types.beta import (
    BetaContentBlock,
    BetaRawMessageStreamEvent,
    BetaStopReason,
    BetaUsage,
    beta_content_block,
)

from keybearer.simulator import Simulator
from keybearer.simulator.control.scenario import make_turn
from keybearer.simulator.control.scenario_file import load_scenario
from keybearer.simulator.control.shapes import BLOCKS, EVENTS, STOP_REASONS, USAGE

ADDED = {"id", "input", "signature", "type", "citations", "tool_use_id", "is_error"}
"""Fields that the simulator adds, or that a script of one block need not give."""


def members(union: Any) -> dict[str, Any]:
    """Return the models of a union by their type."""
    models = typing.get_args(typing.get_args(union)[0])
    return {typing.get_args(model.model_fields["type"].annotation)[0]: model for model in models}


def test_the_blocks_are_those_of_the_wheel() -> None:
    """Every block type of the wheel is in the table, with no field that the wheel does not have."""
    models = members(BetaContentBlock)
    assert set(BLOCKS) == set(models)
    for name, fields in BLOCKS.items():
        known = {field.alias or key for key, field in models[name].model_fields.items()}
        assert set(fields) <= known, name
        required = {field.alias or key for key, field in models[name].model_fields.items() if field.is_required()}
        assert required - ADDED <= set(fields) | {"caller"}, name
    assert beta_content_block.__all__ == ["BetaContentBlock"]


def test_the_events_and_values_are_those_of_the_wheel() -> None:
    """The events, the stop reasons and the fields of the usage are the wheel's."""
    assert set(members(BetaRawMessageStreamEvent)) == set(EVENTS) - {"ping", "error"}
    assert set(typing.get_args(BetaStopReason)) == set(STOP_REASONS)
    assert set(BetaUsage.model_fields) == set(USAGE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- reply:\n    content: hello", "line 2: turn 1: reply.content should be a list of blocks, not 'hello'; for a text"),
        ("- x\n- reply:\n    usage:\n      input_tokens: x", "line 4: turn 2: reply.usage.input_tokens should be a whole number"),
        ("- reply:\n    usage: {inputs_tokens: 1}", "line 2: turn 1: a usage has no 'inputs_tokens'; did you mean 'input_tokens'"),
        ("- reply:\n\n    error: rate_limit_eror", "line 3: turn 1: reply.error: no error is of type 'rate_limit_eror'; did you mean"),
        ("- reply: {error: {type: overloadd_error}}", "no error is of type 'overloadd_error'; did you mean 'overloaded_error'"),
        ("- reply: {error: {type: x_error}}", "no error is of type 'x_error'"),
        ("- reply: {error: {typ: api_error}}", "the fault 'error' has no 'typ'"),
        ("- reply:\n    content:\n      - {type: text}", "line 3: turn 1: reply.content.0: a block of type 'text' needs 'text'"),
        ("- reply: {content: [{text: x}]}", "reply.content.0 has no `type`"),
        ("- reply: {content: [{type: txet, text: x}]}", "'txet' is almost 'text'"),
        ("- reply: {content: [{type: tool_use, name: x, input: y}]}", "reply.content.0.input should be a mapping"),
        ("- reply: {tool_use: {input: {}}}", "a block of type 'tool_use' needs 'name'"),
        ("- reply: {tool_use: Read}", "reply.tool_use should be a call or a list of calls"),
        ("- reply: {tool_use: {name: Read, inptu: {}}}", "a tool_use has no 'inptu'; did you mean 'input'"),
        ("- reply: {events: [{type: message_delta}]}", "an event of type 'message_delta' needs 'delta'"),
        ("- reply: {events: [{type: mesage_stop}]}", "'mesage_stop' is almost 'message_stop'"),
        ("- reply: {events: ping}", "reply.events should be a list of events"),
        ("- reply: {stop_reason: end_trun}", "'end_trun' is almost 'end_turn'"),
        ("- reply: {text: [x]}", "reply.text should be a string"),
        ("- reply: {text: x, content: []}", "reply has 'content' and 'text': only one of them can be sent"),
        ("- reply: {error: api_error, text: x}", "reply has 'error' and 'text'"),
        ("- match: {turn: first}", "match.turn should be a whole number from 1"),
        ("- match: {turn: true}", "match.turn should be a whole number from 1"),
        ("- match: {stream: 'yes'}", "match.stream should be true or false"),
        ("- match: {headers: x-app}", "match.headers should map names"),
        ("- match: {text: [x]}", "match.text should be a regular expression, not list"),
        ("- match: {text: '(?P<a>x)', system: '(?P<a>y)'}", "two groups of the match are called 'a'"),
        ("- match: '(?P<city>x)'\n  reply: '{citty}'", "line 2: turn 1: reply.text: the match has no group for {citty}; did you mean"),
        ("- match: {stream: false}\n  fault: missing_event", "the fault 'missing_event' needs a stream, and the match wants none"),
        ("- match: {stream: false}\n  reply: {events: []}", "a reply of `events` needs a stream"),
        ("- fault: 'cut; times=2'", "how often a turn answers is its `times`"),
        ("- fault: [cut]", "fault should be a line such as"),
        ("- fault: stream_error; type=overload", "no error is of type 'overload'; did you mean 'overloaded_error'"),
        ("- reply: {error: api_error}\n  fault: cut", "an `error` and a `fault` cannot both be sent"),
        ("- sequence: []", "sequence should be a list of replies"),
        ("- sequence: [x]\n  reply: y", "a turn has `sequence` or `reply`"),
        ("- sequence: [x]\n  times: 3", "a sequence gives each reply once"),
        ("- sequence:\n    - x\n    - {txt: y}", "line 3: turn 1: a reply has no 'txt'"),
        ("- times: 0", "times=0 should be 1 or more"),
        ("turn: []\nturns: [x]", "and no 'turn'"),
        ("- 7", "a turn should be a mapping, not int"),
        ("- &a [*a]", "a turn should be a mapping, not list"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_when_the_file_is_loaded(tmp_path: Path, text: str, reason: str) -> None:
    """A wrong value anywhere in a file is refused with its line, its place and what was meant."""
    path = tmp_path / "turns.yaml"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the message is compared below
        load_scenario(path)
    assert reason in str(caught.value)


def test_what_is_of_the_future_passes() -> None:
    """A block, an event, a stop reason of a type that nobody knows yet, and an error with its status, are taken."""
    turn = make_turn({"reply": {"content": [{"type": "hologram", "voxels": 3}], "stop_reason": "tea_time"}})
    assert turn.replies[0].reply["stop_reason"] == "tea_time"
    assert make_turn({"reply": {"events": [{"type": "weather_report"}]}}).replies[0].needs_stream
    assert make_turn({"reply": {"error": {"type": "quota_error", "status": 418}}}).replies[0].fault is not None


def test_what_python_gives_is_checked_too(sim: Simulator) -> None:
    """A value that JSON cannot express, and a coroutine function, are refused when they are scripted."""

    async def answer(_: Any) -> str:
        return "x"

    with pytest.raises(ValueError, match="cannot be written as JSON"):
        sim.script({"content": [{"type": "text", "text": "x", "more": object()}]})
    with pytest.raises(ValueError, match="cannot be `async`"):
        sim.script(answer)
