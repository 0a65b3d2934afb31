"""Runs with a journal whose process is killed at random moments and started again, until they end.

    python tests/support/killed_runs.py KILLS      counts to that many kills; fails when a tool ran twice or a run was lost

Strategy: a process that has imported everything forks one for each try. The tools append the id of their call to a file beside
the journal, so what has really run is known whatever the journal says.
Contract: no thread is alive where it forks; the simulator runs in the process above.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

from keybearer import Client, ToolCall, tool
from keybearer.shell import tool_threads
from keybearer.simulator import Simulator
from keybearer.tools.state import RunState

__all__ = ["Count", "kill_runs"]

TURNS: Final = 4
CALLS: Final = 3


class Count(NamedTuple):
    """What came of the runs.

    Attributes:
        kills: How many processes were killed.
        runs: How many runs there were.
        twice: The ids of the calls whose tool ran twice.
        lost: The runs that did not end whole: a reply, an outcome or a call that ran is missing.
        unknown: How many calls ended with an outcome that nobody knows.
    """

    kills: int
    runs: int
    twice: list[str]
    lost: list[str]
    unknown: int


def kill_runs(kills: int, seed: int, folder: Path) -> Count:
    """Kill runs at random moments until there were so many kills, every other run eager; let each end.

    Args:
        kills: How many kills at least.
        seed: Of the random moments.
        folder: Where the journals are written.
    """
    with Simulator() as sim:
        sim.script({"tool_use": [{"name": "work", "input": {"step": n}} for n in range(CALLS)]}, times=None)
        command = [sys.executable, __file__, sim.base_url, sim.api_key, str(kills), str(seed), str(folder)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60 + kills)  # noqa: S603 - this file
    killed: int = json.loads(done.stdout)
    journals = sorted(folder.glob("*.jsonl"))
    twice: list[str] = []
    lost: list[str] = []
    unknown = 0
    for path in journals:
        state = RunState.load(path.read_bytes())
        ran = path.with_suffix(".ran").read_text().split()
        twice += sorted({id_ for id_ in ran if ran.count(id_) > 1})
        endings = {id_: each.ending.value for turn in state.turns for id_, each in turn.outcomes.items()}
        unknown += list(endings.values()).count("unknown")
        called = {call.id for turn in state.turns for call in turn.calls}
        done_ids = {id_ for id_, ending in endings.items() if ending == "done"}
        whole = state.ended == "max_turns" and len(state.turns) == TURNS and endings.keys() == called
        if not (whole and done_ids <= set(ran) <= called):
            lost.append(path.name)
    return Count(killed, len(journals), twice, lost, unknown)


def _run(url: str, key: str, path: Path, *, eager: bool) -> None:
    ran = os.open(path.with_suffix(".ran"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    @tool
    def work(step: int, call: ToolCall) -> str:
        """Work."""
        os.write(ran, call.id.encode() + b"\n")
        time.sleep(0.001)
        return str(step)

    params: dict[str, Any] = {"max_tokens": 300, "messages": [{"role": "user", "content": "Work."}]}
    with Client(base_url=url, api_key=key, model="claude-haiku-4-5") as client:
        client.messages.run(tools=[work], journal=path, max_turns=TURNS, run_tools_eagerly=eager, **params)


def _forked(url: str, key: str, path: Path, *, eager: bool) -> int:
    if process := os.fork():
        return process
    code = 1
    try:
        _run(url, key, path, eager=eager)
        code = 0
    finally:
        os._exit(code)


def _main(url: str, key: str, kills: int, seed: int, folder: Path) -> int:
    vars(tool_threads)["IDLE"] = 0.01  # the threads of tools end soon
    chance, killed, number = random.Random(seed), 0, 0  # noqa: S311 - moments, no secrets
    for name in ("first", "second"):  # what is imported at the first run is here in every fork
        begun = time.monotonic()
        _run(url, key, folder / name, eager=True)
        longest = time.monotonic() - begun
    for thread in threading.enumerate():
        if thread.name in {tool_threads.WORKING, tool_threads.WAITING}:
            thread.join()
    if threading.active_count() > 1:
        raise SystemExit("a thread is alive: a fork would not be safe")
    while killed < kills:
        path = folder / f"{number:05}.jsonl"
        eager = bool(number % 2)
        for last in (*[False] * chance.randint(1, 6), True):
            process = _forked(url, key, path, eager=eager)
            if not last:
                time.sleep(chance.uniform(0, longest))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            killed += code == -signal.SIGKILL
            if code > 0:
                raise SystemExit(f"{path.name} failed with {code}")
        number += 1
    return killed


if __name__ == "__main__":
    if len(sys.argv) == 2:
        with tempfile.TemporaryDirectory() as place:
            count = kill_runs(int(sys.argv[1]), 1, Path(place))
        sys.stdout.write(json.dumps(count._asdict()) + "\n")
        sys.exit(bool(count.twice or count.lost or count.kills < int(sys.argv[1])))
    url, key, kills, seed, folder = sys.argv[1:]
    sys.stdout.write(str(_main(url, key, int(kills), int(seed), Path(folder))))
