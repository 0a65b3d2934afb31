"""What observers and telemetry add to the caller's CPU of a request: `python -m bench.telemetry`.

The transport is a function that answers at once, so that nothing is measured but the client. The kinds take turns in a random order,
and a figure is the median of several processes' lower quartiles, so that other load on the machine meets all alike. The limit of 3 us
is for the machine of docs/benchmarks.md; on a slower one it is as much more as decoding JSON takes there (the calibration).
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from bench.run import calibration
from msgspec import structs

from keybearer import Client
from keybearer.types.http import Headers, Reply, Request

PROCESSES: Final = 6
WARM: Final = 300
LIMIT: Final = 3.0
"""What a call may take more where no provider is set, in microseconds."""

CALIBRATION: Final = 160.4
"""The calibration of docs/benchmarks.md, in milliseconds."""

HEADERS: Final = Headers([("content-type", "application/json"), ("request-id", "req_bench")])
USAGE: Final = {"input_tokens": 3, "output_tokens": 40, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
MESSAGE: Final = {
    "id": "msg_bench",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "The quick brown fox. " * 8}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": USAGE,
}
BODY: Final = json.dumps(MESSAGE).encode()
ASK: Final[dict[str, Any]] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "What comes next?"}],
}


class AtOnce:
    """A transport that answers at once."""

    def send(self, request: Request) -> Reply:
        """Answer."""
        assert request.body
        return Reply(status=200, headers=HEADERS, body=BODY)

    def close(self) -> None:
        """Do nothing."""


def client(**options: Any) -> Client:
    """Return a client with that transport."""
    return Client(api_key="sk-ant-bench", transport=AtOnce(), **options)


def measure(requests: int) -> dict[str, float]:
    """Return the lower quartiles of one process, in microseconds."""
    without = client()
    exchange = without._settings.exchange  # noqa: SLF001 - no option takes the observers away
    structs.force_setattr(exchange, "observers", None)
    clients = {"no observers": without, "no provider": client()}
    taken = _timed(clients, requests)
    assert not [name for name in sys.modules if name.startswith("opentelemetry")]
    importlib.import_module("opentelemetry.trace")
    importlib.import_module("opentelemetry.metrics")
    taken |= _timed({"beside the API": without, "the API without a provider": client()}, requests)
    assert "opentelemetry.sdk" not in sys.modules
    return taken | _timed({"beside spans": without, "spans and metrics": _observed()}, requests)


def _observed() -> Client:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider

    from keybearer import Telemetry

    return client(observers=[Telemetry(TracerProvider(), MeterProvider([InMemoryMetricReader()]))])


def _timed(clients: dict[str, Client], requests: int) -> dict[str, float]:
    asks: dict[str, Callable[..., Any]] = {name: each.messages.create for name, each in clients.items()}
    taken: dict[str, list[float]] = {name: [] for name in asks}
    draw = random.Random(1)  # noqa: S311 - the order of requests
    for _ in range(requests + WARM):
        for name in draw.sample(list(asks), len(asks)):
            ask = asks[name]
            begun = time.thread_time_ns()
            ask(**ASK)
            taken[name].append((time.thread_time_ns() - begun) / 1000)
    return {name: statistics.quantiles(times[WARM:])[0] for name, times in taken.items()}


def main() -> int:
    """Print the figures as JSON; return 1 where a call takes too much more without a provider."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=3000, help="how many of each kind, in each process")
    parser.add_argument("--alone", action="store_true", help="measure in this process, and print its figures")
    given = parser.parse_args()
    if given.alone:
        sys.stdout.write(json.dumps(measure(given.requests)))
        return 0
    command = [sys.executable, "-m", "bench.telemetry", "--alone", "--requests", str(given.requests)]
    each = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(PROCESSES)]
    differences = {
        "no provider": [one["no provider"] - one["no observers"] for one in each],
        "the API without a provider": [one["the API without a provider"] - one["beside the API"] for one in each],
        "spans and metrics": [one["spans and metrics"] - one["beside spans"] for one in each],
    }
    adds = {name: statistics.median(values) for name, values in differences.items()}
    machine = calibration()
    limit = LIMIT * max(1.0, machine / CALIBRATION)
    found = {
        "cpu_us": {name: round(statistics.median(one[name] for one in each), 1) for name in each[0]},
        "adds_us": {name: round(value, 2) for name, value in adds.items()},
        "limit_us": round(limit, 1),
        "calibration_ms": round(machine, 1),
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return int(max(adds["no provider"], adds["the API without a provider"]) > limit)


if __name__ == "__main__":
    sys.exit(main())
