"""What the ledger with costs, and the cache's report, add to the caller's CPU of a request with 20 turns: `python bench/money.py`.

The server is a process of its own, which answers at once and says that all but the last turn was read from the cache. Requests
without and with the ledger go over one client in turns of a random order, and so do those without and with the report, so that other
load on the machine meets both alike, and what differs between two clients, such as where their objects lie in memory, is in no figure
(it moved one by 2 %). A figure is the mean of the lower quartiles of several processes, for the same reason. A request with a ledger
is followed by `message.cost`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from msgspec import structs

from keybearer import Client

EXCHANGES: Final = 9
PROCESSES: Final = 6
WARM: Final = 200
TEXT: Final = "what comes next, and why does it matter to the reader of these notes? " * 8
PREFIX: Final = 6000
GROWTH: Final = 100
"""How many tokens each request adds to what the server says that it has cached."""


def serve(listener: socket.socket) -> None:
    """Answer every request of each connection."""
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    held, prefix = b"", 0
    while True:
        head, found, held = held.partition(b"\r\n\r\n")
        if not found:
            more = connection.recv(1 << 20)
            if not more:
                return
            held = head + more
            continue
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(held) < length:
            held += connection.recv(1 << 20)
        held = held[length:]
        read, prefix = prefix, max(prefix, PREFIX) + GROWTH
        connection.sendall(_reply(read, prefix - read))


def _reply(read: int, written: int) -> bytes:
    usage = {
        "input_tokens": 3,
        "output_tokens": 40,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "service_tier": "standard",
    }
    message = {
        "id": "msg_bench",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": "The quick brown fox. " * 8}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }
    body = json.dumps(message).encode()
    head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_bench\r\ndate: Thu, 26 Nov 2026 10:00:00 GMT\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def turns(first: str) -> list[dict[str, Any]]:
    """Return the turns that a conversation begins with."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": first}]
    for number in range(EXCHANGES):
        messages += [
            {"role": "assistant", "content": [{"type": "text", "text": f"Line {number}: {TEXT}"}]},
            {"role": "user", "content": f"Line {number}: {TEXT}"},
        ]
    return messages


class Subject:
    """Requests that are measured.

    Args:
        client: The client.
        switch: Turns what is measured on or off.
        ask: More arguments of each request.
        read_cost: Whether each message's cost is read.
    """

    def __init__(
        self, client: Client, switch: Callable[[], None], ask: dict[str, Any], *, read_cost: bool = False
    ) -> None:
        self._client, self._switch, self._ask, self._read_cost = client, switch, ask, read_cost
        self._begin = turns("The task.")
        self.taken: list[float] = []

    def send(self, number: int) -> None:
        """Send a request, and keep the CPU time of this thread, in microseconds."""
        self._switch()
        more = [{"role": "assistant", "content": "Done."}, {"role": "user", "content": f"And {number}?"}]
        messages = [*self._begin, *more]
        begun = time.thread_time_ns()
        message = self._client.messages.create(model="claude-haiku-4-5", max_tokens=100, messages=messages, **self._ask)
        if self._read_cost:
            assert message.cost.usd
        self.taken.append((time.thread_time_ns() - begun) / 1000)


def measure(requests: int) -> dict[str, float]:
    """Return the lower quartiles of one process, in microseconds."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
    process.start()
    options: Any = {"api_key": "sk-ant-bench", "base_url": f"http://127.0.0.1:{listener.getsockname()[1]}"}
    mark = {"cache_control": {"type": "ephemeral"}}
    with (
        tempfile.TemporaryDirectory() as folder,
        Client(**options, ledger=Path(folder) / "spend.db") as kept,
        Client(**options) as watched,
    ):
        # No option turns either off for one request.
        usage, defaults = kept._settings.exchange.usage, watched._settings.defaults  # noqa: SLF001
        add_row, watch = usage._add_row, defaults.cache_watch  # noqa: SLF001
        subjects = {
            "plain": Subject(kept, lambda: setattr(usage, "_add_row", None), {}),
            "ledger and cost": Subject(kept, lambda: setattr(usage, "_add_row", add_row), {}, read_cost=True),
            "marked": Subject(watched, lambda: structs.force_setattr(defaults, "cache_watch", None), mark),
            "cache report": Subject(watched, lambda: structs.force_setattr(defaults, "cache_watch", watch), mark),
        }
        draw = random.Random(1)  # noqa: S311 - the order of requests
        for number in range(requests + WARM):
            for subject in draw.sample(list(subjects.values()), len(subjects)):
                subject.send(number)
    process.terminate()
    return {name: statistics.quantiles(each.taken[WARM:])[0] for name, each in subjects.items()}


def main() -> int:
    """Print the figures as JSON; return 1 where one of them adds more than a tenth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=800, help="how many of each kind, in each process")
    parser.add_argument("--alone", action="store_true", help="measure in this process, and print its figures")
    given = parser.parse_args()
    if given.alone:
        sys.stdout.write(json.dumps(measure(given.requests)))
        return 0
    command = [sys.executable, __file__, "--alone", "--requests", str(given.requests)]
    each = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(PROCESSES)]
    figures = {name: statistics.fmean(one[name] for one in each) for name in each[0]}
    shares = {
        "ledger and cost": figures["ledger and cost"] / figures["plain"] - 1,
        "cache report": figures["cache report"] / figures["marked"] - 1,
    }
    found = {
        "cpu_us": {name: round(value, 1) for name, value in figures.items()},
        "adds": {n: round(s, 4) for n, s in shares.items()},
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return int(max(shares.values()) > 0.1)


if __name__ == "__main__":
    sys.exit(main())
