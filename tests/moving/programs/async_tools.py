"""An agent in asyncio, whose tools are functions in a table, its texts streamed."""
import asyncio
import inspect
import json
from anthropic import AsyncAnthropic
from anthropic.types import Message, MessageParam, TextBlock, ToolUseBlock


async def add(a: int, b: int) -> int:
    return a + b


TOOLS = {"add": add}
SCHEMAS = [
    {
        "name": name,
        "description": "Add two numbers",
        "input_schema": {
            "type": "object",
            "properties": {word: {"type": "integer"} for word in inspect.signature(function).parameters},
            "required": list(inspect.signature(function).parameters),
        },
    }
    for name, function in TOOLS.items()
]


async def turn(client: AsyncAnthropic, messages: list[MessageParam]) -> Message:
    async with client.messages.stream(
        model="claude-sonnet-5-5", max_tokens=500, messages=messages, tools=SCHEMAS
    ) as stream:
        async for event in stream:
            if event.type == "text":
                print(event.text, end="")
            elif event.type == "input_json":
                print(event.partial_json, event.snapshot)
        return await stream.get_final_message()


async def main() -> None:
    client = AsyncAnthropic()
    messages: list[MessageParam] = [{"role": "user", "content": "What is 2 + 3? Call add with a=2 and b=3."}]
    while True:
        message = await turn(client, messages)
        messages.append({"role": "assistant", "content": [block.to_dict() for block in message.content]})
        uses = [block for block in message.content if isinstance(block, ToolUseBlock)]
        if not uses:
            break
        done = await asyncio.gather(*(TOOLS[use.name](**use.input) for use in uses))
        messages.append(
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": use.id, "content": json.dumps(result)}
                    for use, result in zip(uses, done)
                ],
            }
        )
    assert any(isinstance(block, TextBlock) for block in message.content)


asyncio.run(main())
