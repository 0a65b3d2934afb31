"""A tool loop, as the guides have it."""

import json

from anthropic import Anthropic
from anthropic.types import MessageParam, ToolParam, ToolResultBlockParam, ToolUseBlock

TOOLS: list[ToolParam] = [
    ToolParam(
        name="get_weather",
        description="Get the weather in a city.",
        input_schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    )
]

with Anthropic() as client:
    messages: list[MessageParam] = [{"role": "user", "content": "What is the weather in Paris? Use get_weather."}]
    for _ in range(4):
        response = client.messages.create(model="claude-haiku-4-5", max_tokens=500, tools=TOOLS, messages=messages)
        print(response.stop_reason, [block.type for block in response.content])
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            break
        results: list[ToolResultBlockParam] = []
        for block in response.content:
            if isinstance(block, ToolUseBlock):
                print(block.name, json.dumps(block.input, sort_keys=True))
                results.append(
                    ToolResultBlockParam(type="tool_result", tool_use_id=block.id, content="18 degrees", is_error=False)
                )
        messages.append({"role": "user", "content": results})
    print("".join(block.text for block in response.content if block.type == "text"))
