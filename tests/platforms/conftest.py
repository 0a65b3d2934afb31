"""Tests with the clouds' own libraries, in an environment of their own: `make test-platforms`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.options import Options

collect_ignore_glob = [] if find_spec("botocore") else ["test_*.py"]


@pytest.fixture
def clouds() -> Iterator[Simulator]:
    """A simulator with every platform."""
    with Simulator(Options(provider=frozenset({"all"}))) as running:
        yield running


@pytest.fixture
def endpoint() -> Iterator[Callable[[Callable[[Any], dict[str, Any]]], str]]:
    """Serve JSON on loopback, as a cloud's own endpoint of credentials does: give a function of the request, get the address."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: Callable[[Any], dict[str, Any]]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.sent = self.rfile.read(int(self.headers.get("content-length") or 0))
                body = json.dumps(answer(self)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
