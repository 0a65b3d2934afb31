"""A real Redis for tests: Debian's `redis-server`, on a socket of the test's own folder, or on a port of the loopback interface."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from keybearer.config.redis_server import RedisServer
from keybearer.shell.redis.link import RedisLink
from keybearer.types.secret import Secret

__all__ = ["as_documented_user", "needs_redis", "redis_server"]

PAGE = Path(__file__).parents[2] / "docs" / "fleets.md"

PROGRAM = os.environ.get("KEYBEARER_TEST_REDIS") or shutil.which("redis-server") or shutil.which("valkey-server")
"""The server: the one that is named, for a run with another one, else the one that is installed."""

needs_redis = pytest.mark.skipif(
    PROGRAM is None, reason="there is no redis-server; `make test-e2e` installs it, as root on Debian"
)


def free_port() -> int:
    """Return a port that is free now: redis-server takes none that the system chooses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def redis_server(folder: Path, *options: str, port: int = 0, wait: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, with a socket at `folder / "redis.sock"`, and stop it at the end.

    Args:
        folder: Where its socket and its data are.
        *options: More of its options: `--appendonly`, `yes`.
        port: Its port; 0 for the socket alone.
        wait: Whether to wait until it takes connections.
    """
    assert PROGRAM is not None
    path = folder / "redis.sock"
    path.unlink(missing_ok=True)
    defaults = (
        "--save",
        "",
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--unixsocket",
        str(path),
        "--dir",
        str(folder),
    )
    process = subprocess.Popen(  # noqa: S603 - a program of the system
        [PROGRAM, *defaults, "--daemonize", "no", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while wait and not _takes_connections(path):
            assert process.poll() is None, "redis-server has ended"
            time.sleep(0.005)
        yield process
    finally:
        process.kill()
        process.wait()


def as_documented_user(folder: Path) -> RedisServer:
    """Return the server of a folder's socket as the ACL user that the page on fleets says, who may do no more than that."""
    server = RedisServer(path=str(folder / "redis.sock"))
    (line,) = [line for line in PAGE.read_text().splitlines() if line.startswith("ACL SETUSER ")]
    command = line.split()
    RedisLink(server).command(*command)
    (password,) = [word[1:] for word in command if word.startswith(">")]
    return structs.replace(server, user=command[2], password=Secret(password))


def _takes_connections(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as each:
        try:
            each.connect(str(path))
            each.sendall(b"PING\r\n")
            return each.recv(5) in {b"+PONG", b"-NOAU"}
        except OSError:
            return False
