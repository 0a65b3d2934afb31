"""Run the benchmark: every case, every subject, each in a fresh process, the libraries in turn.

    python -m bench.run full      everything; writes bench/results/*.json and docs/benchmarks.md
    python -m bench.run quick     under 90 seconds; one line a target, compared with the committed results

Strategy: client processes run on the first core, the server on the last. A round runs every subject once, so that whatever else the
machine does falls on all of them; a figure is the median over the rounds. The quick form does the cases of one subject in one
process, since starting the official SDK costs more than most of its work here.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from bench import judge
from bench.case import Case
from bench.worker import load

CASES: Final = (
    "imports", "first", "plain", "concurrent", "eager", "burst", "coalesced", "paced",
    "tool", "prose", "many", "tls", "image", "history", "making", "parallel", "streamed", "turns", "usage", "asked",
)  # fmt: skip
ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = {"llm": ROOT / "bench" / ".venv-llm" / "bin"}
"""Where a command is that has an environment of its own."""

ROUNDS: Final = {"quick": 2, "full": 5}
LIMIT: Final = 180
"""The most that one process may take, in seconds; it is killed then."""

QUICK_LIMIT: Final = 85
"""The most that the quick form's rounds may take, in seconds."""

Samples = dict[str, dict[str, dict[str, list[float]]]]
"""Case, subject, metric, samples."""


class Server:
    """The server process and its ports."""

    def __init__(self, folder: Path) -> None:
        import trustme

        self.home = str(folder / "home")
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        self.ca_file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        command = [sys.executable, "-m", "bench.server", str(folder / "server.pem")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdout is not None
        self.port, self.tls_port = self._process.stdout.readline().decode().split()

    def close(self) -> None:
        """Stop it."""
        self._process.communicate()


def spawn(command: list[str], *, program: bool, **variables: str) -> dict[str, Any]:
    """Run one process; return what it printed last, and for a program when it printed first and what the kernel says that it used."""
    environment = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # every library is run from its compiled files
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **variables}
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment)
    assert process.stdout is not None
    watch = threading.Timer(LIMIT, process.kill)
    watch.daemon = True
    watch.start()
    output = process.stdout.read(1).decode()  # ASCII, as all that is printed
    first = time.perf_counter() - started
    output += process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    watch.cancel()
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    result: dict[str, Any] = {}
    if output.lstrip().startswith("{"):
        result = json.loads(output.splitlines()[-1])
    if program:
        result |= {"process_cpu_ms": 1000 * (used.ru_utime + used.ru_stime), "process_wall_ms": 1000 * wall}
        result |= {"first_byte_ms": 1000 * first} if output else {}
    return result


def run_script(case: Case, subject: str, server: Server) -> dict[str, float]:
    """Run a whole program once; a command finds the server, a key and a home of its own in the environment."""
    url = f"http://127.0.0.1:{server.port}{case.path}"
    code = case.scripts[subject].replace("URL", url)
    if code.startswith("argv:"):
        name, *arguments = code.removeprefix("argv:").split()
        command = [str(PROGRAMS.get(name, Path(sys.executable).parent) / name), *arguments]
        return spawn(command, program=True, HOME=server.home, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="sk-ant-bench")
    return spawn([sys.executable, "-c", code], program=True)


def run_work(subject: str, cases: list[str], scale: str, server: Server) -> dict[str, dict[str, float]]:
    """Do one subject's work of some cases in one fresh process."""
    arguments = [subject, scale, server.port, server.tls_port, server.ca_file, *cases]
    return spawn([sys.executable, "-m", "bench.worker", *arguments], program=False)


ALONE: Final = {"eager", "many", "tls"}
"""Cases that change their process, or whose memory or time is the whole process's: never together with others."""


def plan(cases: list[Case], scale: str) -> list[tuple[str, list[str]]]:
    """Return the work processes of one round: a subject, and its cases."""
    subjects = dict.fromkeys(subject for case in cases for subject in case.subjects() if subject not in case.scripts)
    steps = []
    for subject in subjects:
        names = [case.name for case in cases if subject in case.subjects() and not case.scripts]
        together = [] if scale == "full" else [name for name in names if name not in ALONE]
        steps += ([(subject, together)] if together else []) + [(subject, [n]) for n in names if n not in together]
    return steps


def quick_subjects(case: Case) -> set[str]:
    """Return the subjects that the case's targets speak of."""
    found = {name for target in case.targets for name in (target.subject, target.against) if name}
    return found | ({"floor"} if case.name == "imports" else set())


def measure(names: list[str], scale: str, rounds: int) -> Samples:
    """Run the rounds."""
    samples: Samples = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    compileall.compile_dir(ROOT / "src", quiet=1)
    cases = [load(name) for name in names]
    steps = plan(cases, scale)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            for number in range(rounds):
                for case in cases:
                    for subject in case.scripts:
                        if scale == "full" or subject in quick_subjects(case):
                            _add(samples, subject, {case.name: run_script(case, subject, server)})
                for subject, group in steps:
                    chosen = [name for name in group if scale == "full" or _is_due(load(name), subject, number)]
                    if chosen:
                        _add(samples, subject, run_work(subject, chosen, scale, server))
                print(f"round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
                if scale == "quick" and (time.monotonic() - started) * (number + 2) / (number + 1) > QUICK_LIMIT:
                    break  # the machine is busy: one round more would take too long
        finally:
            server.close()
    floor = samples.get("imports", {}).get("floor", {}).get("resident_mb")
    for metrics in samples.get("imports", {}).values():
        metrics["above_mb"] = [value - judge.median(floor or [0.0]) for value in metrics["resident_mb"]]
    return samples


def _is_due(case: Case, subject: str, number: int) -> bool:
    """Whether the quick form does this in this round: what takes seconds, once."""
    return subject in quick_subjects(case) and (number == 0 or case.name not in {"tool", "many", "tls", "paced"})


def _add(samples: Samples, subject: str, results: dict[str, dict[str, float]]) -> None:
    for case, metrics in results.items():
        for name, value in metrics.items():
            samples[case][subject][name].append(value)


def calibration() -> float:
    """Return the CPU time of a fixed piece of work, in milliseconds: what an absolute figure is read against."""
    text = json.dumps([{"index": number, "text": "x" * 20} for number in range(1000)])
    begun = time.process_time()
    for _ in range(200):
        json.loads(text)
    return round((time.process_time() - begun) * 1000, 1)


def environment() -> dict[str, Any]:
    """Return what the figures were measured with."""
    packages = (
        "keybearer",
        "anthropic",
        "pydantic-ai-slim",
        "llm",
        "aiohttp",
        "httpx2",
        "msgspec",
        "uvloop",
    )
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "calibration_ms": calibration(),
        "packages": {name: importlib.metadata.version(name) for name in packages},
    }


def main() -> int:
    """Run one form."""
    parser = argparse.ArgumentParser(prog="python -m bench.run")
    parser.add_argument("form", choices=("quick", "full"))
    parser.add_argument("cases", nargs="*", help="only these cases")
    parser.add_argument(
        "--write", action="store_true", help="write the results of these cases beside the committed ones"
    )
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--rows", action="store_true", help="print every figure")
    arguments = parser.parse_args()
    known = environment()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {0})
    started = time.monotonic()
    names = arguments.cases or [name for name in CASES if arguments.form == "full" or load(name).quick]
    samples = measure(names, arguments.form, arguments.rounds or ROUNDS[arguments.form])
    results = judge.results(samples, known, [load(name) for name in names])
    judge.show(results, judge.committed(ROOT / "bench" / "results"))
    if arguments.rows:
        judge.show_rows(results)
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    if arguments.write or (arguments.form == "full" and not arguments.cases):
        from bench import report

        folder = ROOT / "bench" / "results"
        whole = judge.beside_committed(results, folder, CASES) if arguments.cases else results
        judge.write(whole, folder)
        report.write(whole, [load(name) for name in CASES], ROOT / "docs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
