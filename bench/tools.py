"""Twenty tools as a program has them, for the rows of tools and agents: each library makes its own of the same functions."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable
from typing import Any, Final, Literal

__all__ = [
    "COUNT",
    "async_functions",
    "decorator",
    "functions",
    "read_run",
    "read_run_async",
    "run",
    "slow",
    "slow_async",
]

COUNT: Final = 20
SECONDS: Final = 0.5
"""How long a slow tool takes."""

ASKED: Final[dict[str, Any]] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Do what is to be done, please."}],
}


def functions() -> list[Callable[..., Any]]:
    """Return twenty new functions of five signatures, with docstrings."""
    found: list[Callable[..., Any]] = []
    for number in range(COUNT // 5):

        def read(path: str, start: int = 1, end: int | None = None) -> str:
            """Read lines of a file.

            Args:
                path: The file, relative to the project's folder.
                start: The first line, counted from 1.
                end: The last line; to the end of the file if omitted.
            """
            return f"{path}: {start} to {end}"

        def search(
            query: str, kind: Literal["text", "pattern", "symbol"] = "text", paths: list[str] | None = None
        ) -> str:
            """Search the project, and return the lines that match.

            Args:
                query: What to look for.
                kind: How the query is meant.
                paths: The folders to look in.
            """
            return f"{query} as {kind} in {paths}"

        def write(path: str, content: str, append: bool = False, mode: Literal["text", "binary"] = "text") -> str:
            """Write a file. What was in it is lost, unless it is appended to.

            Args:
                path: The file, relative to the project's folder.
                content: What to write.
                append: Whether it goes to the end of the file.
                mode: What the content is.
            """
            return f"{path}: {len(content)} {append} {mode}"

        def measure(values: list[float], unit: str, precision: int = 2) -> str:
            """Work out the mean of measurements.

            Args:
                values: The measurements.
                unit: The unit that they are in.
                precision: How many digits to give.
            """
            return f"{sum(values) / len(values):.{precision}f} {unit}"

        def label(name: str, colours: dict[str, str], tags: list[str] | None = None, public: bool = True) -> str:
            """Set the labels of an entry.

            Args:
                name: The entry.
                colours: The colour of each label.
                tags: Tags that go with them.
                public: Whether everybody sees them.
            """
            return f"{name}: {colours} {tags} {public}"

        for function in (read, search, write, measure, label):
            function.__name__ = f"{function.__name__}_{number}"
            found.append(function)
    return found


def async_functions() -> list[Callable[..., Any]]:
    """Return the same as coroutine functions."""
    found: list[Callable[..., Any]] = []
    for function in functions():

        @functools.wraps(function)
        async def awaited(*args: Any, __function: Callable[..., Any] = function, **kwargs: Any) -> Any:
            return __function(*args, **kwargs)

        found.append(awaited)
    return found


def slow(step: int) -> str:
    """Take half a second.

    Args:
        step: Which step it is.
    """
    time.sleep(SECONDS)
    return f"step {step} done"


async def slow_async(step: int) -> str:
    """Take half a second.

    Args:
        step: Which step it is.
    """
    await asyncio.sleep(SECONDS)
    return f"step {step} done"


slow_async.__name__ = "slow"


def is_ours(client: Any) -> bool:
    """Return whether a client is keybearer's; the other one is the official SDK's."""
    return type(client).__module__.startswith("keybearer")


def decorator(client: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return what makes a tool of a function, of the library that a client is of."""
    if is_ours(client):
        from keybearer import tool

        return tool
    import anthropic

    awaited = isinstance(client, anthropic.AsyncAnthropic)
    make: Callable[..., Any] = anthropic.beta_async_tool if awaited else anthropic.beta_tool
    return make


def run(client: Any, tools: list[Any]) -> Any:
    """Run to the end; an awaited client gives a coroutine."""
    if is_ours(client):
        return client.messages.run(**ASKED, tools=tools)
    return client.beta.messages.tool_runner(**ASKED, tools=tools).until_done()


def read_run(client: Any, tools: list[Any], *, eager: bool) -> None:
    """Run to the end with streamed replies, and read each event."""
    if is_ours(client):
        with client.messages.run_stream(**ASKED, tools=tools, run_tools_eagerly=eager) as events:
            for _ in events:
                pass
        return
    for stream in client.beta.messages.tool_runner(**ASKED, tools=tools, stream=True, run_tools_eagerly=eager):
        for _ in stream:
            pass


async def read_run_async(client: Any, tools: list[Any], *, eager: bool) -> None:
    """Run to the end with streamed replies, and read each event."""
    if is_ours(client):
        async with client.messages.run_stream(**ASKED, tools=tools, run_tools_eagerly=eager) as events:
            async for _ in events:
                pass
        return
    async for stream in client.beta.messages.tool_runner(**ASKED, tools=tools, stream=True, run_tools_eagerly=eager):
        async for _ in stream:
            pass
