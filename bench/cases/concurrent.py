"""A hundred plain requests at a time."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bench import floors
from bench.case import ASK, Case, Run, Target

WIDTH: Final = 100


async def _awaiting(run: Run, client: Any) -> None:
    async def ask() -> None:
        assert (await client.messages.create(**ASK)).stop_reason == "end_turn"

    await asyncio.gather(*(ask() for _ in range(WIDTH)))
    with run.measure(run.n):
        for _ in range(run.n // WIDTH):
            await asyncio.gather(*(ask() for _ in range(WIDTH)))


async def _floor(run: Run) -> None:
    await floors.plain_at_once(run, WIDTH)


CASE = Case(
    name="concurrent",
    title="100 concurrent plain requests",
    unit="request",
    path="/plain",
    size=(300, 1000),
    awaiting=_awaiting,
    uvloop=True,
    others={"floor-async": _floor},
    targets=(Target("100 concurrent requests: CPU", "cpu_us", 1 / 8, "1/8", "keybearer-async", "anthropic-async"),),
)
