"""The work of the stream cases: read streams to their end, one after another, and take each one's message.

A stream has `LENGTH` events, a long answer's: the official SDK copies the whole text at every event, so its cost an event grows
with the length, and longer streams would flatter keybearer.
"""

from __future__ import annotations

from typing import Any, Final

from bench import floors
from bench.case import ASK, Run

__all__ = ["LENGTH", "awaiting_events", "blocking_events", "floor_async", "floor_sync"]

LENGTH: Final = 4000


def blocking_events(run: Run, client: Any) -> None:
    """Iterate over every event of `messages.stream`, then take the message."""
    with run.measure(run.n * LENGTH):
        for _ in range(run.n):
            with client.messages.stream(**ASK) as stream:
                count = sum(1 for _ in stream)
                message = stream.get_final_message()
            assert count >= LENGTH
            assert message.stop_reason == "end_turn"


async def awaiting_events(run: Run, client: Any) -> None:
    """Iterate over every event of `messages.stream`, then take the message."""
    with run.measure(run.n * LENGTH):
        for _ in range(run.n):
            count = 0
            async with client.messages.stream(**ASK) as stream:
                async for _ in stream:
                    count += 1
                message = await stream.get_final_message()
            assert count >= LENGTH
            assert message.stop_reason == "end_turn"


def floor_sync(run: Run) -> None:
    """Only read and decode."""
    with run.measure(run.n * LENGTH):
        for _ in range(run.n):
            floors.stream_sync(run)


async def floor_async(run: Run) -> None:
    """Only read and decode."""
    with run.measure(run.n * LENGTH):
        for _ in range(run.n):
            await floors.one_stream(run)
