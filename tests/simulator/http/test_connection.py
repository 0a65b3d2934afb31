"""What the simulator holds for clients that send half a request, or none: little, and not for long."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.http import connection as http_connection
from keybearer.simulator.http import intake
from keybearer.simulator.http.intake import BodyIntake

PATIENCE_SECONDS = 30.0
MEGABYTE = 1024 * 1024


def dial(sim: Simulator) -> socket.socket:
    """Connect to a simulator."""
    host, port = sim.base_url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)


def head(length: int, *lines: str) -> bytes:
    """Make the head of a request for a message."""
    return "\r\n".join(
        ["POST /v1/messages HTTP/1.1", "host: 127.0.0.1", f"content-length: {length}", *lines, "", ""]
    ).encode()


def read_to_end(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    data = b""
    while piece := connection.recv(65536):
        data += piece
    return data


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the limits of time."""
    monkeypatch.setattr(http_connection.HttpConnection.__init__, "__kwdefaults__", {"head_seconds": 0.2})
    defaults = {"most_held": intake.MOST_HELD_BYTES, "silence": 0.2, "longest": 600.0}
    monkeypatch.setattr(intake.BodyIntake.__init__, "__kwdefaults__", defaults)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("sent", [b"", b"POST /v1/mess", b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nGET /heal"])
def test_a_connection_that_asks_nothing_is_closed(sent: bytes) -> None:
    """Without a head, with half of one, and with half of a second one, the connection ends after a time."""
    with Simulator() as sim, dial(sim) as connection:
        connection.sendall(sent)
        assert read_to_end(connection).count(b"200 OK") == sent.count(b"healthz")


@pytest.mark.usefixtures("hasty")
def test_a_reply_that_takes_long_is_not_cut() -> None:
    """Only waiting for a request has a limit: a reply that begins late arrives whole."""
    with Simulator() as sim, urllib3.PoolManager() as http:
        sim.fail("slow", seconds=0.6)
        reply = http.request(
            "GET",
            sim.base_url + "/v1/models/claude-haiku-4-5",
            headers={"x-api-key": sim.api_key, "anthropic-version": "2023-06-01"},
        )
        assert (reply.status, reply.json()["id"]) == (200, "claude-haiku-4-5-20251001")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("options", [{}, {"prerender": True}])
def test_half_a_body_is_refused_in_time(options: dict[str, bool]) -> None:
    """A body that stops arriving gets a 408, and the connection ends."""
    with Simulator(None, **options) as sim, dial(sim) as connection:
        connection.sendall(head(1000, f"x-api-key: {sim.api_key}") + b'{"model": ')
        reply = read_to_end(connection)
        assert reply.startswith(b"HTTP/1.1 408 ")
        assert b"stopped arriving" in reply


@pytest.mark.usefixtures("hasty")
def test_half_a_body_is_refused_while_recording(tmp_path: Path) -> None:
    """The recorder has the same limits."""
    with Simulator(record=tmp_path / "talk.jsonl", upstream="http://127.0.0.1:9") as sim, dial(sim) as connection:
        connection.sendall(head(1000) + b"{")
        assert read_to_end(connection).startswith(b"HTTP/1.1 408 ")


def peak_megabytes(pid: int) -> float:
    """Return the most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's memory from /proc")
def test_large_bodies_without_a_key_are_not_held() -> None:
    """Sixty clients that send half of 20 MB without a key cost a few megabytes, not a gigabyte."""
    command = [sys.executable, "-m", "keybearer.simulator", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own command
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        address = ("127.0.0.1", int(ready["base_url"].rpartition(":")[2]))
        before = peak_megabytes(process.pid)
        held = [socket.create_connection(address, timeout=PATIENCE_SECONDS) for _ in range(60)]
        try:
            for connection in held:
                connection.sendall(head(20 * MEGABYTE))
                for _ in range(10):
                    connection.sendall(b"x" * MEGABYTE)
            assert peak_megabytes(process.pid) - before < 150
        finally:
            for connection in held:
                connection.close()
            process.kill()


def test_a_stranger_gets_the_refusal_for_the_key(sim: Simulator) -> None:
    """A large body without a key, or with a wrong one, is a 401, as a small one is; with a key it is answered."""
    body = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "word " * 20_000}]}
    version = {"anthropic-version": "2023-06-01"}
    with urllib3.PoolManager() as http:
        url = sim.base_url + "/v1/messages"
        for headers in ({}, {"x-api-key": "sk-ant-other"}, {"authorization": "Bearer x"}):
            reply = http.request("POST", url, json=body, headers={**version, **headers}, retries=False)
            assert (reply.status, reply.json()["error"]["type"]) == (401, "authentication_error")
        assert http.request("POST", url, json=body, headers={**version, "x-api-key": sim.api_key}).status == 200


def test_a_large_login_form_is_refused(sim: Simulator) -> None:
    """The pages that need no key take no large body; a path that does not exist is a 404 whatever is sent."""
    with urllib3.PoolManager() as http:
        for path, status in (("/oauth/authorize", 413), ("/v1/oauth/token", 413), ("/v1/nothing", 404)):
            assert http.request("POST", sim.base_url + path, body=b"x" * 100_000, retries=False).status == status


def test_the_limits_have_defaults() -> None:
    """The command's simulator has limits without being asked."""
    assert http_connection.HttpConnection.__init__.__kwdefaults__ == {"head_seconds": 60.0}
    assert (BodyIntake()._silence, BodyIntake()._longest) == (30.0, 600.0)


def test_requests_in_one_piece_are_answered_in_order(sim: Simulator) -> None:
    """A client need not wait for a reply before it sends the next request (RFC 9112, section 9.3.2)."""
    with dial(sim) as connection:
        first = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
        body = (
            head(2)
            .replace(b"/v1/messages", b"/v1/chunked")
            .replace(b"content-length: 2", b"transfer-encoding: chunked")
        )
        last = b"GET /v1/last HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
        connection.sendall(first + body + b"2\r\n{}\r\n0\r\n\r\n" + last)
        reply = read_to_end(connection)
    found = [
        reply.index(words) for words in (b'"status":"ok"', b"Not found: POST /v1/chunked", b"Not found: GET /v1/last")
    ]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nx: " + b"x" * 70_000, b"431"),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", b"501"),
        (b"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", b"400"),
    ],
)
def test_what_cannot_be_read_ends_the_connection(sim: Simulator, sent: bytes, status: bytes) -> None:
    """A request that is not HTTP is refused, and nothing after it is read."""
    with dial(sim) as connection:
        connection.sendall(sent)
        assert read_to_end(connection).startswith(b"HTTP/1.1 " + status)
