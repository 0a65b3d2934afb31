"""A stream, an event every 0.5 ms, the reader asleep between."""

from __future__ import annotations

from bench import streams
from bench.case import Case, Target

CASE = Case(
    name="paced",
    title="a stream, an event every 0.5 ms, the reader asleep between",
    unit="event",
    path=f"/paced-{streams.LENGTH}-500",
    size=(1, 1),
    blocking=streams.blocking_events,
    awaiting=streams.awaiting_events,
    uvloop=True,
    others={"floor-sync": streams.floor_sync, "floor-async": streams.floor_async},
    targets=(
        Target("stream, an event every 0.5 ms: CPU, sync", "cpu_us", 1 / 3, "1/3"),
        Target(
            "stream, an event every 0.5 ms: CPU, async", "cpu_us", 1 / 3, "1/3", "keybearer-async", "anthropic-async"
        ),
    ),
    note="most of it is the kernel's: putting the reader to sleep and waking it",
)
