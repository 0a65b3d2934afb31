"""A run of forty replies with twenty tools, each reply with one call."""

from __future__ import annotations

from typing import Any

from bench import tools
from bench.case import Case, Run, Target


def _blocking(run: Run, client: Any) -> None:
    made = [tools.decorator(client)(function) for function in tools.functions()]
    with run.measure(40 * run.n):
        for _ in range(run.n):
            tools.run(client, made)


async def _awaiting(run: Run, client: Any) -> None:
    made = [tools.decorator(client)(function) for function in tools.async_functions()]
    with run.measure(40 * run.n):
        for _ in range(run.n):
            await tools.run(client, made)


CASE = Case(
    name="turns",
    title="a run of 40 replies with 20 tools, one call a reply",
    unit="reply",
    path="/turns-40",
    size=(2, 10),
    blocking=_blocking,
    awaiting=_awaiting,
    targets=(
        Target("a run of 40 replies, 20 tools: CPU, sync", "cpu_us", 1 / 5, "1/5"),
        Target(
            "a run of 40 replies, 20 tools: CPU, async", "cpu_us", 1 / 5, "1/5", "keybearer-async", "anthropic-async"
        ),
    ),
    note="making the tools is not in the figures; the tools themselves do next to nothing",
)
