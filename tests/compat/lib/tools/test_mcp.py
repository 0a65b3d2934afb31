"""Tools of an MCP session in a runner; the session is one of ours, with the fields of the protocol."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio.to_thread
import pydantic
import pytest

from keybearer.compat import AsyncAnthropic
from keybearer.compat.lib.tools.mcp import async_mcp_tool, mcp_tool
from keybearer.simulator import Simulator
from keybearer.tools.tool import ToolError


class Said(pydantic.BaseModel):
    """A value of the protocol, as the package `mcp` has them."""

    model_config = pydantic.ConfigDict(extra="allow")


class Session:
    """A session whose one tool doubles a number."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> Said:
        """Answer a call."""
        self.calls.append((name, arguments))
        number = arguments.get("number")
        words = str(2 * number) if isinstance(number, int) else "no number"
        return Said.model_validate({"content": [{"type": "text", "text": words}], "isError": number is None})


SCHEMA = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
TOOL = Said.model_validate({"name": "double", "description": "Double a number.", "inputSchema": SCHEMA})


def test_a_tool_says_what_the_server_says_and_calls_it() -> None:
    """With the options of a tool; an error of the server is one for the model."""
    session = Session()
    tool = async_mcp_tool(TOOL, session, cache_control={"type": "ephemeral"}, strict=None)
    assert tool.to_dict() == {
        "name": "double",
        "description": "Double a number.",
        "input_schema": SCHEMA,
        "cache_control": {"type": "ephemeral"},
    }
    assert asyncio.run(tool.call({"number": 4})) == "8"
    with pytest.raises(ToolError):
        asyncio.run(tool.call({}))
    assert session.calls == [("double", {"number": 4}), ("double", {})]


def test_a_tool_for_a_thread_asks_the_loop_that_started_it() -> None:
    """As the SDK's."""
    tool = mcp_tool(TOOL, Session())

    async def main() -> Any:
        return await anyio.to_thread.run_sync(tool.call, {"number": 5})

    assert anyio.run(main) == "10"


def test_a_runner_calls_it(sim: Simulator) -> None:
    """And sends what the server answers."""
    sim.script({"tool_use": {"id": "toolu_1", "name": "double", "input": {"number": 21}}})
    sim.script({"text": "It is 42."})

    async def main() -> str:
        async with AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
            messages: Any = client.beta.messages
            runner = messages.tool_runner(
                model="claude-haiku-4-5",
                max_tokens=100,
                messages=[{"role": "user", "content": "Double 21"}],
                tools=[async_mcp_tool(TOOL, Session())],
            )
            last: Any = await runner.until_done()
            return str(last.text)

    assert asyncio.run(main()) == "It is 42."
    assert b'"content":"42"' in sim.requests[-1].body
