"""A metadata server at its own address, and a proxy that writes down whoever comes to it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from support.served import served

__all__ = ["ADDRESS", "metadata_server", "recording_proxy"]

ADDRESS = "169.254.169.254"


@contextmanager
def metadata_server(monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any]) -> Iterator[list[str]]:
    """Serve a metadata server; whoever connects to its address, or to Google's name of it, gets there. Gives the paths asked for.

    Args:
        monkeypatch: Sends those connections there.
        answers: The body by the beginning of the path: text, or what is sent as JSON.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            found = next((body for path, body in answers.items() if self.path.startswith(path)), None)
            body = (found if isinstance(found, str) else json.dumps(found)).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("metadata-flavor", "Google")
            self.send_header("content-type", "text/plain" if isinstance(found, str) else "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *_: Any) -> None:
            pass

    with served(Handler) as port:
        connect, find = socket.socket.connect, socket.getaddrinfo

        def connected(self: socket.socket, address: Any) -> None:
            connect(self, ("127.0.0.1", port) if address[0] == ADDRESS else address)

        def found(host: Any, *given: Any, **named: Any) -> Any:
            return find(ADDRESS if host == "metadata.google.internal" else host, *given, **named)

        monkeypatch.setattr(socket.socket, "connect", connected)
        monkeypatch.setattr(socket, "getaddrinfo", found)
        yield asked
        monkeypatch.setattr(socket.socket, "connect", connect)
        monkeypatch.setattr(socket, "getaddrinfo", find)


@contextmanager
def recording_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve a proxy that the environment names for all; gives the first line of each request that comes."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            came.append(self.rfile.readline(1000).decode(errors="replace").strip())
            self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.close_connection = True

    with served(Handler) as port:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
            monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1,localhost")
        yield came
