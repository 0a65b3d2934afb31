"""The dashboard of examples/telemetry, against a real Prometheus that asks a real program for its metrics."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.running import HERE, QUIET, ROOT, python_of
from keybearer.simulator import Simulator

DASHBOARD: dict[str, Any] = json.loads((ROOT / "examples" / "telemetry" / "dashboard.json").read_text())
VARIABLES = {"$__rate_interval": "4s", "$__range": "1m", "$model": ".*"}
WORKING = 12.0
"""How long the program works, in seconds."""

CONFIG = """
global: {{scrape_interval: 500ms, evaluation_interval: 500ms}}
scrape_configs:
  - job_name: worker
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def queries() -> list[tuple[str, str]]:
    """Return the title of each panel with each of its queries, as Grafana asks them."""
    found = []
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            query = target["expr"]
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            found.append((panel["title"], query))
    return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ask(port: int, query: str) -> list[float]:
    """Return the values of a query."""
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(url, timeout=10) as reply:
        said = json.load(reply)
    assert said["status"] == "success", said
    return [float(each["value"][1]) for each in said["data"]["result"]]


def is_data(values: list[float]) -> bool:
    """Return whether there is a number among the values."""
    return any(value == value and value != float("inf") for value in values)  # noqa: PLR0124 - NaN


def lost(ours: Any, theirs: Any, where: str = "") -> Iterator[str]:
    """Give the paths of what is not in the other value, or differs there; there may be more in that."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from lost(value, theirs.get(key), f"{where}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from lost(one, other, f"{where}[{number}]")
    elif ours != theirs:
        yield where


def test_grafana_reads_the_dashboard() -> None:
    """The models that Grafana publishes know every key of it, and each value is of the type that they want."""
    command = [python_of("otel"), HERE / "otel" / "dashboard.py", ROOT / "examples" / "telemetry" / "dashboard.json"]
    read = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603 - our own
    assert list(lost(DASHBOARD, read)) == []
    assert list(lost({"panels": [{"title": "x", "tpye": 1}]}, {"panels": [{"title": "x"}]})) == [".panels[0].tpye"]


def test_every_panel_has_data(tmp_path: Path) -> None:
    """Each query of the dashboard is one that Prometheus takes, and gives numbers for a program that does all there is."""
    prometheus = shutil.which("prometheus")
    if prometheus is None:
        pytest.skip("prometheus is not installed: make test-e2e does that")
    worker_port, port = free_port(), free_port()
    (tmp_path / "prometheus.yml").write_text(CONFIG.format(port=worker_port))
    with Simulator() as sim:
        login = sim.login(expires_in=0)
        bundle = {name: login[name] for name in ("access_token", "refresh_token")}
        bundle |= {"expires_at": time.time() - 5, "token_endpoint": sim.base_url + "/v1/oauth/token"}
        (tmp_path / "oauth.json").write_text(json.dumps(bundle))
        (tmp_path / "oauth.json").chmod(0o600)
        auth = "{mode: oauth_bundle, bundle: oauth.json}"
        (tmp_path / "llm.yaml").write_text(f"providers: {{anthropic: {{base_url: '{sim.base_url}', auth: {auth}}}}}")
        around = {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key, "HOME": str(tmp_path)}
        worker = subprocess.Popen(  # noqa: S603 - our own program
            [python_of("otel"), HERE / "otel" / "worker.py", str(worker_port), str(WORKING)],
            cwd=tmp_path,
            env={**os.environ, **QUIET, **around, "PYTHONPATH": str(ROOT / "src")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        server = subprocess.Popen(  # noqa: S603 - the package's
            [prometheus, f"--web.listen-address=127.0.0.1:{port}", "--config.file=prometheus.yml"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for _ in range(int(WORKING / 0.5)):
                sim.fail("error", path="/v1/messages", status=529, times=1)  # not at the token endpoint
                time.sleep(0.5)
            assert worker.stdout
            assert worker.stdout.readline() == "done\n"
            time.sleep(1.0)  # the last figures are asked for
            answers = {(title, query): ask(port, query) for title, query in queries()}
        finally:
            for process in (worker, server):
                process.terminate()
                process.communicate(timeout=20)
    assert {title: query for (title, query), values in answers.items() if not is_data(values)} == {}
    assert len(answers) >= 15


def test_a_query_without_data_is_found() -> None:
    """Nothing, and what divides by nothing, are no data."""
    assert not is_data([])
    assert not is_data([float("nan"), float("inf")])
    assert is_data([0.0])
