"""Scenarios: turns that are matched, used up, and read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.control.scenario import make_turn
from keybearer.simulator.control.scenario_file import load_scenario

FILE = """
turns:
  - match: {text: weather, tool: get_weather}
    reply: {tool_use: {name: get_weather, input: {city: Oslo}}}
  - match: {tool_result: sunny}
    reply: {thinking: Let me see., text: It is sunny in Oslo.}
    times: always
  - match: fall over
    fault: stream_error; after_events=1
  - reply: {error: {type: rate_limit_error, retry_after: 3}}
    match: {model: opus}
"""
WEATHER: Any = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


def ask(sdk: anthropic.Anthropic, content: Any, **more: Any) -> anthropic.types.Message:
    """Ask one question."""
    request: Any = {"model": "claude-haiku-4-5", "max_tokens": 200, "messages": [{"role": "user", "content": content}]}
    message: anthropic.types.Message = sdk.messages.create(**{**request, **more})
    return message


def words(message: anthropic.types.Message) -> str:
    """Join the text of an answer."""
    return "".join(block.text for block in message.content if block.type == "text")


def test_scripted_text_is_used_once_in_order(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Each turn answers one request; after the last the engine answers again."""
    sim.script("First.")
    sim.script("Second.")
    assert [words(ask(sdk, "Say 'third'")) for _ in range(3)] == ["First.", "Second.", "third"]


def test_match(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A turn waits for the request that it matches, and may be used without end."""
    sim.script("Woof.", match=r"\bdogs?\b", times=None)
    assert [words(ask(sdk, content)) for content in ("Say 'cat'", "A dog", "Two DOGS")] == ["cat", "Woof.", "Woof."]


def test_blocks_stop_reason_and_usage(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A turn may set blocks of any type, the stop reason and the usage."""
    block = {"type": "hologram", "voxels": 3}
    sim.script({"content": [block], "stop_reason": "pause_turn", "usage": {"output_tokens": 7}})
    message = ask(sdk, "x")
    assert message.content[0].to_dict() == block
    assert (message.stop_reason, message.usage.output_tokens) == ("pause_turn", 7)


def test_raw_events(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A turn may set the events of a stream."""
    sim.script({"events": [{"type": "ping"}, {"type": "message_stop"}]})
    with ask(sdk, "x", stream=True) as stream:  # type: ignore[attr-defined]  # a stream, because it was asked for
        assert [event.type for event in stream] == ["message_stop"]


def test_a_file(tmp_path: Path) -> None:
    """A file scripts a tool round trip, a fault and an error."""
    path = tmp_path / "scenario.yaml"
    path.write_text(FILE)
    with (
        Simulator(scenario=path) as sim,
        anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0) as sdk,
    ):
        call = ask(sdk, "How is the weather?", tools=[WEATHER]).content[0]
        assert call.type == "tool_use"
        assert call.input == {"city": "Oslo"}
        history: list[Any] = [
            {"role": "user", "content": "How is the weather?"},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}]},
        ]
        assert words(ask(sdk, "", messages=history, tools=[WEATHER])) == "It is sunny in Oslo."
        with pytest.raises(anthropic.APIStatusError), ask(sdk, "Please fall over", stream=True) as stream:  # type: ignore[attr-defined]  # see above
            list(stream)
        with pytest.raises(anthropic.RateLimitError) as caught:
            ask(sdk, "x", model="claude-opus-4-8")
        assert caught.value.response.headers["retry-after"] == "3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- replly: x", "turn 1: a turn has no 'replly'; did you mean 'reply'?"),
        ("- reply: {txt: x}", "turn 1: a reply has no 'txt'; did you mean 'text'?"),
        ("- reply: x\n- match: {texts: x}", "turn 2: a match has no 'texts'; did you mean 'text'?"),
        ("- fault: cutt", "turn 1: fault: no fault is called 'cutt'; did you mean 'cut'?"),
        ("- match: '('", "turn 1: match.text is no regular expression: missing \\), unterminated subpattern"),
        ("reply: x", "a scenario is a list of turns"),
        ("- [", "while parsing"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, reason: str) -> None:
    """An error in a file names the place and the nearest key."""
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason):
        load_scenario(path)


def test_a_string_is_a_text() -> None:
    """A turn may be just a string."""
    assert make_turn("Hello").replies[0].reply == {"text": "Hello"}


def test_over_http(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Turns can be scripted over HTTP."""
    with urllib3.PoolManager(headers={"x-sim-token": sim.token}) as http:
        url = sim.base_url + "/_sim/script"
        assert http.request("POST", url, json={"reply": "From afar."}).status == 200
        assert http.request("POST", url, json={"reply": {"txt": 1}}).status == 400
    assert words(ask(sdk, "x")) == "From afar."
