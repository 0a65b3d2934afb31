"""An answer that comes while a request is sent is read, on every transport; only a refusal ends the sending."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from keybearer.shell.transports.early import Early
from support.rawserver import Peer, raw_server
from support.transports import QUICK, Make
from support.transports import request as a_request

LARGE = b"x" * (32 << 20)
"""More than the buffers of a connection hold."""

REFUSED = (
    b"HTTP/1.1 413 Too Large\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
)


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """What a script waits for that holds its connection."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["at once", "after an interim answer"])
def test_a_refusal_is_read_although_the_server_reads_no_more(make: Make, held: threading.Event, before: bytes) -> None:
    """It holds the connection and does not take the rest."""

    def script(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.send(before + REFUSED[:10])
        peer.send(REFUSED[10:])
        held.wait(QUICK.total)

    with raw_server(script) as server:
        transport = make()
        reply = transport.send(a_request(server.url, body=LARGE))
        assert (reply.status, reply.body) == (413, b"{}")
        held.set()


def test_a_refusal_is_read_although_the_server_hangs_up_at_once(make: Make, request: pytest.FixtureRequest) -> None:
    """It closes with the rest unread, which resets the connection: the answer counts, and not the broken connection."""
    if "aiohttp" in request.node.name:
        pytest.skip("aiohttp may see the reset first, and drops the answer")

    def script(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.send(REFUSED)

    with raw_server(script) as server:
        transport = make()
        for _ in range(5):
            assert transport.send(a_request(server.url, body=LARGE)).status == 413


def test_under_tls_the_tickets_of_a_session_are_no_answer(make: Make, held: threading.Event, tmp_path: Path) -> None:
    """A server of TLS 1.3 sends them when it reads first; the refusal after them is read, and a request without one is sent whole."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def script(peer: Peer) -> None:
        if peer.number == 0:
            peer.request()
            peer.reply(b"{}", headers="content-type: application/json\r\nconnection: close\r\n")
            return
        peer.sock.recv(1000)
        peer.send(REFUSED)
        held.wait(QUICK.total)

    with raw_server(script, context) as server:
        transport = make(ca_file=str(tmp_path / "ca.pem"))
        assert transport.send(a_request(server.url, body=LARGE)).status == 200
        assert transport.send(a_request(server.url, body=LARGE)).status == 413
        held.set()


def test_an_answer_that_is_no_refusal_ends_nothing(make: Make) -> None:
    """All of the request is sent, and then the answer is read."""
    got: list[int] = []

    def script(peer: Peer) -> None:
        head = peer.sock.recv(1000)
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n")
        size = len(head)
        while size < len(LARGE) and (more := peer.sock.recv(1 << 20)):
            size += len(more)
        got.append(size)
        peer.send(b"{}")

    with raw_server(script) as server:
        reply: Any = make().send(a_request(server.url, body=LARGE))
        assert (reply.status, reply.body) == (200, b"{}")
    assert got[0] >= len(LARGE)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", None),
        (b"HTTP/1.1 ", None),
        (b"HTTP/1.1 4", True),
        (b"HTTP/1.0 503 x", True),
        (b"HTTP/1.1 200 OK", False),
        (b"HTTP/1.1 103 Early Hints\r\nx: HTTP/1.1 400\r\n", None),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", None),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 401 No", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", False),
        (b"SSH-2.0", None),
    ],
)
def test_what_a_refusal_is(data: bytes, refusal: bool | None) -> None:
    """The first status that is not interim decides, as soon as its first digit has come."""
    early = Early()
    early.data += data
    assert early.is_refusal() is refusal
    assert early.take(3) + early.take(1000) == data
