"""A tool's input of 96 KB in deltas of 30 characters, and whether twenty times as much costs twenty times as much."""

from __future__ import annotations

from typing import Any, Final

from bench import floors, wire
from bench.case import ASK, Case, Run, Target

LARGE: Final = 2000
"""The larger input, in KB; for keybearer only: the official SDK's time grows with the square of the size."""


def _blocking(run: Run, client: Any) -> None:
    units = len(wire.tool_frames(run.n))
    with run.measure(units):
        read(client, "edits")
    if type(client).__module__.startswith("keybearer"):
        large = client.__class__(api_key="sk-ant-bench", base_url=run.url.replace(str(run.n), str(LARGE)))
        units = len(wire.tool_frames(LARGE))
        with run.measure(units, "large_"):
            read(large, "edits")
        run.metrics["growth"] = run.metrics["large_cpu_us"] / run.metrics["cpu_us"]


def read(client: Any, field: str) -> None:
    """Read a tool call to its end; every event is looked at, no snapshot."""
    with client.messages.stream(**ASK) as stream:
        for _ in stream:
            pass
        message = stream.get_final_message()
    assert len(message.content[0].input[field]) > 1000


def _floor(run: Run) -> None:
    units = len(wire.tool_frames(run.n))
    with run.measure(units):
        floors.stream_sync(run)


CASE = Case(
    name="tool",
    title="tool input of 96 KB in 30-character deltas",
    unit="event",
    path="/tool-{n}",
    size=(96, 96),
    blocking=_blocking,
    others={"floor-sync": _floor},
    targets=(
        Target("tool input of 96 KB: CPU", "cpu_us", 1 / 60, "1/60"),
        Target("tool input: 2 MB against 96 KB, an event", "growth", 1.3, "1.3 (linear)", against=""),
    ),
    note="a list of small objects, as of a tool that makes edits; one long string is the row below",
)
