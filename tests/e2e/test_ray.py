"""Bulk jobs on a real Ray: the same results as without it, and nothing that was finished is paid for twice after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.running import HERE, ROOT, python_of, run
from keybearer.simulator import Simulator

JOB = HERE / "ray" / "job.py"
ROWS = 150


def around(sim: Simulator, home: Path) -> dict[str, str]:
    """Return the environment of a job."""
    return {
        "ANTHROPIC_BASE_URL": sim.base_url,
        "ANTHROPIC_API_KEY": sim.api_key,
        "HOME": str(home),
        "PYTHONPATH": f"{ROOT / 'src'}:{JOB.parent}",
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def results(output: Path) -> dict[int, dict[str, Any]]:
    """Return the results by row."""
    return {line["id"]: line for line in map(json.loads, output.read_text().splitlines())}


def asked(sim: Simulator) -> Counter[str]:
    """Return how often each row was asked for."""
    return Counter(json.loads(each.body)["messages"][0]["content"] for each in sim.requests)


def test_the_same_rows_give_the_same_results(tmp_path: Path) -> None:
    """As the engine local gives them; each row is sent once, and nothing in a run that follows."""
    found = {}
    for engine in ("ray", "local"):
        with Simulator() as sim:
            output = tmp_path / f"{engine}.jsonl"
            done = json.loads(
                run(python_of("ray"), JOB, output, str(ROWS), engine, cwd=tmp_path, environment=around(sim, tmp_path))
            )
            assert (done["rows"], done["succeeded"], done["failed"]) == (ROWS, ROWS, 0)
            assert set(asked(sim).values()) == {1}
            found[engine] = results(output)
    assert found["ray"].keys() == found["local"].keys() == set(range(ROWS))
    for number, by_ray in found["ray"].items():
        local = found["local"][number]
        assert (by_ray["key"], by_ray["text"], by_ray["cost_usd"]) == (local["key"], local["text"], local["cost_usd"])
        assert by_ray["message"]["usage"] == local["message"]["usage"]


@pytest.mark.parametrize("victim", ["an actor", "the job"])
def test_a_process_that_is_killed(tmp_path: Path, victim: str) -> None:
    """All rows have a result in the end; only those that were under way when it was killed may have been sent twice."""
    output = tmp_path / "out.jsonl"
    command = [str(python_of("ray")), str(JOB), str(output), str(ROWS), "ray"]
    with Simulator(time_to_first_token=0.3) as sim:
        environment = {**os.environ, **around(sim, tmp_path)}
        job = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - our own
        wait_for(lambda: len(sim.requests) >= 40 and spooled(output))
        pids = [each for each in below(job.pid) if "RayWorker" in name_of(each)] if victim == "an actor" else [job.pid]
        kept = spooled(output)
        assert pids
        os.kill(pids[0], signal.SIGKILL)
        job.communicate(timeout=300)
        if victim == "the job":
            again = run(*command, cwd=tmp_path, environment=around(sim, tmp_path))
            assert json.loads(again)["passed"] >= len(kept)
        else:
            assert job.returncode == 0
        times = asked(sim)
    assert results(output).keys() == set(range(ROWS))
    assert {key: times[f"Say row {key}"] for key in kept} == dict.fromkeys(kept, 1)
    assert sum(times.values()) - ROWS <= 32  # as many as may be under way


def spooled(output: Path) -> set[int]:
    """Return the rows whose results are written somewhere."""
    files = [output, *(output.with_name(f"{output.name}.journal") / "blocks").glob("*.jsonl")]
    lines = [line for path in files if path.exists() for line in path.read_bytes().splitlines(keepends=True)]
    return {json.loads(line)["id"] for line in lines if line.endswith(b"\n")}


def wait_for(reached: Callable[[], object]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 300
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.02)


def below(pid: int) -> Iterator[int]:
    """Give the processes that a process has started, and those that they have."""
    parents = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(each.parent.name)] = int(each.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while new := {each for each, parent in parents.items() if parent in found} - found:
        found |= new
        yield from new


def name_of(pid: int) -> str:
    """Return what a process calls itself."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
