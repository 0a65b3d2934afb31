"""How much the simulator serves: requests and events a second, and its own CPU time for each.

    python bench/simulator.py

`bench/simulator_beside.py` measures it beside other mocks, and its memory. A client of bare sockets, so that the server is
what is measured, against a server in a process of its own. CPU time is the server's, from the kernel, and does not depend on
what else the machine does; the rates do.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from typing import Any, NamedTuple

HEADER_LIMIT = 2**22
TICKS = os.sysconf("SC_CLK_TCK")


class Case(NamedTuple):
    """One thing to measure."""

    label: str
    prompt: str
    stream: bool
    connections: int
    requests: int


LONG_PROMPT = "The fox reads about 42 things in Paris. " * 2_000
CASES = (
    Case("plain, one connection", "Hello", False, 1, 1_000),
    Case("plain, 100 connections", "Hello", False, 100, 3_000),
    Case("plain, prompt of 80 KB", LONG_PROMPT, False, 100, 1_000),
    Case("stream of 10,000 deltas", "Write 30000 words", True, 1, 20),
    Case("short streams, 100 connections", "Hello", True, 100, 2_000),
)


def make_request(case: Case, key: str, *, path: str = "/v1/messages") -> bytes:
    """Write a case's HTTP request."""
    content = [{"role": "user", "content": case.prompt}]
    body = {"model": "claude-haiku-4-5", "max_tokens": 64_000, "stream": case.stream, "messages": content}
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {key}\r\nanthropic-version: 2026-10-21\r\n"
        "content-type: application/json\r\n"
    )
    return f"{head}content-length: {len(data)}\r\n\r\n".encode() + data


async def read_reply(reader: asyncio.StreamReader) -> bytes:
    """Read one reply, with a length or chunked."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200 "), head
    if b"content-length: " in head:
        return await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readexactly(2)
    return b"".join(parts)


async def drive(case: Case, port: int, request: bytes) -> int:
    """Send a case's requests, and count the events that came."""

    async def one(count: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=HEADER_LIMIT)
        events = 0
        for _ in range(count):
            writer.write(request)
            events += (await read_reply(reader)).count(b"event: ")
        writer.close()
        return events

    share = case.requests // case.connections
    return sum(await asyncio.gather(*(one(share) for _ in range(case.connections))))


def cpu_seconds(pid: int) -> float:
    """Read a process's CPU time from the kernel."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123  # no file of ours
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> float:
    """Read a process's resident memory from the kernel, in MB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123  # no file of ours
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(*flags: str) -> None:
    """Start a server and print a line a case."""
    command = [sys.executable, "-m", "keybearer.simulator", "--quiet", "--exit-with-parent", *flags]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        print(f"  ready after {time.perf_counter() - begun:.2f} s")
        port = int(ready["base_url"].rsplit(":", 1)[1])
        for case in CASES:
            request = make_request(case, ready["api_key"])
            asyncio.run(drive(case._replace(requests=case.connections), port, request))  # warm
            cpu, wall = cpu_seconds(process.pid), time.perf_counter()
            events = asyncio.run(drive(case, port, request))
            cpu, wall = cpu_seconds(process.pid) - cpu, time.perf_counter() - wall
            per_event = f", {cpu / events * 1e6:6.2f} µs CPU an event, {events / wall:9,.0f} events/s" if events else ""
            print(
                f"  {case.label:32} {case.requests / wall:7,.0f} requests/s, {cpu / case.requests * 1e6:8,.0f} µs CPU each"
                + per_event
            )
        process.terminate()


def main() -> None:
    """Measure the simulator as it is, and with `--prerender`."""
    print("every request judged, answered and noted:")
    measure()
    print("pre-rendered (--prerender):")
    measure("--prerender")


if __name__ == "__main__":
    main()
