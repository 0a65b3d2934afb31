"""Every transport adapter keeps the same contract: the conformance tests, run on each."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec
import pytest

from keybearer.errors import ConnectionFailed
from support.rawserver import Peer, raw_server
from support.transports import Make, read_all, request


def test_a_reply_comes_whole_and_the_request_as_it_was_given(make: Make) -> None:
    """Status, headers and body come back; method, path, headers and body went out."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply(b'{"a": 1}', status="201 Created", headers="X-One: 1\r\nx-two: 2\r\nX-Two: 3\r\n")

    with raw_server(script) as server:
        reply = make().send(request(server.url, body=b"x" * 300_000))
    assert (reply.status, reply.body, reply.stream) == (201, b'{"a": 1}', None)
    assert (reply.headers["x-ONE"], reply.headers["x-two"]) == ("1", "2, 3")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"post /v1/messages http/1.1"
    assert {b"x-api-key: canary-key", b"accept-encoding: identity", b"content-length: 300000"} <= set(lines)
    assert body == b"x" * 300_000


def test_no_header_is_added_that_names_the_library(make: Make) -> None:
    """The user agent is the request's own or none: never the library's."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply(b"{}")

    with raw_server(script) as server:
        sent = request(server.url)
        make().send(msgspec.structs.replace(sent, headers=sent.headers | {"user-agent": "keybearer/test"}))
    agents = [line for line in seen[0].lower().split(b"\r\n") if line.startswith(b"user-agent")]
    assert agents == [b"user-agent: keybearer/test"]


def test_a_stream_comes_chunk_by_chunk_as_it_is_sent(make: Make) -> None:
    """Each chunk is given before the next is sent; the end is an empty one; the connection is used again."""
    ready = threading.Event()

    def script(peer: Peer) -> None:
        while peer.request():
            peer.stream_head()
            for chunk in (b"one", b"two"):
                peer.chunk(chunk)
                assert ready.wait(5)
                ready.clear()
            peer.chunk(b"")

    with raw_server(script) as server:
        transport = make()
        for _ in range(2):
            reply = transport.send(request(server.url, stream=True))
            assert reply.body == b""
            for chunk in (b"one", b"two"):
                assert reply.stream.read() == chunk
                ready.set()
            assert reply.stream.read() == b""
            reply.stream.close()
        assert server.connections == 1


@pytest.mark.parametrize(
    ("status", "content_type"),
    [("529 Overloaded", "application/json"), ("200 OK", "text/html"), ("500 Oops", "text/event-stream")],
)
def test_an_answer_that_is_no_stream_comes_whole(make: Make, status: str, content_type: str) -> None:
    """An error or another type in answer to a stream request has its whole body, ready to be judged."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(b"because", status=status, headers=f"content-type: {content_type}\r\n")

    with raw_server(script) as server:
        reply = make().send(request(server.url, stream=True))
    assert (reply.status, reply.body, reply.stream) == (int(status[:3]), b"because", None)


def test_finish_lets_the_connection_be_used_again(make: Make) -> None:
    """After the message's end, `finish` reads the body's end and the next request needs no new connection."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.stream_head()
            peer.chunk(b"all")
            peer.chunk(b"")

    with raw_server(script) as server:
        transport = make()
        for _ in range(3):
            reply = transport.send(request(server.url, stream=True))
            assert reply.stream.read() == b"all"
            reply.stream.finish()
        assert server.connections == 1


def test_close_in_the_middle_closes_the_connection(make: Make) -> None:
    """A stream that is closed before its end takes its connection with it; the server sees it go."""
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(b"first")
        if peer.number == 0 and peer.sock.recv(1) == b"":
            gone.set()

    with raw_server(script) as server:
        transport = make()
        reply = transport.send(request(server.url, stream=True))
        assert reply.stream.read() == b"first"
        reply.stream.close()
        assert gone.wait(5)
        transport.send(request(server.url, stream=True)).stream.close()
        assert server.connections == 2


def _cut(peer: Peer) -> None:
    peer.request()
    peer.stream_head()
    peer.chunk(b"first")


def _reset(peer: Peer) -> None:
    _cut(peer)
    peer.reset()


def _bad_chunk(peer: Peer) -> None:
    _cut(peer)
    peer.send(b"zork\r\n")


@pytest.mark.parametrize("script", [_cut, _reset, _bad_chunk])
def test_a_body_that_breaks_is_our_error(make: Make, script: Callable[[Peer], None]) -> None:
    """A cut, a reset and a garbled body raise ConnectionFailed, never the library's own exception."""
    with raw_server(script) as server:
        transport = make()
        with pytest.raises(ConnectionFailed) as caught:
            read_all(transport.send(request(server.url, stream=True)))
    assert caught.value.delivered


@pytest.mark.parametrize("script", [lambda peer: peer.request() and None, lambda peer: peer.request() and peer.reset()])
def test_a_connection_that_ends_before_a_reply(make: Make, script: Callable[[Peer], None]) -> None:
    """A close or reset before any reply is ConnectionFailed on a fresh connection."""
    with raw_server(script) as server, pytest.raises(ConnectionFailed) as caught:
        make().send(request(server.url))
    assert (caught.value.phase, caught.value.reused, caught.value.retryable) == ("first_byte", False, True)


def test_a_stale_connection_is_reported(make: Make) -> None:
    """A failure on a kept-alive connection says that it was reused, so that the driver may send once more."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(b"{}")
        if peer.number == 0:
            peer.request()  # the second request comes, and the connection ends without a word
        else:
            peer.request()

    with raw_server(script) as server:
        transport = make()
        assert transport.send(request(server.url)).status == 200
        with pytest.raises(ConnectionFailed) as caught:
            transport.send(request(server.url))
        assert caught.value.reused


def test_nobody_listens(make: Make) -> None:
    """A refused connection is ConnectionFailed while connecting."""
    with raw_server(lambda _peer: None) as server:
        url = server.url
    with pytest.raises(ConnectionFailed) as caught:
        make().send(request(url))
    assert (caught.value.phase, caught.value.delivered) == ("connect", False)
    host = url.removeprefix("http://")
    assert caught.value.message.startswith(f"No connection to {host} could be made: ")
    assert caught.value.hint.startswith("Nothing listens there: start `keybearer simulate`, or what else should")


def test_a_name_that_does_not_exist(make: Make) -> None:
    """A host name without an address is reported as such."""
    with pytest.raises(ConnectionFailed) as caught:
        make().send(request("http://no-such-host.invalid"))
    assert caught.value.phase in {"dns", "connect"}
    assert "no-such-host.invalid" in caught.value.message
    assert not any(noise in str(caught.value) for noise in ("0x", "Errno", "object at"))
