"""The beta tool runner: functions and classes as tools, a memory on disk, messages appended, compaction, MCP servers, in asyncio too."""
import asyncio
from pathlib import Path

import anthropic
from anthropic import AsyncAnthropic, Anthropic, beta_async_tool, beta_tool
from anthropic.lib.tools import BetaAbstractMemoryTool, BetaToolRunner
from anthropic.types.beta import (
    BetaMemoryTool20250818CreateCommand,
    BetaMemoryTool20250818DeleteCommand,
    BetaMemoryTool20250818InsertCommand,
    BetaMemoryTool20250818RenameCommand,
    BetaMemoryTool20250818StrReplaceCommand,
    BetaMemoryTool20250818ViewCommand,
)


class Memory(BetaAbstractMemoryTool):
    def __init__(self):
        super().__init__()
        self.files = {}

    def view(self, command: BetaMemoryTool20250818ViewCommand) -> str:
        return "\n".join(self.files) or "empty"

    def create(self, command: BetaMemoryTool20250818CreateCommand) -> str:
        self.files[command.path] = command.file_text
        return "created"

    def str_replace(self, command: BetaMemoryTool20250818StrReplaceCommand) -> str:
        return "replaced"

    def insert(self, command: BetaMemoryTool20250818InsertCommand) -> str:
        return "inserted"

    def delete(self, command: BetaMemoryTool20250818DeleteCommand) -> str:
        return "deleted"

    def rename(self, command: BetaMemoryTool20250818RenameCommand) -> str:
        return "renamed"


@beta_tool(name="add", description="Adds two numbers")
def plus(left: int, right: int) -> str:
    return str(left + right)


@beta_async_tool
async def lookup(word: str) -> str:
    """Look a word up.

    Args:
        word: the word
    """
    return f"{word}: a word"


client = Anthropic()
runner = client.beta.messages.tool_runner(
    model="claude-sonnet-4-5", max_tokens=1024, tools=[plus, Memory()], betas=["context-management-2025-06-27"],
    messages=[{"role": "user", "content": "Call add for 1 and 2"}], max_iterations=5,
)
for message in runner:
    for block in message.content:
        print(block.type)
    response = runner.generate_tool_call_response()
    if response:
        print(response["role"])
assert message.stop_reason == "end_turn"
assert client.beta.messages.tool_runner(
    model="claude-sonnet-4-5", max_tokens=1024, tools=[plus], messages=[{"role": "user", "content": "Call add for 1 and 2"}]
).until_done().content


async def main():
    runner = AsyncAnthropic().beta.messages.tool_runner(
        model="claude-sonnet-4-5", max_tokens=1024, tools=[lookup], stream=True,
        messages=[{"role": "user", "content": 'Call lookup for "tea"'}],
    )
    async for stream in runner:
        async for event in stream:
            if event.type == "text":
                print(event.text, end="")
        message = await stream.get_final_message()
    assert message.stop_reason == "end_turn"


asyncio.run(main())
