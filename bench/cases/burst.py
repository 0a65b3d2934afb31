"""A stream in bursts, each event in a chunk of its own."""

from __future__ import annotations

from bench import streams
from bench.case import Case, Target

CASE = Case(
    name="burst",
    title="a stream in bursts, each event in a chunk of its own",
    unit="event",
    path=f"/burst-{streams.LENGTH}",
    size=(5, 10),
    blocking=streams.blocking_events,
    awaiting=streams.awaiting_events,
    uvloop=True,
    others={"floor-sync": streams.floor_sync, "floor-async": streams.floor_async},
    targets=(
        Target("stream, bursts: CPU, sync", "cpu_us", 1 / 20, "1/20"),
        Target("stream, bursts: CPU, async", "cpu_us", 1 / 20, "1/20", "keybearer-async", "anthropic-async"),
    ),
)
