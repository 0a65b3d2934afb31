"""Whether a client can run for long: 300 streams at once while every fault strikes, and nothing grows.

    PYTHONPATH=tests python -m bench.soak --minutes 30 [--write]

Half of the streams are of `Client`, on threads, and half of `AsyncClient`; beside them each has some plain calls. The simulator, a
process of its own, strikes 5 % of the requests, with every fault that can strike a message. Some streams are left, and some calls
are cancelled.

The run is made of rounds. At the end of each, all calls end, and then memory, objects, descriptors, threads and tasks are taken. Over
the last two thirds of the rounds none may grow (`support/growth.py`); at the end, with the clients closed, descriptors, threads and
tasks must be what they were. Every call ends in its whole answer or in an error of keybearer, within its deadline.

It prints JSON, and fails when any of this does not hold, when the simulator has a finding about the client, or, in a run of 30
minutes, when a fault never struck.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import yaml
from bench.memory import resident_mb
from bench.soak_calls import DEADLINE, Machine, Outcomes, ask_async, ask_sync, options
from bench.soak_faults import profile

from keybearer import AsyncClient, Client
from support.growth import growth

ROOT: Final = Path(__file__).parent.parent
STREAMS: Final = 300
PLAIN: Final = 20
RATE: Final = 0.06
"""Of all requests; a sixth of the draws are for a phase that the reply does not have, so that 5 % are struck."""
WHOLE: Final = 30.0
"""Minutes of the whole run; a shorter one is a sample."""
ROUNDS: Final = 8
"""How many rounds there are at least."""
LONGEST: Final = 20.0
"""The most seconds of a round."""
BOUNDS: Final = {
    "heap_kb": 1_000.0,
    "memory_mb": 5.0,
    "objects": 2_000.0,
    "blocks": 5_000.0,
    "descriptors": 12.0,
    "threads": 3.0,
    "tasks": 3.0,
}
"""How much of each may be more at the end of the last two thirds.

Objects (that the garbage collector knows), blocks (of any object of Python) and the heap (what the C library has given out) are exact
but for the connections that are idle at the time: a leak of one object in thirty calls, or of six bytes a call, is above their bounds
in a whole run. Memory is what the system counts, in which free space that is scattered counts too."""
TUNED: Final = "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1"
"""How the C library is run: the free pieces that it otherwise keeps for each of the threads fill slowly, and count as used."""


class _MallocInfo(ctypes.Structure):
    """What glibc's mallinfo2 returns."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    )


def _heap_kb() -> float:
    """Give back what is free to the system; return what is in use of the C library's heap, 0 where it does not say."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.malloc_trim(0)
        library.mallinfo2.restype = _MallocInfo
        return float(library.mallinfo2().uordblks // 1024)
    return 0.0


def _look() -> dict[str, float]:
    for _ in range(3):
        gc.collect()
    return {
        "heap_kb": _heap_kb(),
        "memory_mb": round(resident_mb(), 2),
        "objects": len(gc.get_objects()),
        "blocks": sys.getallocatedblocks(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "tasks": len(asyncio.all_tasks()),
    }


@contextlib.contextmanager
def _simulator() -> Iterator[tuple[dict[str, Any], int]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "soak.yaml"
        file.write_text(yaml.safe_dump(profile(RATE)))
        command = [sys.executable, "-m", "keybearer", "simulate", "--chaos", str(file), "--quiet", "--exit-with-parent"]
        paced = ["--tokens-per-second", "10", "--chunking", "event"]
        process = subprocess.Popen([*command, *paced], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline()), process.pid
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _admin(ready: dict[str, Any], page: str) -> Any:
    asked = urllib.request.Request(ready["base_url"] + page, headers={"x-sim-token": ready["token"]})  # noqa: S310 - loopback
    with urllib.request.urlopen(asked, timeout=60) as reply:  # noqa: S310
        return json.load(reply)


class Soak:
    """The callers of both clients.

    Args:
        client: The client of the threads.
        async_client: The client of the tasks.
        threads: The threads, of which each caller of `client` has one.
        outcomes: Takes how the calls end.
    """

    def __init__(
        self, client: Client, async_client: AsyncClient, threads: ThreadPoolExecutor, outcomes: Outcomes
    ) -> None:
        self._client, self._async_client, self._threads = client, async_client, threads
        self.outcomes = outcomes

    def log(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what would be logged of the event loop: nothing of a call may end there."""
        self.outcomes.report(f"logged by the event loop: {context['message']}: {context.get('exception')!r}")

    async def round(self, seconds: float) -> None:
        """Call for some seconds, and then until every call has ended."""
        until = time.monotonic() + seconds
        loop = asyncio.get_running_loop()
        half = (STREAMS + PLAIN) // 2
        await asyncio.gather(
            *(self._call_async(until, streamed=each >= PLAIN // 2) for each in range(half)),
            *(loop.run_in_executor(self._threads, self._call_sync, until, each >= PLAIN // 2) for each in range(half)),
        )

    async def _call_async(self, until: float, *, streamed: bool) -> None:
        while time.monotonic() < until:
            await ask_async(self._async_client, self.outcomes, streamed=streamed)

    def _call_sync(self, until: float, streamed: bool) -> None:
        while time.monotonic() < until:
            ask_sync(self._client, self.outcomes, streamed=streamed)


async def soak(minutes: float, ready: dict[str, Any]) -> dict[str, Any]:
    """Run; return what was seen."""
    begun = time.monotonic()
    seconds = min(LONGEST, minutes * 60 / ROUNDS)
    rounds: list[dict[str, float]] = []
    gc.collect()
    at_first = _look()
    machine = Machine()
    machine.start()
    given = options(ready["base_url"], ready["api_key"])
    with ThreadPoolExecutor((STREAMS + PLAIN) // 2) as threads, Client(**given) as client:
        async with AsyncClient(**given) as async_client:
            callers = Soak(client, async_client, threads, Outcomes(machine))
            asyncio.get_running_loop().set_exception_handler(callers.log)
            while time.monotonic() - begun < minutes * 60 - seconds / 2 or len(rounds) < ROUNDS // 2:
                await callers.round(seconds)
                rounds.append(_look())
                print(
                    f"{time.monotonic() - begun:6.0f} s",
                    rounds[-1],
                    dict(callers.outcomes.ends),
                    file=sys.stderr,
                    flush=True,
                )
    machine.end()
    await asyncio.get_running_loop().shutdown_default_executor()  # its threads are the loop's own
    at_last = _look()
    return {
        "seconds": round(time.monotonic() - begun),
        "streams_at_once": STREAMS,
        "plain_calls_at_once": PLAIN,
        "calls": sum(count for how, count in callers.outcomes.ends.items() if how != "wrong"),
        "ends": dict(callers.outcomes.ends.most_common()),
        "slowest_seconds": round(callers.outcomes.slowest, 1),
        "deadline_seconds": DEADLINE,
        "machine_stood_still_seconds": round(machine.lost, 1),
        "growth": {name: round(growth([each[name] for each in rounds]), 2) for name in BOUNDS},
        "rounds": {name: [each[name] for each in rounds] for name in BOUNDS},
        "left_over": {name: at_last[name] - at_first[name] for name in ("descriptors", "threads", "tasks")},
        "wrong": callers.outcomes.wrong,
    }


def problems(result: dict[str, Any], *, whole: bool) -> list[str]:
    """Return what does not hold, in words."""
    grown = [
        f"{name} grew by {result['growth'][name]}, above {bound}"
        for name, bound in BOUNDS.items()
        if result["growth"][name] > bound
    ]
    left = [
        f"{count:g} more {name} when the clients are closed" for name, count in result["left_over"].items() if count > 0
    ]
    never = [f"never struck: {name}" for name, count in result["struck"].items() if whole and not count]
    return [*grown, *left, *never, *result["wrong"], *result["findings"]]


def main() -> int:
    """Run, print, and return whether it holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=WHOLE)
    parser.add_argument("--write", action="store_true", help="write bench/soak.json")
    args = parser.parse_args()
    if not Path("/proc/self/fd").exists():
        print("soak: it reads /proc, which only Linux has")
        return 0
    if os.environ.get("GLIBC_TUNABLES") != TUNED:  # it is read when a process starts
        command = [sys.executable, "-m", "bench.soak", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "GLIBC_TUNABLES": TUNED})  # noqa: S606 - this program again
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        del os.environ[name]
    logging.getLogger("keybearer").setLevel(logging.CRITICAL)
    with _simulator() as (ready, pid):
        result = asyncio.run(soak(args.minutes, ready))
        report = _admin(ready, "/_sim/chaos")
        result["struck"] = {each["name"]: each["struck"] for each in report["data"]}
        result["findings"] = [json.dumps(each) for each in _admin(ready, "/_sim/verdict")["data"]]
        result["simulator_mb"] = round(
            int((Path(f"/proc/{pid}/statm")).read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        )
    result["requests"] = report["requests"]
    result["share_struck"] = round(sum(result["struck"].values()) / report["requests"], 4)
    wrong = problems(result, whole=args.minutes >= WHOLE)
    result = {"holds": not wrong, **result}
    text = json.dumps(result, indent=1) + "\n"
    print(text, end="")
    if args.write:
        (ROOT / "bench" / "soak.json").write_text(text)
    for each in wrong:
        print("soak:", each, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
