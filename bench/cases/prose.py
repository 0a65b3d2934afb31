"""A tool's input of 199 KB that is one long string: the kindest input to a reader that parses from the start each time."""

from __future__ import annotations

from typing import Any

from bench import floors, wire
from bench.case import Case, Run
from bench.cases.tool import read


def _blocking(run: Run, client: Any) -> None:
    units = len(wire.tool_frames(run.n, prose=True))
    with run.measure(units):
        read(client, "content")


def _floor(run: Run) -> None:
    units = len(wire.tool_frames(run.n, prose=True))
    with run.measure(units):
        floors.stream_sync(run)


CASE = Case(
    name="prose",
    title="the same as one long string",
    unit="event",
    path="/prose-{n}",
    size=(199, 199),
    blocking=_blocking,
    others={"floor-sync": _floor},
)
