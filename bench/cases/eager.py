"""A stream, one event a read, the reader never waiting."""

from __future__ import annotations

from bench import streams
from bench.case import Case, Target

CASE = Case(
    name="eager",
    title="a stream, one event a read, the reader never waiting",
    unit="event",
    path=f"/burst-{streams.LENGTH}",
    size=(1, 4),
    blocking=streams.blocking_events,
    awaiting=streams.awaiting_events,
    others={"floor-sync": streams.floor_sync, "floor-async": streams.floor_async},
    single_reads=True,
    targets=(
        Target("stream, one event a read: CPU, sync", "cpu_us", 1 / 5, "1/5"),
        Target("stream, one event a read: CPU, async", "cpu_us", 1 / 5, "1/5", "keybearer-async", "anthropic-async"),
    ),
    note="every read of the client's socket is limited to one event's bytes, for every library alike",
)
