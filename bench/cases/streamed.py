"""Eight tools of half a second, called in a reply that is streamed over two seconds."""

from __future__ import annotations

from typing import Any

from bench import tools
from bench.case import Case, Run, Target

_MODES = (("gap_s", False), ("eager_gap_s", True))


def _blocking(run: Run, client: Any) -> None:
    made = [tools.decorator(client)(tools.slow)]
    for name, eager in _MODES:
        with run.measure(1):
            tools.read_run(client, made, eager=eager)
        run.metrics[name] = run.server_says("/gap") / 1e6


async def _awaiting(run: Run, client: Any) -> None:
    made = [tools.decorator(client)(tools.slow_async)]
    for name, eager in _MODES:
        with run.measure(1):
            await tools.read_run_async(client, made, eager=eager)
        run.metrics[name] = run.server_says("/gap") / 1e6


CASE = Case(
    name="streamed",
    title="eight calls of a tool of 0.5 s in a reply streamed over 2 s",
    unit="run",
    path="/streamed-8-2000-250",
    blocking=_blocking,
    awaiting=_awaiting,
    targets=(
        Target("eight tools in a stream: s to the next request, sync", "gap_s", 0.7, "0.7", against=""),
        Target("the same, eager, sync", "eager_gap_s", 0.3, "0.3", against=""),
        Target("eight tools in a stream: s to the next request, async", "gap_s", 0.7, "0.7", "keybearer-async", ""),
        Target("the same, eager, async", "eager_gap_s", 0.3, "0.3", "keybearer-async", ""),
    ),
    quick=False,
    note="the last call is complete 0.25 s before the last byte; measured by the server, from that byte to the next request",
)
