"""The official SDK as the client: plain, streamed, tools, thinking, images, caching, errors."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import pytest
from anthropic.types import MessageParam, ToolParam

from keybearer.simulator import Simulator

HAIKU = "claude-haiku-4-5"
WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "Tell the weather of a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
        "required": ["city"],
    },
}


def png(width: int, height: int) -> str:
    """Make the beginning of a PNG, which is all that the simulator reads, as base64."""
    return base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x06").decode()


def test_plain_answer(sdk: anthropic.Anthropic) -> None:
    """A plain request gets a whole message with its usage."""
    message = sdk.messages.create(
        model=HAIKU, max_tokens=100, messages=[{"role": "user", "content": "My name is Ada."}]
    )
    assert message.content[0].type == "text"
    assert message.content[0].text == "You said: “My name is Ada.”"
    assert message.stop_reason == "end_turn"
    assert message.model == "claude-haiku-4-5-20251001"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (7, 8)
    assert message._request_id is not None
    assert message._request_id.startswith("req_01")


def test_streamed_answer_is_the_plain_one(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A stream adds up to the message that the plain endpoint gives, but for its id."""
    asked: list[MessageParam] = [{"role": "user", "content": "Count to 40"}]
    plain = sdk.messages.create(model=HAIKU, max_tokens=1000, messages=asked)
    with sdk.messages.stream(model=HAIKU, max_tokens=1000, messages=asked) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == " ".join(map(str, range(1, 41)))
    ours = final.to_dict()
    theirs = plain.to_dict()
    assert ours.pop("id") != theirs.pop("id")
    ours["content"][0].pop("parsed_output", None)  # type: ignore[index]  # the SDK's own addition
    assert ours["content"] == theirs["content"]
    assert ours["stop_reason"] == theirs["stop_reason"]
    assert len(sim.requests) == 2


def test_raw_events_are_in_the_order_of_the_protocol(sdk: anthropic.Anthropic) -> None:
    """The raw stream opens, runs and ends as the streaming page says."""
    events = list(
        sdk.messages.create(
            model=HAIKU, max_tokens=100, stream=True, messages=[{"role": "user", "content": "Say 'one two three four'"}]
        )
    )
    assert [event.type for event in events] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_tool_round_trip(sdk: anthropic.Anthropic) -> None:
    """A question about the weather calls the tool, and its result makes the answer."""
    messages: list[MessageParam] = [{"role": "user", "content": "What is the weather in Paris?"}]
    first = sdk.messages.create(model=HAIKU, max_tokens=300, tools=[WEATHER], messages=messages)
    call = first.content[0]
    assert first.stop_reason == "tool_use"
    assert call.type == "tool_use"
    assert (call.name, call.input) == ("get_weather", {"city": "Paris"})
    messages += [
        {"role": "assistant", "content": first.content},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "18 °C and sunny"}],
        },
    ]
    last = sdk.messages.create(model=HAIKU, max_tokens=300, tools=[WEATHER], messages=messages)
    assert last.content[0].type == "text"
    assert last.content[0].text == "I asked get_weather about Paris, and it says: 18 °C and sunny."
    assert last.stop_reason == "end_turn"


@pytest.mark.parametrize(("parallel", "cities"), [(True, ["Paris", "New York"]), (False, ["Paris"])])
def test_parallel_tool_calls(sdk: anthropic.Anthropic, parallel: bool, cities: list[str]) -> None:
    """Two places make two calls in one turn, unless parallel use is disabled."""
    message = sdk.messages.create(
        model=HAIKU,
        max_tokens=300,
        tools=[WEATHER],
        tool_choice={"type": "auto", "disable_parallel_tool_use": not parallel},
        messages=[{"role": "user", "content": "What is the weather in Paris and New York?"}],
    )
    assert [block.input for block in message.content if block.type == "tool_use"] == [{"city": city} for city in cities]


def test_streamed_tool_input_arrives_in_pieces(sdk: anthropic.Anthropic) -> None:
    """The input of a streamed call is cut into JSON deltas that add up."""
    with sdk.messages.stream(
        model=HAIKU,
        max_tokens=300,
        tools=[WEATHER],
        messages=[{"role": "user", "content": 'Use get_weather {"city": "Llanfairpwllgwyngyllgogerychwyrndrobwll"}'}],
    ) as stream:
        pieces = [event.partial_json for event in stream if event.type == "input_json"]
        final = stream.get_final_message()
    assert len(pieces) > 2
    assert final.content[0].type == "tool_use"
    assert final.content[0].input == {"city": "Llanfairpwllgwyngyllgogerychwyrndrobwll"}


@pytest.mark.parametrize(
    ("choice", "calls"),
    [({"type": "any"}, 1), ({"type": "tool", "name": "get_weather"}, 1), ({"type": "none"}, 0), ({"type": "auto"}, 0)],
)
def test_tool_choice_decides(sdk: anthropic.Anthropic, choice: Any, calls: int) -> None:
    """A forced tool is called whatever the prompt says, and a forbidden one never."""
    message = sdk.messages.create(
        model=HAIKU,
        max_tokens=300,
        tools=[WEATHER],
        tool_choice=choice,
        messages=[{"role": "user", "content": "Tell me a joke."}],
    )
    assert sum(block.type == "tool_use" for block in message.content) == calls


def test_thinking_comes_back_signed_and_is_taken_back(sdk: anthropic.Anthropic) -> None:
    """A thinking block is accepted byte for byte, and refused when a letter of it has changed."""
    messages: list[MessageParam] = [{"role": "user", "content": "What is the weather in Oslo?"}]
    create: Any = lambda: sdk.messages.create(  # noqa: E731  # one call, made twice
        model=HAIKU,
        max_tokens=3000,
        thinking={"type": "enabled", "budget_tokens": 1024},
        tools=[WEATHER],
        messages=messages,
    )
    first = create()
    assert [block.type for block in first.content] == ["thinking", "tool_use"]
    assert first.usage.output_tokens_details.thinking_tokens > 0
    blocks = [block.to_dict() for block in first.content]
    result = {"type": "tool_result", "tool_use_id": blocks[1]["id"], "content": "rain"}
    messages += [{"role": "assistant", "content": blocks}, {"role": "user", "content": [result]}]  # type: ignore[list-item,misc]
    assert create().stop_reason == "end_turn"
    blocks[0]["thinking"] += "!"
    with pytest.raises(anthropic.BadRequestError, match=r"messages\.1\.content\.0: Invalid `signature`"):
        create()


def test_image_is_described_by_its_real_size(sdk: anthropic.Anthropic) -> None:
    """The answer to an image names its real type and pixel size."""
    message = sdk.messages.create(
        model=HAIKU,
        max_tokens=200,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png(640, 480)}},
                    {"type": "text", "text": "What is this?"},
                ],
            }
        ],
    )
    assert message.content[0].type == "text"
    assert "a PNG image, 640 × 480 pixels" in message.content[0].text  # noqa: RUF001  # typography


def test_cache_is_written_then_read_then_forgotten(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A long prefix is written once, read after that, and written again five minutes later."""

    def ask() -> tuple[int | None, int | None]:
        message = sdk.messages.create(
            model="claude-opus-4-8",
            max_tokens=50,
            system=[{"type": "text", "text": "A long text. " * 1000, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": "Hello"}],
        )
        return message.usage.cache_creation_input_tokens, message.usage.cache_read_input_tokens

    assert ask() == (3250, 0)
    assert ask() == (0, 3250)
    sim.clock.advance(301)
    assert ask() == (3250, 0)


def refusals() -> Iterator[tuple[dict[str, Any], type[anthropic.APIStatusError], str]]:
    """Yield requests that the API refuses, with the SDK's error and the words."""
    yield {"model": "claude-nope"}, anthropic.NotFoundError, "model: claude-nope"
    yield {"max_tokens": -1}, anthropic.BadRequestError, "max_tokens: Input should be greater than or equal to 0"
    yield {"messages": []}, anthropic.BadRequestError, "messages: at least one message is required"
    yield {"extra_body": {"colour": "red"}}, anthropic.BadRequestError, "colour: Extra inputs are not permitted"
    yield {"extra_headers": {"anthropic-version": "2020-01-01"}}, anthropic.BadRequestError, "is not a valid version"


@pytest.mark.parametrize(("change", "error", "words"), list(refusals()))
def test_refusals_reach_the_sdk_as_its_errors(
    sdk: anthropic.Anthropic, change: dict[str, Any], error: type[anthropic.APIStatusError], words: str
) -> None:
    """A refusal has the status, the body shape and the request id that the SDK expects."""
    good: dict[str, Any] = {"model": HAIKU, "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    with pytest.raises(error) as caught:
        sdk.messages.create(**{**good, **change})
    body: Any = caught.value.body
    assert words in body["error"]["message"]
    assert body["type"] == "error"
    assert body["request_id"] == caught.value.request_id


def test_a_hundred_at_once(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A hundred concurrent requests each get their own answer."""

    def ask(number: int) -> str:
        message = sdk.messages.create(
            model=HAIKU, max_tokens=50, messages=[{"role": "user", "content": f"Reply with exactly: {number}"}]
        )
        return message.content[0].text  # type: ignore[union-attr]  # asserted by the comparison below

    with ThreadPoolExecutor(100) as pool:
        assert list(pool.map(ask, range(100))) == [str(number) for number in range(100)]
    assert len(sim.requests) == 100
