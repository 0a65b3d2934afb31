"""What a user would write, for the type checkers: `make check` runs mypy on it, and pyright where it is installed.

A line with `type: ignore` is a mistake that a checker must find: an ignore that ignores nothing is an error.
"""

from __future__ import annotations

from typing import Any, assert_type

import keybearer
from keybearer import (
    Allow,
    AsyncClient,
    Client,
    Conversation,
    ConversationFile,
    Deny,
    MCPToolset,
    Message,
    RunResult,
    ThinkingBlock,
    ToolCall,
    ToolResultEvent,
    ToolUseBlock,
    Usage,
    repair,
    tool,
)
from keybearer.types import events as ev
from keybearer.types.requests import MessageParam
from keybearer.types.tools_param import ToolParam

WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def plain(client: Client) -> str:
    """Ask, and read the answer."""
    message = client.messages.create(
        model="claude-haiku-4-5", max_tokens=100, messages=[{"role": "user", "content": "hi"}]
    )
    assert_type(message, Message)
    assert_type(message.usage, Usage)
    assert_type(message.tool_calls, list[ToolUseBlock])
    for block in message.content:
        if block.type == "text":
            print(block.text.upper())
        elif isinstance(block, ThinkingBlock):
            print(block.signature)
    match message.content[0]:
        case keybearer.TextBlock(text=text):
            return text
        case keybearer.ToolUseBlock(name=name, input=arguments):
            return f"{name}({arguments})"
        case _:
            return message.text


def conversation(client: Client) -> Message:
    """Send answers back as they are, tools, caching, thinking and images."""
    history: list[MessageParam] = [
        {"role": "user", "content": [keybearer.image("a.png"), {"type": "text", "text": "What is it?"}]}
    ]
    answer = client.messages.create(
        model="claude-opus-4-6",
        max_tokens=4000,
        messages=history,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        tools=[WEATHER, {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
        thinking={"type": "enabled", "budget_tokens": 1024},
        output_config={"effort": "low"},
        stop_sequences=["END"],
        metadata={"user_id": "u1"},
        cache="auto",
        betas=["some-beta-2026-01-01"],
        extra_body={"born_tomorrow": True},
        timeout=30.0,
    )
    history += [answer, {"role": "user", "content": "Go on."}]
    return client.messages.create(model="claude-opus-4-6", max_tokens=100, messages=history)


def streamed(client: Client) -> Message:
    """Read a stream in every way."""
    with client.messages.stream(max_tokens=100, messages=[{"role": "user", "content": "hi"}]) as stream:
        for event in stream:
            if event.type == "text":
                assert_type(event.text, str)
            elif isinstance(event, ev.InputJsonEvent):
                print(event.partial_json, event.snapshot)
            elif event.type == "message_stop":
                print(event.message.stop_reason)
        for text in stream.text_stream:
            print(text)
        return stream.get_final_message()


def raw(client: Client) -> None:
    """Read the service's own events."""
    for event in client.messages.create(max_tokens=100, messages=[], stream=True):
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            print(event.delta.text)


def either(client: Client, *, live: bool) -> Message | keybearer.RawStream:
    """Leave it to a variable whether to stream."""
    return client.messages.create(max_tokens=100, messages=[], stream=live)


async def awaited(client: AsyncClient) -> str:
    """Do it all awaited."""
    message = await client.messages.create(max_tokens=100, messages=[{"role": "user", "content": "hi"}])
    assert_type(message, Message)
    async with client.messages.stream(max_tokens=100, messages=[message]) as stream:
        async for text in stream.text_stream:
            print(text)
        return await stream.get_final_text()


def conversations(client: Client) -> None:
    """Go on with a conversation, save it, and repair one from elsewhere."""
    talk = Conversation(system="Be brief.", tools=[WEATHER], model="claude-haiku-4-5", max_tokens=100).user("hi")
    message = client.messages.create(messages=talk)
    talk = talk.append(message, {"role": "user", "content": "and now?"}).trim(5_000, keep=1)
    assert_type(talk, Conversation)
    assert_type(talk.last_answer, Message | None)
    assert_type(talk.tokens().total, int)
    talk = talk.tool_results({call.id: "ok" for call in message.tool_calls}).fork(at=2)
    ConversationFile("talk.jsonl").save(talk)
    talk, changes = repair([{"role": "user", "content": "hi"}, message], model="claude-opus-4-7")
    print(changes[0].where, changes[0].what, Conversation.loads(talk.dumps()))
    Conversation(sytem="x")  # type: ignore[call-arg]
    talk.append("hi")  # type: ignore[arg-type]


@tool
def weather(city: str, days: int = 1) -> str:
    """Look up the weather."""
    return f"{city}: {days}"


@tool(read_only=True, timeout=5)
async def weather_later(city: str, call: ToolCall) -> list[str]:
    """Look up the weather."""
    return [city, call.id]


def agents(client: Client) -> None:
    """Run tools, decide on calls, and read what came of them."""
    assert_type(weather("Oslo", days=2), str)
    weather(3)  # type: ignore[arg-type]
    run = client.messages.run(
        max_tokens=9,
        messages=[{"role": "user", "content": "hi"}],
        tools=[weather, weather_later, WEATHER, print],
        approve=allow,
    )
    assert_type(run, RunResult)
    assert_type(run.message, Message | None)
    assert_type(run.usage.total_tokens, int | None)
    assert_type(run.steps[0].outcomes[0].call.input, dict[str, Any])
    client.messages.run(max_tokens=9, resume=run.dump(), tools=[weather], decisions={run.pending[0].id: Allow()})
    client.messages.run(max_tokens=9, messages=[], tools=[weather], on_context_full="comapct")  # type: ignore[call-overload]
    with MCPToolset(["mcp-server-time"]) as clock, client.messages.run_stream(max_tokens=9, tools=[*clock]) as events:
        for event in events:
            if isinstance(event, ToolResultEvent):
                assert_type(event.outcome.seconds, float)


def allow(call: ToolCall) -> Allow | Deny:
    """Decide on a call."""
    return Deny("Not there.") if call.input["city"] == "Atlantis" else Allow()


def errors(client: Client) -> float:
    """Catch by class, and read what the class has."""
    try:
        plain(client)
    except keybearer.RateLimited as error:
        return error.retry_after
    except keybearer.StreamError as error:
        print(error.partial.text if error.partial else "")
    except keybearer.KeybearerError as error:
        print(error.hint)
    return 0.0


def mistakes(client: Client) -> None:
    """Be reported of what is wrong before it runs."""
    client.messages.create(max_tokens="5", messages=[])  # type: ignore[call-overload]
    client.messages.create(max_tokens=5, messages=[], max_token=5)  # type: ignore[call-overload]
    client.messages.stream(max_tokens=5, messages="hi")  # type: ignore[arg-type]
    client.messages.create(max_tokens=5, messages=[]).stop_raeson  # type: ignore[attr-defined]
    Client(api_kye="x")  # type: ignore[call-arg]
