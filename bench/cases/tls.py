"""500 streams over TLS: resident memory."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bench.case import ASK, Case, Run, Target
from bench.memory import resident_mb

STREAMS: Final = 500


async def _awaiting(run: Run, client: Any) -> None:
    before = resident_mb()
    held: list[float] = []

    async def read() -> None:
        seen = 0
        async with client.messages.stream(**ASK) as stream:
            async for _ in stream.text_stream:
                seen += 1
                if seen == 2:
                    held.append(resident_mb() if len(held) == STREAMS - 1 else 0.0)

    with run.measure(STREAMS):
        await asyncio.gather(*(read() for _ in range(STREAMS)))
    run.metrics |= {"resident_mb": held[-1], "kb_a_stream": (held[-1] - before) * 1024 / STREAMS}


CASE = Case(
    name="tls",
    title="the same over TLS: resident memory",
    unit="stream",
    path=f"/many-{STREAMS}-1-{{n}}",
    size=(3, 3),
    awaiting=_awaiting,
    uvloop=True,
    tls=True,
    targets=(
        Target("500 TLS streams: resident memory", "resident_mb", 1.5, "1.5", "keybearer-async", "anthropic-async"),
    ),
    note="one event a second on each, so that what is measured is what an open stream holds",
)
