"""Structured answers and tool runners as a user writes them: for the type checkers, strict. Nothing here is run."""

# pyright: strict
from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

import msgspec

from keybearer import AsyncClient, Client, ParsedMessage, ParsedRunResult, RunResult, tool
from keybearer.compat import Anthropic, AsyncAnthropic, beta_async_tool, beta_tool
from keybearer.compat.types.beta import BetaMessageParam


class City(msgspec.Struct):
    """A city."""

    name: str
    inhabitants: int = 0


@dataclass
class Pair:
    """Two numbers."""

    left: int
    right: int


@tool
def look(name: str) -> str:
    """Look a city up."""
    return name


ASK: list[BetaMessageParam] = [{"role": "user", "content": "Paris"}]


@beta_tool
def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


@beta_async_tool(name="wait")
async def wait_for(seconds: int) -> str:
    """Wait."""
    return f"waited {seconds}"


def ask(client: Client) -> int:
    """Ask with the client that blocks."""
    message = client.messages.parse(model="m", max_tokens=9, messages=ASK, output_format=City, reask=1)
    assert_type(message, ParsedMessage[City])
    cities = client.messages.parse(model="m", max_tokens=9, messages=ASK, output_format=list[City], via="tool")
    city = message.parsed_output
    with client.messages.stream(model="m", max_tokens=9, messages=ASK, output_format=Pair) as stream:
        for event in stream:
            if event.type == "text":
                print(event.parsed_snapshot())
        pair = stream.get_final_message().parsed_output
    return (city.inhabitants if city else 0) + len(cities.parsed_output or []) + (pair.left if pair else 0)


def run_for(client: Client) -> int:
    """Run tools for a value."""
    found = client.messages.run(model="m", max_tokens=9, messages=ASK, tools=[look], output_format=City, reask=1)
    assert_type(found, ParsedRunResult[City])
    assert_type(client.messages.run(model="m", max_tokens=9, messages=ASK, tools=[look]), RunResult)
    with client.messages.run_stream(model="m", max_tokens=9, messages=ASK, tools=[look], output_format=Pair) as run:
        for event in run:
            if event.type == "text":
                print(event.parsed_snapshot())
        assert_type(run.result.parsed_output, Pair | None)
    return found.parsed_output.inhabitants if found.parsed_output else 0


async def ask_async(client: AsyncClient) -> str | None:
    """Ask with the client that is awaited."""
    message = await client.messages.parse(model="m", max_tokens=9, messages=ASK, output_format=City)
    async with client.messages.stream(model="m", max_tokens=9, messages=ASK, output_format=City) as stream:
        assert_type(await stream.get_final_message(), ParsedMessage[City])
    return message.parsed_output.name if message.parsed_output else None


def run(client: Anthropic) -> str | None:
    """Run tools under the SDK's names."""
    assert add(1, 2) == "3"
    runner = client.beta.messages.tool_runner(model="m", max_tokens=9, messages=ASK, tools=[add], max_iterations=3)
    for message in runner:
        print(message.stop_reason, [block.type for block in message.content])
        runner.append_messages({"role": "user", "content": "Go on."})
    for stream in client.beta.messages.tool_runner(model="m", max_tokens=9, messages=ASK, tools=[add], stream=True):
        print("".join(stream.text_stream))
    city = client.beta.messages.parse(model="m", max_tokens=9, messages=ASK, output_format=City).parsed_output
    return city.name if city else runner.until_done().stop_reason


async def run_async(client: AsyncAnthropic) -> str | None:
    """Run tools under the SDK's names, awaited."""
    runner = client.beta.messages.tool_runner(
        model="m", max_tokens=9, messages=ASK, tools=[wait_for], output_format=City
    )
    async for message in runner:
        print(message.parsed_output.name if message.parsed_output else "")
    return (await runner.until_done()).stop_reason
