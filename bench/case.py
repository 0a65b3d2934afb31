"""What a case is: one row of the report, its work for every library, and what is asked of it.

Strategy: keybearer and the official SDK have the same call shapes, so one function does a case's work for both, blocking, and one
awaiting. The floor is a loop that only reads and decodes. What another library does differently has a function of its own.
"""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["ASK", "MODEL", "Case", "Run", "Target"]

MODEL: Final = "claude-haiku-4-5"
ASK: Final[dict[str, Any]] = {
    "model": MODEL,
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Tell me a story, please."}],
}

Metrics = dict[str, float]


@dataclass(frozen=True)
class Target:
    """What is asked of a case.

    Attributes:
        name: In the report and in the output of `make bench-quick`.
        metric: Of the case's results.
        at_most: The most that the ratio, or the figure itself, may be.
        subject: Whose figure it is.
        against: What it is divided by: a subject; empty for the figure itself.
        against_metric: The metric of `against`; `metric` when omitted.
        text: How the target reads, such as `1/8`.
    """

    name: str
    metric: str
    at_most: float
    text: str
    subject: str = "keybearer-sync"
    against: str = "anthropic-sync"
    against_metric: str = ""


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes:
        name: The module's name.
        title: What the work is, in words.
        unit: What a figure is for one of: a request, an event.
        path: The server's mode; `{n}` is the size.
        size: How many units a measurement has: quick, full.
        blocking: The work with a blocking client.
        awaiting: The work with an awaited client.
        others: Subject to the work that is not the shared one: floors, other libraries.
        scripts: Subject to a whole program, for a row that measures whole processes.
        targets: What is asked.
        tls: Whether it goes over TLS.
        single_reads: Whether every read gives at most one event.
        quick: Whether it is in the quick form.
        uvloop: Whether keybearer is measured on uvloop too.
        note: What a reader of the report should know.
    """

    name: str
    title: str
    unit: str
    path: str = ""
    size: tuple[int, int] = (1, 1)
    blocking: Callable[[Run, Any], None] | None = None
    awaiting: Callable[[Run, Any], Awaitable[None]] | None = None
    others: dict[str, Callable[[Run], Any]] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    tls: bool = False
    single_reads: bool = False
    quick: bool = True
    uvloop: bool = False
    note: str = ""

    def subjects(self) -> list[str]:
        """Return whose work is measured."""
        shared = [f"{who}-sync" for who in ("keybearer", "anthropic") if self.blocking]
        shared += [f"{who}-async" for who in ("keybearer", "anthropic") if self.awaiting]
        shared += ["keybearer-uvloop"] if self.uvloop else []
        return [*self.scripts, *shared, *self.others]


class Run:
    """What the work of one process is given.

    Attributes:
        url: The server's base URL for the case.
        host: The server's plain address, for a floor that opens a socket itself.
        path: The path for such a floor.
        n: How many units to do.
        metrics: What was measured.
    """

    def __init__(self, case: Case, port: int, tls_port: int, n: int, ca_file: str) -> None:
        self.case = case
        self.n = n
        self.ca_file = ca_file
        self.port = port
        self.path = case.path.format(n=n) + "/v1/messages"
        base = f"https://localhost:{tls_port}" if case.tls else f"http://127.0.0.1:{port}"
        self.url = base + case.path.format(n=n)
        self.metrics: Metrics = {}
        self._control = http.client.HTTPConnection("127.0.0.1", port)

    def server_says(self, path: str) -> int:
        """Return a figure that the server knows: `/cpu` in nanoseconds, `/gap` in microseconds."""
        self._control.request("GET", path)
        return int(self._control.getresponse().read())

    @contextlib.contextmanager
    def measure(self, units: int, name: str = "") -> Iterator[None]:
        """Measure a block that does that many units: CPU and wall in microseconds a unit, and how busy the server was."""
        before = self.server_says("/cpu")
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        yield
        cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
        server = self.server_says("/cpu") - before
        self.metrics |= {
            f"{name}cpu_us": cpu / 1000 / units,
            f"{name}wall_us": wall / 1000 / units,
            f"{name}cpu_share": cpu / wall,
            f"{name}server_busy": server / wall,
        }
