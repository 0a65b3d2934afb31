"""An application that was written for the official SDK, after the change of its imports: for the type checkers, strict.

`tests/compat/test_programs.py` runs it under both imports; `make check` runs mypy on it, and `make test-e2e` pyright.
"""

# pyright: strict
from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import keybearer.compat as anthropic
from keybearer.compat import NOT_GIVEN, Anthropic, APIStatusError, AsyncAnthropic, NotGiven, Stream, Timeout
from keybearer.compat.types import (
    Message,
    MessageParam,
    RawMessageStreamEvent,
    TextBlockParam,
    ToolParam,
    ToolResultBlockParam,
    ToolUseBlock,
    Usage,
)
from keybearer.compat.types.message_create_params import MessageCreateParamsNonStreaming
from keybearer.compat.types.messages.batch_create_params import Request

MODEL = "claude-haiku-4-5"
WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "Get the weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
Tool = Callable[[dict[str, object]], str]


@dataclass
class Assistant:
    """A conversation with tools."""

    client: Anthropic
    tools: dict[str, Tool] = field(default_factory=dict[str, Tool])
    history: list[MessageParam] = field(default_factory=list[MessageParam])
    spent: list[Usage] = field(default_factory=list[Usage])

    def ask(self, text: str, system: list[TextBlockParam] | str | None = None) -> Message:
        """Answer a question, with as many calls of tools as it takes."""
        self.history.append({"role": "user", "content": text})
        while True:
            answer = self.client.messages.create(
                model=MODEL,
                max_tokens=300,
                messages=self.history,
                system=system if system is not None else anthropic.omit,
                tools=[WEATHER] if self.tools else anthropic.omit,
            )
            self.spent.append(answer.usage)
            self.history.append({"role": "assistant", "content": answer.content})
            calls = [block for block in answer.content if isinstance(block, ToolUseBlock)]
            if answer.stop_reason != "tool_use":
                return answer
            self.history.append({"role": "user", "content": [self.run(call) for call in calls]})

    def run(self, call: ToolUseBlock) -> ToolResultBlockParam:
        """Run a tool."""
        result = self.tools[call.name](call.input)
        return {"type": "tool_result", "tool_use_id": call.id, "content": result}


def pieces(stream: Stream[RawMessageStreamEvent]) -> Iterator[str]:
    """Give the text of a stream as it comes."""
    for event in stream:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            yield event.delta.text


def row(custom_id: str, text: str) -> Request:
    """Make one request of a batch."""
    params: MessageCreateParamsNonStreaming = {
        "model": MODEL,
        "max_tokens": 50,
        "messages": [{"role": "user", "content": text}],
    }
    return Request(custom_id=custom_id, params=params)


def failure(client: Anthropic, timeout: float | Timeout | NotGiven | None = NOT_GIVEN) -> str:
    """Ask for a model that is not there, and say what came."""
    try:
        client.with_options(timeout=timeout, max_retries=0).messages.create(
            model="claude-none", max_tokens=5, messages=[{"role": "user", "content": "Hello!"}]
        )
    except anthropic.RateLimitError as error:
        return str(error.response.headers.get("retry-after"))
    except APIStatusError as error:
        request, response = error.request, error.response
        return (
            f"{error.status_code} {response.status_code} {request.method} {error.type} {error.request_id is not None}"
        )
    except anthropic.APIError as error:
        return error.message
    return "no failure"


async def summary(client: AsyncAnthropic, text: str) -> str:
    """Stream an answer, awaited."""
    async with (
        client,
        client.messages.stream(model=MODEL, max_tokens=60, messages=[{"role": "user", "content": text}]) as stream,
    ):
        parts = [part async for part in stream.text_stream]
        message = await stream.get_final_message()
    return f"{message.stop_reason} {''.join(parts)}"


def main() -> None:
    """Run all of it."""
    with Anthropic(timeout=Timeout(20.0, connect=5.0), max_retries=1) as client:
        assistant = Assistant(client, {"get_weather": lambda given: f"18 degrees in {given.get('city')}"})
        answer = assistant.ask(
            "What is the weather in Paris? Use get_weather.", [{"type": "text", "text": "Be brief."}]
        )
        print(sorted(json.loads(answer.model_dump_json(exclude_none=True))), answer.to_json() != "")
        print(sum(usage.output_tokens for usage in assistant.spent), len(assistant.history))
        print("".join(block.text for block in answer.content if block.type == "text"))
        ask: list[MessageParam] = [{"role": "user", "content": "Count to three."}]
        print("".join(pieces(client.messages.create(model=MODEL, max_tokens=60, messages=ask, stream=True))))
        print(client.messages.batches.create(requests=[row("a", "One."), row("b", "Two.")]).processing_status)
        print(failure(client, 5.0))
    print(asyncio.run(summary(AsyncAnthropic(), "Say hello.")))


main()
