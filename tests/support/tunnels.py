"""A proxy that opens tunnels, and TLS before a server: what it reads of a request is what goes over the network."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import trustme

__all__ = ["Tunnel", "tunnel_to"]


class Tunnel(NamedTuple):
    """A proxy before a server.

    Attributes:
        proxy: The proxy's URL.
        ca_file: The certificate of who signed the server's.
        heads: The head of each request to the proxy.
        passed: All that went through the tunnels, both ways, as it went.
    """

    proxy: str
    ca_file: Path
    heads: list[bytes]
    passed: list[bytes]


@contextmanager
def tunnel_to(port: int, host: str, folder: Path) -> Iterator[Tunnel]:
    """Serve a proxy on loopback, whose every tunnel ends at TLS before a server of this machine.

    Args:
        port: The server's port; it speaks plain HTTP.
        host: The name in its certificate, in whose place the server reads `localhost`.
        folder: Where the certificate is put.
    """
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    heads: list[bytes] = []
    passed: list[bytes] = []

    def unwrap(raw: socket.socket) -> None:
        with (
            context.wrap_socket(raw, server_side=True) as secure,
            socket.create_connection(("127.0.0.1", port)) as plain,
        ):
            _both_ways(secure, plain, lambda _: None, lambda data: data.replace(host.encode(), b"localhost"))

    with _serving(unwrap) as inner:

        def tunnel(raw: socket.socket) -> None:
            with raw, socket.create_connection(("127.0.0.1", inner)) as onward:
                head = b""
                while b"\r\n\r\n" not in head and (more := raw.recv(4096)):
                    head += more
                heads.append(head)
                raw.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _both_ways(raw, onward, passed.append)

        with _serving(tunnel) as outer:
            yield Tunnel(f"http://127.0.0.1:{outer}", folder / "ca.pem", heads, passed)


def _as_it_is(data: bytes) -> bytes:
    return data


def _both_ways(
    one: socket.socket,
    other: socket.socket,
    seen: Callable[[bytes], None],
    changed: Callable[[bytes], bytes] = _as_it_is,
) -> None:
    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while data := source.recv(65536):
                seen(data)
                target.sendall(changed(data) if source is one else data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join()


@contextmanager
def _serving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def served(raw: socket.socket) -> None:
        with suppress(OSError):
            serve(raw)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=served, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
