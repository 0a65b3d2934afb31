"""A stream in chunks of about 16 KB, many events in each."""

from __future__ import annotations

from bench import streams
from bench.case import Case, Target

CASE = Case(
    name="coalesced",
    title="a stream in chunks of about 16 KB, many events in each",
    unit="event",
    path=f"/coalesced-{streams.LENGTH}",
    size=(5, 10),
    blocking=streams.blocking_events,
    awaiting=streams.awaiting_events,
    uvloop=True,
    others={"floor-sync": streams.floor_sync, "floor-async": streams.floor_async},
    targets=(
        Target("stream, coalesced chunks: CPU, sync", "cpu_us", 1 / 25, "1/25"),
        Target("stream, coalesced chunks: CPU, async", "cpu_us", 1 / 25, "1/25", "keybearer-async", "anthropic-async"),
    ),
)
