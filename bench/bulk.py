"""Bulk jobs: rows a second, memory, kills, and the forecast of the cost.

    python -m bench.bulk --rows 1000000 --http 1000000 --kills 300 [--write]

Bookkeeping: an engine that answers at once, so that reading, keys, the journal and the output are what is measured, on one core.
HTTP: the same file to the prerendered simulator, sent by two processes. Kills: processes of `keybearer batch run` are killed at random
moments until a job is done, job after job; the simulator's requests say what was paid. Forecast: what the job expects after 1 % of
rows whose prompts and answers differ in length, beside what they cost.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.simulator import cpu_seconds

from keybearer import AsyncClient, bulk
from keybearer.bulk import BulkRequest, BulkResult
from keybearer.bulk.engines import EngineSetup
from keybearer.prices import cost
from keybearer.simulator import Simulator

ROOT: Final = Path(__file__).parent.parent
TEXTS: Final = 500
"""So many prompts differ: the prerendered simulator answers those that it has seen."""
SENDING: Final = 2
"""So many processes send over HTTP."""
MODEL: Final = "claude-haiku-4-5"
ASKED: Final[dict[str, Any]] = {"template": "Sum it up: {text}", "params": {"model": MODEL, "max_tokens": 100}}
WHOLE: Final = 1_000_000
JOB_ROWS: Final = 400
"""The rows of each job that is killed."""
MOST_SECONDS: Final = 1.5
"""A process is killed at a random moment before that."""


class InstantEngine:
    """Answers at once."""

    keeps_track = False
    marks_sent = True

    def __init__(self, setup: EngineSetup) -> None:
        self._mark = setup.journal.begin
        self._usage = {
            "input_tokens": 12,
            "output_tokens": 40,
            "cache_read_input_tokens": 0,
            "service_tier": "standard",
        }
        self._cost = cost(self._usage, MODEL)

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Answer, a few rows at a time, as they would finish."""
        async for requests in work:
            for at in range(0, len(requests), 8):
                yield [self._result(each) for each in requests[at : at + 8]]

    def _result(self, request: BulkRequest) -> BulkResult:
        self._mark([request.key])  # as the engine local does, a row at a time
        text = "It is short."
        message = {"id": "msg_1", "model": MODEL, "content": [{"type": "text", "text": text}], "usage": self._usage}
        return BulkResult(request.key, request.info, message=message, text=text, cost=self._cost, request_id="req_1")

    def stop(self) -> None:
        """Nothing is under way."""

    def unsent(self) -> Sequence[bytes]:
        """Return none."""
        return []

    def under_way(self) -> int:
        """Return none."""
        return 0

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return none."""
        return keys - keys


def write_rows(path: Path, rows: int) -> None:
    """Write the file of rows."""
    texts = [f"number {n}, " + "of which there is more to say, " * (n % 7) for n in range(TEXTS)]
    with path.open("w") as file:
        file.writelines(json.dumps({"id": n, "text": texts[n % TEXTS]}) + "\n" for n in range(rows))


def worker(rows: str, output: str, base_url: str, key: str) -> None:
    """Run a job in this process, and print its rate and memory; without a base URL at once."""
    if not base_url:
        os.sched_setaffinity(0, {0})
    os.environ["ANTHROPIC_API_KEY"] = key or "sk-ant-example"  # where the processes that send find it
    if base_url:
        os.environ["ANTHROPIC_BASE_URL"] = base_url
    client = AsyncClient(base_url=base_url or "http://127.0.0.1:9")
    options: dict[str, Any] = {"processes": SENDING} if base_url else {"engine": InstantEngine}
    begun, cpu = time.perf_counter(), time.process_time()
    summary = bulk.run(rows, output, client=client, **ASKED, **options)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    found = {"rows": summary.succeeded, "rows_per_second": round(summary.succeeded / seconds), "peak_mb": round(peak)}
    rates = {"rows_per_cpu_second": round(summary.succeeded / cpu), "seconds": round(seconds, 1)}
    found["sending_us"] = round(
        1e6 * (others.ru_utime + others.ru_stime) / summary.succeeded
    )  # of the processes that send, a row
    print(json.dumps(found | rates))


def measured(rows: int, folder: Path, base_url: str = "", key: str = "") -> dict[str, Any]:
    """Run a job in a process of its own."""
    write_rows(folder / "rows.jsonl", rows)
    output = folder / f"out-{bool(base_url)}.jsonl"
    command = [sys.executable, "-m", "bench.bulk", "--worker", str(folder / "rows.jsonl"), str(output), base_url, key]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def over_http(rows: int, folder: Path) -> dict[str, Any]:
    """Run a job whose requests several processes send to a prerendered simulator."""
    command = [sys.executable, "-m", "keybearer.simulator", "--quiet", "--exit-with-parent", "--prerender"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            found = measured(rows, folder, ready["base_url"], ready["api_key"])
            return found | {"server_busy": round(cpu_seconds(process.pid) / found["seconds"], 2)}
        finally:
            process.terminate()


def paid(sim: Simulator) -> Counter[str]:
    """Return how often each prompt was answered."""
    found: Counter[str] = Counter()
    for request in sim.requests:
        if request.path == "/v1/messages" and request.status == 200:
            found[json.loads(request.body)["messages"][0]["content"]] += 1
    return found


def finished(output: Path) -> set[str]:
    """Return the prompts of the rows that are finished; a line that was cut is none."""
    lines = output.read_bytes().split(b"\n")[:-1] if output.exists() else []
    return {f"Say row {json.loads(line)['id']}" for line in lines}


def killed(kills: int, seed: int) -> dict[str, Any]:
    """Kill processes at random moments until that many were killed, job after job."""
    random = Random(seed)  # noqa: S311 - no secret
    done: dict[str, Any] = {"kills": 0, "jobs": 0, "rows": 0, "lost": 0, "paid_twice": 0, "in_doubt_paid_twice": 0}
    while done["kills"] < kills:
        with tempfile.TemporaryDirectory() as name, Simulator() as sim:
            folder = Path(name)
            (folder / "rows.csv").write_text("id\n" + "".join(f"{n}\n" for n in range(JOB_ROWS)))
            environ = os.environ | {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key, "HOME": name}
            command = [
                sys.executable,
                "-m",
                "keybearer",
                "batch",
                "run",
                "rows.csv",
                "-o",
                "out.jsonl",
                "-p",
                "Say row {id}",
            ]
            again: set[str] = set()
            before: Counter[str] = Counter()
            while True:
                process = subprocess.Popen(
                    [*command, "--progress", "none", "-q", "--concurrency", "8"], cwd=folder, env=environ
                )
                try:
                    code = process.wait(random.uniform(0.3, MOST_SECONDS) if done["kills"] < kills else None)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    done["kills"] += 1
                    time.sleep(0.05)  # what had arrived is answered
                    done["paid_twice"] += len([text for text in again if before[text] < paid(sim)[text]])
                    again, before = finished(folder / "out.jsonl"), paid(sim)
                    continue
                assert code == 0, code
                break
            after = paid(sim)
            done["paid_twice"] += len([text for text in again if before[text] < after[text]])
            done["lost"] += JOB_ROWS - len(finished(folder / "out.jsonl"))
            done["in_doubt_paid_twice"] += sum(after.values()) - JOB_ROWS
            done["jobs"] += 1
            done["rows"] += JOB_ROWS
    return done


def forecast(rows: int, folder: Path, seed: int) -> dict[str, Any]:
    """Return what a job expects after 1 % of rows of very different lengths, and what they cost."""
    random = Random(seed)  # noqa: S311 - no secret
    source = folder / "mixed.jsonl"
    with source.open("w") as file:
        for n in range(rows):
            words = "word " * int(random.paretovariate(1.5) * 20)
            file.write(json.dumps({"id": n, "text": f"{n} {words[:20_000]}"}) + "\n")
    seen: list[tuple[float, float]] = []

    def look(progress: bulk.BulkProgress) -> None:
        if progress.rows and progress.expected_usd is not None:
            seen.append((progress.done / progress.rows, float(progress.expected_usd)))

    class Varied(InstantEngine):
        """Answers of different lengths, which have nothing to do with their prompts'."""

        def _result(self, request: BulkRequest) -> BulkResult:
            prompt = len(request.params["messages"][0]["content"]) // 4
            usage = {**self._usage, "input_tokens": prompt, "output_tokens": int(random.expovariate(1 / 150)) + 1}
            result = super()._result(request)
            assert result.message is not None
            return result._replace(message={**result.message, "usage": usage}, cost=cost(usage, MODEL))

    from keybearer.bulk import job_loop

    job_loop.TICK = 0.02  # type: ignore[misc]  # so that a look falls near 1 %
    client = AsyncClient(api_key="sk-ant-example")
    summary = bulk.run(source, folder / "mixed.out", client=client, engine=Varied, on_progress=look, **ASKED)
    share, expected = next(each for each in seen if each[0] >= 0.01)
    whole = float(summary.usd)
    return {
        "rows": rows,
        "share": round(share, 4),
        "expected": round(expected, 4),
        "cost": round(whole, 4),
        "off": round(expected / whole - 1, 4),
    }


def main() -> int:
    """Measure, print, and return whether the figures hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=4, metavar=("ROWS", "OUTPUT", "URL", "KEY"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--http", type=int, default=1_000_000)
    parser.add_argument("--forecast", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--write", action="store_true", help="write bench/bulk.json")
    parser.add_argument("--seed", type=int, default=19)
    args = parser.parse_args()
    if args.worker:
        worker(*args.worker)
        return 0
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.rows:
            found["bookkeeping"] = measured(args.rows, folder)
        if args.forecast:
            found["forecast"] = forecast(args.forecast, folder, args.seed)
        if args.kills:
            found["kills"] = killed(args.kills, args.seed)
        if args.http:
            found["http"] = over_http(args.http, folder)
    print(json.dumps(found, indent=1))
    if args.write:
        path = ROOT / "bench" / "bulk.json"
        before = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(before | found, indent=1) + "\n")
    kills, off = found.get("kills", {}), found.get("forecast", {}).get("off", 0)
    off = off if args.forecast >= WHOLE else 0  # 1 % of fewer rows is too few to say
    peaks = [found[part]["peak_mb"] for part in ("bookkeeping", "http") if part in found]
    return int(bool(kills.get("lost") or kills.get("paid_twice") or abs(off) > 0.05 or max(peaks, default=0) > 150))


if __name__ == "__main__":
    raise SystemExit(main())
