"""Making tools of functions."""

from __future__ import annotations

from typing import Any

from bench import tools
from bench.case import Case, Run, Target


def _blocking(run: Run, client: Any) -> None:
    make = tools.decorator(client)
    make(tools.slow)  # what the first one imports
    sets = [tools.functions() for _ in range(run.n)]
    with run.measure(tools.COUNT * run.n):
        made = [[make(function).to_dict() for function in functions] for functions in sets]
    assert made[0][0]["input_schema"]["required"] == ["path"]


CASE = Case(
    name="making",
    title="20 functions made into tools, and what a request has of them",
    unit="tool",
    path="/plain",
    size=(2, 10),
    blocking=_blocking,
    targets=(Target("making 20 tools: CPU", "cpu_us", 1 / 8, "1/8"),),
    note="imports are not in the figures; each function is new, so that nothing is remembered of it",
)
