"""claude-agent-sdk: a question, the greeting tool of its README, and the calculator of its examples, all in-process."""

import json

import anyio
from claude_agent_sdk import (
    AssistantMessage,
    ClaudeAgentOptions,
    ClaudeSDKClient,
    ResultMessage,
    ToolUseBlock,
    create_sdk_mcp_server,
    query,
    tool,
)


def said(text):
    return {"content": [{"type": "text", "text": text}]}


@tool("greet", "Greet a user", {"name": str})
async def greet(args):
    return said(f"Hello, {args['name']}!")


@tool("add", "Add two numbers", {"a": float, "b": float})
async def add(args):
    return said(f"{args['a']} + {args['b']} = {args['a'] + args['b']}")


@tool("multiply", "Multiply two numbers", {"a": float, "b": float})
async def multiply(args):
    return said(f"{args['a']} x {args['b']} = {args['a'] * args['b']}")


@tool("divide", "Divide one number by another", {"a": float, "b": float})
async def divide(args):
    return said(f"{args['a']} / {args['b']} = {args['a'] / args['b']}")


@tool("sqrt", "Calculate square root", {"n": float})
async def sqrt(args):
    return said(f"The root of {args['n']} is {args['n'] ** 0.5}")


@tool("power", "Raise a number to a power", {"base": float, "exponent": float})
async def power(args):
    return said(f"{args['base']}^{args['exponent']} = {args['base'] ** args['exponent']}")


async def collect(messages):
    calls, result = [], None
    async for message in messages:
        if isinstance(message, AssistantMessage):
            calls += [[block.name, block.input] for block in message.content if isinstance(block, ToolUseBlock)]
        elif isinstance(message, ResultMessage):
            result = message.result
    return {"calls": calls, "said": result}


async def ask(server, tools, question):
    allowed = [f"mcp__{server}__{each.name}" for each in tools]
    servers = {server: create_sdk_mcp_server(name=server, version="1.0.0", tools=tools)}
    async with ClaudeSDKClient(ClaudeAgentOptions(mcp_servers=servers, allowed_tools=allowed)) as client:
        await client.query(question)
        return await collect(client.receive_response())


async def main():
    calculator = [add, multiply, divide, sqrt, power]
    questions = {
        "sum": "Calculate 15 + 27",
        "quotient": "What is 100 divided by 7?",
        "root": "Calculate the square root of 144",
        "power": "What is 2 raised to the power of 8?",
    }
    seen = {
        "asked": await collect(query(prompt="What is 2 + 2?")),
        "greeted": await ask("tools", [greet], "Greet Alice"),
    }
    for name, question in questions.items():
        seen[name] = await ask("calc", calculator, question)
    print(json.dumps(seen))


anyio.run(main)
