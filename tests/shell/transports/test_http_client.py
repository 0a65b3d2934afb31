"""A reply's head and body as the sync transport reads them: what is plain, what is odd, and what no reply may be."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import pytest

from keybearer.errors import ConnectionFailed
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.clocked import ClockedSocket
from keybearer.shell.transports.http_client import HTTPClientTransport
from keybearer.types.http import Reply, Request, Timeouts
from support.rawserver import Peer, raw_server


def sent(answer: bytes, *, cut: int | None = None, more: Mapping[str, str] = {}) -> tuple[Reply, list[bytes], int]:
    """Return the reply to a request that is answered with these bytes, what two requests were, and how many connections they took."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        while data := peer.request():
            seen.append(data)
            if cut is None:
                peer.send(answer)
            else:
                for part in (answer[:cut], answer[cut:]):
                    peer.send(part)
            if b"\r\nconnection: keep-alive" not in answer:
                return

    transport = HTTPClientTransport(TransportOptions())
    with raw_server(script) as server:
        request = Request(
            method="POST",
            url=server.url + "/v1/messages",
            headers={"x-api-key": "k", **more},
            body=b"{}",
            timeouts=Timeouts(connect=5, first_byte=5, idle=5, total=10),
        )
        replies = [transport.send(request) for _ in range(2)]
        connections = server.connections
    transport.close()
    return replies[0], seen, connections


PLAIN = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-A:  b \r\nconnection: keep-alive\r\n\r\n{}"


def test_a_head_is_read_the_same_wherever_it_is_cut() -> None:
    """Two packets, cut at every byte, give the same reply, and the connection is used again."""
    for cut in range(0, len(PLAIN), 3):
        reply, _, connections = sent(PLAIN, cut=cut)
        assert (reply.status, reply.headers["x-a"], reply.body, connections) == (200, "b", b"{}", 1)


@pytest.mark.parametrize(
    ("answer", "body", "connections"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + PLAIN, b"{}", 1),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, b"{}", 1),
        (b"HTTP/1.1 200 OK\ncontent-length: 2\r\nconnection: keep-alive\n\n{}", b"{}", 1),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end", 2),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}", b"{}", 2),
        (b"HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n", b"", 1),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}", b"{}", 2),
        (
            b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"{}",
            1,
        ),
        (b"HTTP/1.1 200\r\ncontent-length: 2\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}", b"{}", 1),
    ],
)
def test_replies_that_are_framed_in_other_ways(answer: bytes, body: bytes, connections: int) -> None:
    """Interim replies are skipped; a body ends by its length, its chunks, its status or its connection."""
    reply, _, used = sent(answer)
    assert (reply.body, used) == (body, connections)


def test_a_header_on_two_lines_is_one() -> None:
    """The folding of older standards is a space."""
    reply, _, _ = sent(b"HTTP/1.1 200 OK\r\nx-a: one\r\n\t two\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n")
    assert reply.headers["x-a"] == "one two"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nspace : x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * (80 << 10) + b"\r\n\r\n",
        b"SMTP ready\r\n\r\n",
    ],
)
def test_what_is_no_reply_is_a_connection_that_broke(answer: bytes) -> None:
    """A head that ends early, has no end, or says two things at once is reported as such."""
    with pytest.raises(ConnectionFailed, match="broke"):
        sent(answer)


def test_how_a_request_is_framed_is_not_the_caller_s_to_say() -> None:
    """A header of the caller's that would frame it otherwise is left out; the request is what its body says."""
    _, seen, _ = sent(PLAIN, more={"content-length": "999", "transfer-encoding": "chunked", "connection": "upgrade"})
    lines = seen[0].lower().split(b"\r\n")
    assert lines.count(b"content-length: 2") == 1
    assert not any(line.startswith((b"transfer-encoding", b"connection")) for line in lines)


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\rb"])
def test_a_header_that_would_be_two_is_not_sent(value: str) -> None:
    """A line end inside a value is refused before anything goes out."""
    with pytest.raises(ConnectionFailed, match="cannot be used") as caught:
        sent(PLAIN, more={"x-a": value})
    assert not caught.value.delivered


def test_a_reply_that_is_finalized_after_its_file_raises_nothing() -> None:
    """A garbage collector may close the file of an abandoned reply first; closing the reply is no error then."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        file = ClockedSocket(ours).makefile("rb")
        file.close()
        file.flush()
