"""An agent with tools in a registry, parallel calls, results with errors and images, and a history that is trimmed by hand."""
import base64
import inspect
import json
from typing import Any, Callable

import anthropic
from anthropic.types import (
    ContentBlock,
    Message,
    MessageParam,
    TextBlock,
    TextBlockParam,
    ToolParam,
    ToolResultBlockParam,
    ToolUseBlock,
    ToolUseBlockParam,
)

PIXEL = base64.b64encode(base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)).decode()
REGISTRY: dict[str, Callable[..., Any]] = {}
TOOLS: list[ToolParam] = []


def tool(function):
    names = list(inspect.signature(function).parameters)
    REGISTRY[function.__name__] = function
    TOOLS.append(
        ToolParam(
            name=function.__name__,
            description=inspect.getdoc(function) or "",
            input_schema={"type": "object", "properties": {n: {"type": "string"} for n in names}, "required": names},
        )
    )
    return function


@tool
def get_weather(city: str) -> str:
    """Return the weather in a city."""
    return json.dumps({"city": city, "sky": "clear"})


@tool
def screenshot(window: str):
    """Take a screenshot."""
    return [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}]


@tool
def broken(what: str) -> str:
    """Fail."""
    raise ValueError(what)


def execute(block: ToolUseBlock) -> ToolResultBlockParam:
    try:
        return {"type": "tool_result", "tool_use_id": block.id, "content": REGISTRY[block.name](**block.input)}
    except Exception as error:
        return {"type": "tool_result", "tool_use_id": block.id, "content": f"Error: {error}", "is_error": True}


class Agent:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[MessageParam] = []

    def run(self, prompt: str, most: int = 8) -> Message:
        self.history.append({"role": "user", "content": prompt})
        for _ in range(most):
            response = self.client.messages.create(
                model="claude-sonnet-4-20250514",
                max_tokens=4096,
                system=[{"type": "text", "text": "Use tools.", "cache_control": {"type": "ephemeral"}}],
                tools=TOOLS,
                tool_choice={"type": "auto", "disable_parallel_tool_use": False},
                messages=self.history,
            )
            kept: list[Any] = []
            for block in response.content:
                if isinstance(block, TextBlock):
                    kept.append(TextBlockParam(type="text", text=block.text))
                elif isinstance(block, ToolUseBlock):
                    kept.append(ToolUseBlockParam(type="tool_use", id=block.id, name=block.name, input=block.input))
            self.history.append({"role": "assistant", "content": kept})
            if response.stop_reason != "tool_use":
                return response
            self.history.append(
                {"role": "user", "content": [execute(b) for b in response.content if b.type == "tool_use"]}
            )
        raise RuntimeError("too many turns")


agent = Agent()
assert agent.run('Call get_weather for "Paris"').stop_reason == "end_turn"
assert agent.run('Call screenshot for "main"').stop_reason == "end_turn"
assert agent.run('Call broken for "it"').stop_reason == "end_turn"
json.dumps(agent.history)
