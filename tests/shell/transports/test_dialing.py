"""Opening a connection takes no longer than its time limit, on every transport."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from keybearer.errors import TimedOut, TransportError
from keybearer.types.http import Timeouts
from support.rawserver import Peer, full_listener, raw_server
from support.transports import Make, request


def void(_: object) -> None:
    """Return nothing."""


HURRIED = Timeouts(connect=0.2, first_byte=5, idle=5, total=10)


def hurried(transport: Any, url: str) -> TransportError:
    """Return the error of a request that has a fifth of a second to connect, and did not take many times that."""
    begun = time.monotonic()
    with pytest.raises(TransportError) as caught:
        transport.send(request(url, timeouts=HURRIED))
    assert time.monotonic() - begun < 10 * 0.2
    return caught.value


def test_a_slow_name_look_up_is_under_the_limit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a name server longer than for a connection."""
    over = threading.Event()

    def slowly(*_: object, **__: object) -> list[Any]:
        over.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    error = hurried(make(), "http://far.example")
    over.set()
    assert (type(error), error.phase, error.delivered) == (TimedOut, "connect", False)


def test_a_proxy_that_drips_its_answer_is_under_the_limit(make: Make) -> None:
    """A tunnel whose answer comes byte by byte, each in good time, is given up with the connection's time."""
    over = threading.Event()

    def drip(peer: Peer) -> None:
        peer.request()
        for byte in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100:
            peer.send(bytes([byte]))
            if over.wait(0.05):
                return

    with raw_server(drip) as proxy:
        error = hurried(make(proxy=proxy.url), "https://far.example")
        over.set()
    assert (type(error), error.phase, error.delivered) == (TimedOut, "connect", False)


def test_a_tls_handshake_that_stalls_is_under_the_limit(make: Make) -> None:
    """A server that takes the connection and says nothing is reported as one that could not be connected to."""
    over = threading.Event()
    with raw_server(lambda _: void(over.wait(5))) as server:
        error = hurried(make(), server.url.replace("http:", "https:"))
        over.set()
    assert (type(error), error.phase, error.delivered) == (TimedOut, "connect", False)


def test_many_dead_addresses_are_under_the_limit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with six addresses of which none answers takes no longer than one."""
    with full_listener() as address:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)] * 6
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        error = hurried(make(), f"http://far.example:{address[1]}")
    assert (type(error), error.phase) == (TimedOut, "connect")
