"""Every transport adapter keeps each time limit, and tells which."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from keybearer.errors import ConnectionFailed, TimedOut
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.http_client import HTTPClientTransport
from keybearer.shell.transports.httpx_transport import HttpxTransport
from keybearer.types.http import Timeouts
from support.rawserver import Peer, full_listener, raw_server
from support.transports import QUICK, Make, read_all, request


def silent(peer: Peer) -> None:
    """Read the request and say nothing until the client goes."""
    peer.request()
    peer.sock.recv(1)


def stalled(peer: Peer) -> None:
    """Begin a stream and say nothing more until the client goes."""
    peer.request()
    peer.stream_head()
    peer.chunk(b"first")
    peer.sock.recv(1)


def test_no_first_byte_in_time(make: Make) -> None:
    """A server that says nothing is TimedOut at the first byte."""
    limits = msgspec.structs.replace(QUICK, first_byte=0.1)
    with raw_server(silent) as server, pytest.raises(TimedOut) as caught:
        make().send(request(server.url, timeouts=limits))
    assert caught.value.phase == "first_byte"
    assert caught.value.message == "No reply began within 0.1 s (timeouts.first_byte)."
    assert caught.value.hint == "Stream the answer, which then begins sooner; or raise the limit."


def test_no_more_bytes_in_time(make: Make) -> None:
    """A stream that stalls is TimedOut as idle, though the first byte had far more time."""
    limits = msgspec.structs.replace(QUICK, idle=0.1)
    with raw_server(stalled) as server:
        reply = make().send(request(server.url, stream=True, timeouts=limits))
        assert reply.stream.read() == b"first"
        with pytest.raises(TimedOut) as caught:
            reply.stream.read()
        reply.stream.close()
    assert caught.value.phase == "idle"
    assert caught.value.message == "No more of the reply came within 0.1 s (timeouts.idle)."
    assert "a proxy in between may hold the reply back" in caught.value.hint


def test_no_connection_in_time(make: Make) -> None:
    """A host that does not take the connection is TimedOut while connecting; nothing was delivered."""
    limits = msgspec.structs.replace(QUICK, connect=0.2)
    with full_listener() as address:
        url = f"http://127.0.0.1:{address[1]}"
        with pytest.raises(TimedOut) as caught:
            make().send(request(url, timeouts=limits))
    assert (caught.value.phase, caught.value.delivered, caught.value.retryable) == ("connect", False, True)
    assert caught.value.message == "No connection was made within 0.2 s (timeouts.connect)."
    assert "Check that the host can be reached" in caught.value.hint


@pytest.mark.parametrize("script", [silent, stalled])
def test_the_total_time_is_kept(make: Make, script: Callable[[Peer], None]) -> None:
    """When the whole call's time passes, the error says that, wherever the call is; it is not worth another try."""
    limits = msgspec.structs.replace(QUICK, total=0.15)
    with raw_server(script) as server:
        transport = make()
        with pytest.raises(TimedOut) as caught:
            read_all(transport.send(request(server.url, stream=True, timeouts=limits)))
    assert (caught.value.phase, caught.value.retryable) == ("total", False)
    assert caught.value.message == "The call did not end within 0.15 s (timeouts.total)."
    assert "timeout=..." in caught.value.hint


@pytest.mark.parametrize("script", [silent, stalled])
def test_the_total_time_that_is_reported_is_the_call_s(make: Make, script: Callable[[Peer], None]) -> None:
    """An attempt has what the ones before it left; the error names the limit of the whole call."""
    limits = msgspec.structs.replace(QUICK, total=0.15)
    with raw_server(script) as server:
        transport = make()
        sent = msgspec.structs.replace(request(server.url, stream=True, timeouts=limits), deadline=30.0)
        with pytest.raises(TimedOut) as caught:
            read_all(transport.send(sent))
    assert caught.value.message == "The call did not end within 30 s (timeouts.total)."


def test_a_reply_s_head_that_drips_does_not_outlast_the_call(make: Make) -> None:
    """A server that sends the head byte by byte, each in good time, is left when the call's time has passed."""

    def drip(peer: Peer) -> None:
        peer.request()
        for byte in b"HTTP/1.1 200 OK\r\n" + b"x-slow: 1\r\n" * 40:
            peer.send(bytes([byte]))
            if over.wait(0.02):
                return

    over = threading.Event()
    limits = msgspec.structs.replace(QUICK, first_byte=5, total=0.3)
    with raw_server(drip) as server:
        with pytest.raises(TimedOut) as caught:
            make().send(request(server.url, timeouts=limits))
        over.set()
    assert (caught.value.phase, caught.value.delivered) == ("total", True)


@pytest.mark.parametrize("adapter", [HTTPClientTransport, HttpxTransport])
@pytest.mark.parametrize("close", ["stream", "transport"])
def test_a_stream_that_is_closed_elsewhere_ends_the_read(adapter: Any, close: str) -> None:
    """A thread that waits for the next bytes is woken with an error when another closes the stream, or all of them."""
    if adapter is HttpxTransport and close == "transport":
        pytest.skip("httpx closes its pool under a read that goes on; the stream's own time limit ends it")
    transport = adapter(TransportOptions())
    with raw_server(stalled) as server:
        reply = transport.send(request(server.url, stream=True))
        assert reply.stream.read() == b"first"
        timer = threading.Timer(0.1, reply.stream.close if close == "stream" else transport.close)
        timer.start()
        with pytest.raises(ConnectionFailed, match="closed on this side"):
            reply.stream.read()
        timer.join()
    transport.close()


def test_a_large_body_has_more_time_than_a_connection(make: Make) -> None:
    """A body that takes longer to send than a connection may take to open is sent whole."""

    def slowly(peer: Peer) -> None:
        time.sleep(0.4)  # what the kernel does not hold, the client waits to send
        size = len(peer.request().partition(b"\r\n\r\n")[2])
        peer.reply(b"%d" % size)

    body = b"x" * (32 << 20)
    with raw_server(slowly) as server:
        reply = make().send(
            request(server.url, body=body, timeouts=Timeouts(connect=0.2, first_byte=20, idle=20, total=30))
        )
    assert reply.body == b"33554432"
