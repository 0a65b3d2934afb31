"""HTTP/2, which the transports on httpcore2 speak with a server that offers it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import msgspec
import pytest
import trustme

from keybearer.errors import ConnectionFailed, TimedOut
from keybearer.shell.transports.base import TransportOptions
from support.rawserver import Peer, raw_server
from support.transports import ADAPTERS, QUICK, read_all, request

Answer = Callable[[h2.connection.H2Connection, int, bytes], None]


@pytest.fixture(params=["httpx", "httpx-async"])
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Answer], tuple[Any, str]]]:
    """Serve HTTP/2, each request answered by a function; give a transport that trusts the server, and its address."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    with ExitStack() as stack:

        def start(answer: Answer) -> tuple[Any, str]:
            server = stack.enter_context(raw_server(lambda peer: speak(peer, answer), context))
            transport = ADAPTERS[request.param](TransportOptions(ca_file=str(tmp_path / "ca.pem")))
            stack.callback(transport.close)
            return transport, server.url

        yield start


def speak(peer: Peer, answer: Answer) -> None:
    """Speak HTTP/2 on one connection until the client goes."""
    connection = h2.connection.H2Connection(config=h2.config.H2Configuration(client_side=False))
    connection.initiate_connection()
    peer.send(connection.data_to_send())
    bodies: dict[int, bytes] = {}
    while data := peer.sock.recv(65536):
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                answer(connection, event.stream_id, bodies.pop(event.stream_id, b""))
        peer.send(connection.data_to_send())


def test_requests_share_a_connection(serve: Any) -> None:
    """Two requests with large bodies go over one connection, and each has its whole reply."""
    connections = set()

    def answer(connection: h2.connection.H2Connection, stream: int, body: bytes) -> None:
        connections.add(id(connection))
        connection.send_headers(stream, [(":status", "200"), ("content-type", "application/json")])
        connection.send_data(stream, b"%d" % len(body), end_stream=True)

    transport, url = serve(answer)
    replies = [transport.send(request(url, body=b"x" * 300_000)) for _ in range(2)]
    assert [(each.status, each.body) for each in replies] == [(200, b"300000")] * 2
    assert len(connections) == 1


def test_a_stream_comes_open(serve: Any) -> None:
    """An event stream is read as it comes, to its end."""

    def answer(connection: h2.connection.H2Connection, stream: int, _: bytes) -> None:
        connection.send_headers(stream, [(":status", "200"), ("content-type", "text/event-stream")])
        connection.send_data(stream, b"one")
        connection.send_data(stream, b"two", end_stream=True)

    transport, url = serve(answer)
    reply = transport.send(request(url, stream=True))
    read = b""
    while data := reply.stream.read():
        read += data
    reply.stream.close()
    assert read == b"onetwo"


def test_no_reply_in_time(serve: Any) -> None:
    """A server that takes the request and says nothing is TimedOut at the first byte, soon after its limit."""
    transport, url = serve(lambda *_: None)
    begun = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        transport.send(request(url, timeouts=msgspec.structs.replace(QUICK, first_byte=0.2)))
    assert (caught.value.phase, caught.value.delivered) == ("first_byte", True)
    assert time.monotonic() - begun < 10  # the limit of the whole call


def test_a_stream_that_is_reset(serve: Any) -> None:
    """A reply that the server breaks off after its head is a connection that broke, and is not asked for again."""

    def answer(connection: h2.connection.H2Connection, stream: int, _: bytes) -> None:
        connection.send_headers(stream, [(":status", "200"), ("content-type", "text/event-stream")])
        connection.send_data(stream, b"one")
        connection.reset_stream(stream)

    transport, url = serve(answer)
    with pytest.raises(ConnectionFailed) as caught:
        read_all(transport.send(request(url, stream=True)))
    assert (caught.value.phase, caught.value.retryable) == ("read", False)
