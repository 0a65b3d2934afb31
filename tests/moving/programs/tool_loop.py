"""An agent's loop: tools by hand until the model is done."""
import json

from anthropic import Anthropic
from anthropic.types import MessageParam, ToolParam, ToolResultBlockParam, ToolUseBlock

client = Anthropic()
tools: list[ToolParam] = [
    {
        "name": "get_weather",
        "description": "The weather in a city",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
messages: list[MessageParam] = [{"role": "user", "content": 'Call get_weather for the city "Paris"'}]
for _ in range(5):
    response = client.messages.create(model="claude-sonnet-5-5", max_tokens=500, tools=tools, messages=messages)
    messages.append({"role": "assistant", "content": response.content})
    if response.stop_reason != "tool_use":
        break
    results: list[ToolResultBlockParam] = []
    for block in response.content:
        if isinstance(block, ToolUseBlock):
            print(block.name, json.dumps(block.input), block.input["city"], block.id)
            results.append({"type": "tool_result", "tool_use_id": block.id, "content": "sunny"})
    messages.append({"role": "user", "content": results})
assert len(messages) >= 3
assert next(block.text for block in response.content if block.type == "text")
