"""500 streams of 20 events a second in one process."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from bench import floors
from bench.case import ASK, Case, Run, Target

STREAMS: Final = 500
_DIGITS: Final = 20


class _Delays:
    """When each event came, after when it was sent."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def add(self, text: str) -> None:
        """Take an event's text: the time that it was sent at."""
        self._seen.append(time.monotonic_ns() - int(text))

    def metrics(self) -> dict[str, float]:
        """Return the median and the 99th percentile, in milliseconds."""
        self._seen.sort()
        count = len(self._seen)
        return {"p50_ms": self._seen[count // 2] / 1e6, "p99_ms": self._seen[count * 99 // 100] / 1e6}


async def _awaiting(run: Run, client: Any) -> None:
    delays = _Delays()

    async def read() -> None:
        async with client.messages.stream(**ASK) as stream:
            async for text in stream.text_stream:
                delays.add(text)

    with run.measure(STREAMS * 20 * run.n):
        await asyncio.gather(*(read() for _ in range(STREAMS)))
    run.metrics |= delays.metrics()


async def _floor(run: Run) -> None:
    delays = _Delays()
    with run.measure(STREAMS * 20 * run.n):
        await floors.many_streams(run, STREAMS, delays.add)
    run.metrics |= delays.metrics()


CASE = Case(
    name="many",
    title="500 concurrent streams of 20 events/s in one process",
    unit="event",
    path=f"/many-{STREAMS}-20-{{n}}",
    size=(4, 10),
    awaiting=_awaiting,
    uvloop=True,
    others={"floor-async": _floor},
    targets=(
        Target("500 streams: share of a core", "cpu_share", 0.6, "0.6", "keybearer-async", ""),
        Target("500 streams: p99 delay, ms", "p99_ms", 40, "40", "keybearer-async", ""),
        Target("500 streams, uvloop: share of a core", "cpu_share", 0.5, "0.5", "keybearer-uvloop", ""),
    ),
    note="opening the streams is in the figures; the official SDK cannot keep up, so its delay grows with the length of the run",
)
