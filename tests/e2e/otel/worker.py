"""A program that uses keybearer as an agent does, and whose metrics Prometheus asks for: `worker.py PORT SECONDS`."""

import contextlib
import sys
import threading
import time

from opentelemetry import metrics
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import start_http_server

from keybearer import Client, KeybearerError, RetryPolicy, tool

ASK = {"max_tokens": 300, "messages": [{"role": "user", "content": "Write 60 words"}]}
RULES = [{"type": "text", "text": "Some rules. " * 3000, "cache_control": {"type": "ephemeral"}}]


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def work(client, soon, ends):
    while time.monotonic() < ends:
        client.messages.create(**ASK, system=RULES)
        with client.messages.stream(**ASK) as stream:
            stream.until_done()
        with client.messages.stream(**ASK) as stream:
            next(iter(stream))  # and left
        client.messages.run(
            tools=[add], max_tokens=300, messages=[{"role": "user", "content": "Add 12 and 30 with the tool."}]
        )
        with contextlib.suppress(KeybearerError):
            client.messages.create(**ASK, model="nobody-s", max_retries=0)
        with Client.from_config(
            "llm.yaml", model="claude-haiku-4-5", retry=soon
        ) as short_lived:  # its login has expired
            short_lived.messages.create(**ASK)


metrics.set_meter_provider(MeterProvider([PrometheusMetricReader()]))
server, thread = start_http_server(int(sys.argv[1]), addr="127.0.0.1")
ends = time.monotonic() + float(sys.argv[2])
soon = RetryPolicy(min_delay=0.001, max_delay=0.01)
with Client(model="claude-haiku-4-5", requests_per_second=100, concurrency=1, retry=soon) as client:
    threads = [threading.Thread(target=work, args=(client, soon, ends)) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
print("done", flush=True)
sys.stdin.readline()  # the metrics are there until somebody has looked
