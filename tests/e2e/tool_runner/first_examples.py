"""The official tool runner in Python: its three examples, and the sum of its guide."""

import json
from typing import Literal

from anthropic import Anthropic, beta_tool

client = Anthropic()
MODEL = "claude-sonnet-5-5"


@beta_tool
def get_weather(location: str, units: Literal["c", "f"]) -> str:
    """Lookup the weather for a given city in either celsius or fahrenheit.

    Args:
        location: The city and state, e.g. San Francisco, CA
        units: Unit for the output, either 'c' for celsius or 'f' for fahrenheit
    Returns:
        A dictionary containing the location, temperature, and weather condition.
    """
    return json.dumps({"location": location, "temperature": "20 C" if units == "c" else "68 F", "condition": "Sunny"})


@beta_tool
def sum(left: int, right: int) -> str:  # noqa: A001  # its name in the guide
    """Adds two integers together.

    Args:
        left: The first integer to add.
        right: The second integer to add.
    """
    return str(left + right)


@beta_tool
def lookup_order(order_id: str) -> str:
    """Look up the shipping status of an order.

    Args:
        order_id: The order number, e.g. 4821
    """
    return f"Order {order_id} shipped two days ago and arrives tomorrow."


@beta_tool(defer_loading=True)
def get_humidity(location: str) -> str:
    """Lookup the humidity of the weather in a given city.

    Args:
        location: The city and state, e.g. San Francisco, CA
    """
    return f"The humidity in {location} is 40%."


@beta_tool
def search_available_tools(*, keyword: str) -> list:
    """Search for useful tools using a query string."""
    deferred = [get_humidity]
    return [
        {"type": "tool_reference", "tool_name": each.name} for each in deferred if keyword in json.dumps(each.to_dict())
    ]


def text(message):
    return "".join(block.text for block in message.content if block.type == "text")


def run(question, tools, **more):
    runner = client.beta.messages.tool_runner(
        max_tokens=1024, model=MODEL, tools=tools, messages=[{"role": "user", "content": question}], **more
    )
    messages = list(runner)
    calls = [block for message in messages for block in message.content if block.type == "tool_use"]
    return {"calls": [[call.name, call.input] for call in calls], "said": text(messages[-1])}


def talk():
    thread = client.beta.messages.thread(
        model=MODEL,
        max_tokens=1024,
        system="You are a support agent for Acme. Keep replies short.",
        tools=[lookup_order],
    )
    seen = [text(thread.send({"role": "user", "content": "Hi! I have a question about an order."}))]
    with thread.stream({"role": "user", "content": "How long does standard shipping usually take?"}) as stream:
        seen.append("".join(stream.text_stream))
    thread.append({"role": "user", "content": "It's order #4821 and it hasn't arrived. Can you check where it is?"})
    seen.append(text(thread.tool_runner().until_done()))
    fork = thread.fork()
    fork.append({"role": "user", "content": "Reply with exactly: cancelled"})
    seen.append(text(fork.tool_runner().until_done()))
    seen.append(text(thread.send({"role": "user", "content": "Reply with exactly: waiting"})))
    return seen


print(
    json.dumps(
        {
            "weather": run("What is the weather in SF?", [get_weather]),
            "sum": run("What is 9 + 10?", [sum]),
            "whole_history": run("What is 9 + 10?", [sum], thread=False),
            "searched": run(
                "What is the humidity in SF?",
                [get_humidity, search_available_tools],
                betas=["tool-search-tool-2025-10-19"],
            ),
            "thread": talk(),
        }
    )
)
