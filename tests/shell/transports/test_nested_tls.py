"""TLS inside TLS, on every transport."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Any

from support.rawserver import Peer, raw_server
from support.transports import Make, request


def test_an_origin_behind_a_proxy_that_is_spoken_to_with_tls(make: Make, tmp_path: Any) -> None:
    """A tunnel through an https proxy: one connection secured inside another, a large body both ways, and used again."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    seen: list[int] = []

    def origin(peer: Peer) -> None:
        while data := peer.request():
            seen.append(len(data.partition(b"\r\n\r\n")[2]))
            peer.reply(b"y" * 300_000)

    def tunnel(peer: Peer) -> None:
        target = peer.request().split()[1].decode()
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port))) as beyond:
            peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=(beyond, peer.sock), daemon=True)
            back.start()
            _pump(peer.sock, beyond)
            back.join(5)

    with raw_server(origin, context) as server, raw_server(tunnel, context) as proxy:
        transport = make(proxy=proxy.url, ca_file=str(tmp_path / "ca.pem"))
        for _ in range(2):
            assert len(transport.send(request(server.url, body=b"x" * 300_000)).body) == 300_000
        assert (seen, server.connections) == ([300_000] * 2, 1)


def _pump(here: socket.socket, there: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := here.recv(65536):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)
