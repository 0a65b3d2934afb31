"""Four tools of half a second, called in one reply."""

from __future__ import annotations

from typing import Any

from bench import tools
from bench.case import Case, Run, Target


def _blocking(run: Run, client: Any) -> None:
    made = [tools.decorator(client)(tools.slow)]
    with run.measure(1):
        tools.run(client, made)
    run.metrics["wall_s"] = run.metrics["wall_us"] / 1e6


async def _awaiting(run: Run, client: Any) -> None:
    made = [tools.decorator(client)(tools.slow_async)]
    with run.measure(1):
        await tools.run(client, made)
    run.metrics["wall_s"] = run.metrics["wall_us"] / 1e6


CASE = Case(
    name="parallel",
    title="a run of two replies, the first with four calls of a tool of 0.5 s",
    unit="run",
    path="/calls-4",
    blocking=_blocking,
    awaiting=_awaiting,
    targets=(
        Target("four tools of 0.5 s: s, sync", "wall_s", 0.6, "0.6", against=""),
        Target("four tools of 0.5 s: s, async", "wall_s", 0.6, "0.6", "keybearer-async", ""),
    ),
)
