"""autogen_ext: its chat client, plainly and as a stream."""

import asyncio

from autogen_core.models import UserMessage
from autogen_ext.models.anthropic import AnthropicChatCompletionClient


async def main():
    client = AnthropicChatCompletionClient(
        model="claude-sonnet-4-20250514",
        model_info={
            "vision": True, "function_calling": True, "json_output": True, "family": "claude-4-sonnet",
            "structured_output": False,
        },
    )
    asked = [UserMessage(content="Say hello", source="user")]
    assert (await client.create(asked)).content
    async for chunk in client.create_stream(asked):
        last = chunk
    assert last.content
    await client.close()


asyncio.run(main())
