"""The simulator beside two other mocks in one run: rates, start, the cost of a long prompt, and memory over many requests.

    python -m bench.simulator_beside            # installs the others below bench/.work, needs npm and the package index once
    python -m bench.simulator_beside --growth 0 --rounds 3

aimock (npm) and llmock (PyPI) check nothing of a request. llmock brings uvloop; the simulator uses it if it is installed, and is
measured with it and without. Each has its own defaults; aimock gets one fixture with an answer.
The rounds of the servers alternate, so that what else the machine does falls on all of them, and the median counts.
Writes bench/results/simulator.json.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.simulator import CASES, Case, cpu_seconds, drive, make_request, resident

UVLOOP = Path(__file__).parent / ".work" / "uvloop"
WORK = Path(__file__).parent / ".work" / "mocks"
RESULTS = Path(__file__).parent / "results" / "simulator.json"
AIMOCK, LLMOCK = "@copilotkit/aimock@1.43.0", "llmock==0.2.2"
ANSWERS = [
    {"match": {"userMessage": words}, "response": {"content": "Hello, what can I do for you?"}}
    for words in ("Hello", "fox")
]
HELLO, LONG = CASES[1]._replace(requests=2_000), CASES[2]._replace(requests=500)
PATIENCE_SECONDS = 60.0


class Mock(NamedTuple):
    """A server: how it is started, where it takes a message, and where it finds further packages."""

    name: str
    command: list[str]
    path: str = "/v1/messages"
    packages: str = ""


class Running(NamedTuple):
    """A server that runs: its process, its port, and the seconds until it answered."""

    mock: Mock
    pid: int
    port: int
    ready: float

    def run(self, case: Case) -> tuple[float, float]:
        """Drive it with a case; return the requests a second, and the server's CPU in microseconds each."""
        request = make_request(case, "sk-ant-sim-bench", path=self.mock.path)
        cpu, wall = cpu_seconds(self.pid), time.perf_counter()
        asyncio.run(drive(case, self.port, request))
        cpu, wall = cpu_seconds(self.pid) - cpu, time.perf_counter() - wall
        return case.requests / wall, cpu / case.requests * 1e6


def install() -> None:
    """Install the two others, unless they are there."""
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "fixtures.json").write_text(json.dumps({"fixtures": ANSWERS}), encoding="utf-8")
    if not (WORK / "node_modules").exists():
        subprocess.run(["npm", "install", "--silent", "--prefix", WORK, AIMOCK], check=True)  # noqa: S607  # from PATH
    if not (WORK / "venv").exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([WORK / "venv" / "bin" / "pip", "install", "--quiet", LLMOCK], check=True)
    if not UVLOOP.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(UVLOOP), "uvloop"]
        subprocess.run(pip, check=True)


def mocks() -> list[Mock]:
    """List the servers, each to listen on the port that follows its command."""
    aimock = WORK / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    ours = [sys.executable, "-m", "keybearer.simulator", "--quiet", "--port"]
    return [
        Mock("simulator", ours),
        Mock("simulator with uvloop", ours, packages=str(UVLOOP)),
        Mock("aimock", ["node", str(aimock), "--log-level", "silent", "-f", str(WORK / "fixtures.json"), "-p"]),
        Mock(
            "llmock", [str(WORK / "venv/bin/llmock"), "serve", "--log-level", "warning", "-p"], "/anthropic/v1/messages"
        ),
    ]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(mock: Mock) -> Iterator[Running]:
    """Start a server, wait until it has answered one request, and stop it at the end."""
    port, begun = free_port(), time.perf_counter()
    # An installed package is compiled. Some environments ask Python to keep no compiled code, and it would compile all at each start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = mock.packages
    process = subprocess.Popen(
        [*mock.command, str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        found = Running(mock, process.pid, port, 0.0)
        while True:
            with contextlib.suppress(OSError):
                found.run(HELLO._replace(requests=1, connections=1))
                break
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE_SECONDS:
                raise RuntimeError(f"{mock.name} did not start")
            time.sleep(0.005)
        yield found._replace(ready=time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait()


def measure_starts(rounds: int) -> dict[str, float]:
    """Start each server several times; return the median seconds to its first answer."""
    times: dict[str, list[float]] = {mock.name: [] for mock in mocks()}
    for _ in range(rounds):
        for mock in mocks():
            with running(mock) as server:
                times[mock.name].append(server.ready)
    return {name: statistics.median(each) for name, each in times.items()}


def measure_rates(servers: list[Running], rounds: int) -> dict[str, dict[str, float]]:
    """Drive the servers in turns; return the medians of each."""
    seen: dict[str, dict[str, list[float]]] = {server.mock.name: {} for server in servers}
    for server in servers:
        server.run(HELLO)  # warm
    for _ in range(rounds):
        for server in servers:
            for label, case in (("hello", HELLO), ("80 KB", LONG)):
                rate, cpu = server.run(case)
                seen[server.mock.name].setdefault(f"{label}: requests/s", []).append(rate)
                seen[server.mock.name].setdefault(f"{label}: µs CPU", []).append(cpu)
    return {name: {key: statistics.median(each) for key, each in keys.items()} for name, keys in seen.items()}


def measure_in_process() -> dict[str, float]:
    """Decide replies in this process, without HTTP; return the least microseconds of CPU each."""
    from keybearer.simulator.http.app import make_app
    from keybearer.simulator.http.connections import Connections
    from keybearer.simulator.options import Options
    from keybearer.simulator.state import State

    app = make_app(State(Options()), Connections())
    found = {}
    for label, case, count in (("hello", HELLO, 400), ("80 KB", LONG, 200)):
        head, _, body = make_request(case, "sk-ant-sim-bench").partition(b"\r\n\r\n")
        lines = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:]]
        scope = {"type": "http", "method": "POST", "path": "/v1/messages", "query_string": b"", "root_path": ""}
        scope |= {"headers": [(name, value) for name, value in lines], "client": ("127.0.0.1", 1)}

        async def one(scope: dict[str, Any] = scope, body: bytes = body, count: int = count) -> None:
            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message: Any) -> None:
                assert message.get("status", 200) == 200

            for _ in range(count):
                await app(dict(scope), receive, send)

        times = []
        for _ in range(7):
            begun = time.process_time()
            asyncio.run(one())
            times.append((time.process_time() - begun) / count * 1e6)
        found[label] = min(times)
    return found


def measure_growth(server: Running, requests: int) -> list[float]:
    """Send plain requests; return the resident megabytes before them, and after each fifth."""
    found = [resident(server.pid)]
    for _ in range(5):
        server.run(HELLO._replace(requests=requests // 5))
        found.append(resident(server.pid))
    return found


def targets(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Compare what was measured with what was promised: what, how much, and whether it is reached."""
    rates, starts, inside = found["rates"], found["starts"], found["in process"]
    ours, faster = rates["simulator"], rates["simulator with uvloop"]

    def times(label: str, value: float, limit: float, *, at_least: bool) -> tuple[str, str, bool]:
        return label, f"{value:.2f}", value >= limit if at_least else value <= limit

    rate, cpu = "hello: requests/s", "hello: µs CPU"
    found_targets = [
        times("rate beside llmock's, at least 3", ours[rate] / rates["llmock"][rate], 3, at_least=True),
        times("the same with uvloop, which llmock has", faster[rate] / rates["llmock"][rate], 3, at_least=True),
        times("rate beside aimock's, at least 0.5", ours[rate] / rates["aimock"][rate], 0.5, at_least=True),
        times(
            "CPU beside llmock's with uvloop, at most a third",
            faster[cpu] / rates["llmock"][cpu],
            1 / 3,
            at_least=False,
        ),
        times("CPU beside llmock's, at most a third", ours[cpu] / rates["llmock"][cpu], 1 / 3, at_least=False),
        times("CPU beside aimock's, at most 2", ours[cpu] / rates["aimock"][cpu], 2, at_least=False),
        times("80 KB beside hello, CPU, at most 2", ours["80 KB: µs CPU"] / ours["hello: µs CPU"], 2, at_least=False),
        times("80 KB beside hello, in process, at most 2", inside["80 KB"] / inside["hello"], 2, at_least=False),
        times("start beside aimock's, below 1", starts["simulator"] / starts["aimock"], 1, at_least=False),
        times("start beside llmock's, below 1", starts["simulator"] / starts["llmock"], 1, at_least=False),
    ]
    if memory := found["memory"]:  # the journal is full after 10,000 requests: the first fifth of 50,000
        grown = times(
            "memory after the last request beside the first fifth, at most 1.05",
            memory[-1] / memory[1],
            1.05,
            at_least=False,
        )
        found_targets.append(grown)
    return found_targets


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--growth", type=int, default=50_000, help="plain requests over which the memory is watched")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measurement")
    options = parser.parse_args()
    install()
    found: dict[str, Any] = {
        "environment": {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "others": [AIMOCK, LLMOCK],
        "starts": measure_starts(options.rounds),
    }
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(mock)) for mock in mocks()]
        found["rates"] = measure_rates(servers, options.rounds)
        found["memory"] = measure_growth(servers[0], options.growth) if options.growth else []
    found["in process"] = measure_in_process()
    found["targets"] = [list(each) for each in targets(found)]
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2, ensure_ascii=False))
    for label, value, reached in targets(found):
        print(f"{label:75} {value:>8} {'reached' if reached else 'MISSED'}")


if __name__ == "__main__":
    main()
