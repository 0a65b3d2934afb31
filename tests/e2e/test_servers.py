"""What the how-to pages show, in the servers that they name: uvicorn, gunicorn, Celery and a Jupyter kernel."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.running import ROOT, python_of, run
from keybearer.simulator import Simulator

DOCS = ROOT / "docs"
LIMIT = 60.0
"""How long a server may take to begin, in seconds."""


def code(page: str, fence: str) -> list[str]:
    """Return the programs of a page."""
    return re.findall(rf"```{fence}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


def around(sim: Simulator, folder: Path) -> dict[str, str]:
    """Return the environment of a server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))}
    return kept | {
        "ANTHROPIC_BASE_URL": sim.base_url,
        "ANTHROPIC_API_KEY": sim.api_key,
        "HOME": str(folder),
        "C_FORCE_ROOT": "1",  # Celery's worker with pickled results, where the tests run as root
        "PYTHONPATH": f"{ROOT / 'src'}:{folder}",
    }


@contextlib.contextmanager
def started(*command: str | Path, sim: Simulator, folder: Path) -> Iterator[Path]:
    """Run a server; give the file that it prints to, and end it with what it started."""
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=folder, env=around(sim, folder), stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield log
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def wait(log: Path, pattern: str) -> re.Match[str]:
    """Wait until a server has printed something."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text()):
            return found
        time.sleep(0.1)
    raise AssertionError(log.read_text())


SERVERS = {
    "uvicorn": ("uvicorn", "--port", "0", "app:app"),
    "uvicorn with FastAPI": ("uvicorn", "--port", "0", "main:api"),
    "uvicorn with an agent": ("uvicorn", "--port", "0", "agent:app"),
    "gunicorn": ("gunicorn", "-k", "uvicorn_worker.UvicornWorker", "-w", "2", "-b", "127.0.0.1:0", "app:app"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_the_upstream_request_ends_when_the_browser_goes(server: str, tmp_path: Path) -> None:
    """An answer comes whole; and when the browser closes its socket in the middle, the simulator's stream is left."""
    app, agent = code("web.md", "python")
    (tmp_path / "app.py").write_text(app)
    (tmp_path / "agent.py").write_text(agent)
    (tmp_path / "main.py").write_text(code("web.md", "py")[0])
    command = SERVERS[server]
    path = "/agent" if "agent:app" in command else "/chat"
    question = {"messages": [{"role": "user", "content": "Tell me of the sea."}]}
    body = json.dumps(question).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    with Simulator() as sim:
        with started(python_of("servers").parent / command[0], *command[1:], sim=sim, folder=tmp_path) as log:
            port = int(wait(log, r"http://127\.0\.0\.1:(\d+)")[1])
            wait(log, r"Application startup complete")
            with socket.create_connection(("127.0.0.1", port), 10) as browser:
                browser.sendall(head + body)
                answer = b"".join(iter(lambda: browser.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 200")
            assert answer.endswith(b"0\r\n\r\n")
            sim.fail("pings; after_events=4; interval=0.05")
            with socket.create_connection(("127.0.0.1", port), 10) as browser:
                browser.sendall(head + body)
                came = b""
                while b"\r\n\r\n" not in came or came.endswith(b"\r\n\r\n"):  # until some of the text is there
                    came += browser.recv(4096)
            end = time.monotonic() + 20
            while not sim.requests[-1].delivered and time.monotonic() < end:
                time.sleep(0.05)
        assert [each.delivered and each.delivered["end"] for each in sim.requests] == ["complete", "left"]


def test_the_celery_worker_of_the_page(tmp_path: Path) -> None:
    """Two forked workers answer ten tasks, each with its own client; a task whose call is refused fails with the error itself."""
    program = code("workers.md", "py")[0]
    (tmp_path / "queue").mkdir()
    (tmp_path / "results").mkdir()
    queue = str(tmp_path / "queue")
    program += (
        f"\napp.conf.update(broker_url='filesystem://', result_backend='file://{tmp_path / 'results'}',"
        f" broker_transport_options={{'data_folder_in': {queue!r}, 'data_folder_out': {queue!r}}},"
        " task_serializer='json', result_serializer='pickle', accept_content=['json', 'pickle'])\n"
    )
    (tmp_path / "tasks.py").write_text(program)
    ask = (
        "import tasks, os\n"
        "sent = [tasks.summarise.delay(f'text {number}') for number in range(10)]\n"
        "print([bool(each.get(timeout=60)) for each in sent])\n"
    )
    refused = (
        "import tasks\n"
        "try:\n    tasks.summarise.delay('text').get(timeout=60)\n"
        "except Exception as error:\n    print(type(error).__module__, type(error).__name__, error.status)\n"
    )
    python = python_of("servers")
    command = (python, "-m", "celery", "-A", "tasks", "worker", "-P", "prefork", "-c", "2", "-l", "info")
    with Simulator() as sim, started(*command, sim=sim, folder=tmp_path) as log:
        wait(log, r"ready\.")
        assert run(python, "-c", ask, cwd=tmp_path, environment=around(sim, tmp_path)).strip() == str([True] * 10)
        sim.fail("400")
        said = run(python, "-c", refused, cwd=tmp_path, environment=around(sim, tmp_path))
        assert said.strip() == "keybearer.errors InvalidRequest 400"
        assert len(sim.requests) == 11
        assert sim.verdict == []
        assert "Traceback" not in log.read_text().partition("InvalidRequest")[0]


def test_the_cells_of_the_notebook(tmp_path: Path) -> None:
    """Both cells run in a real kernel, in which a loop runs, and print an answer but no key."""
    cells = [code("jupyter.md", "python")[0], code("jupyter.md", "py")[0], "client, aclient"]
    script = (
        "import json, sys, nbformat, nbclient\n"
        "cells = [nbformat.v4.new_code_cell(text) for text in json.loads(sys.argv[1])]\n"
        "book = nbformat.v4.new_notebook(cells=cells)\n"
        "nbclient.NotebookClient(book, timeout=60, kernel_name='python3').execute()\n"
        "print(json.dumps([cell['outputs'] for cell in book.cells]))\n"
    )
    with Simulator() as sim:
        printed = run(
            python_of("servers"), "-c", script, json.dumps(cells), cwd=tmp_path, environment=around(sim, tmp_path)
        )
        assert sim.api_key not in printed
        assert [each.status for each in sim.requests] == [200, 200]
    first, second, third = json.loads(printed.splitlines()[-1])
    assert "".join(output["text"] for output in first).strip()
    assert second[-1]["data"]["text/plain"].strip("'\"")
    assert "Client" in third[-1]["data"]["text/plain"]
