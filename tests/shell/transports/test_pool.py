"""Connections that are kept for the next request, on every transport."""

from __future__ import annotations

import gc
import sys
import threading
import time
from typing import Any

import pytest

from keybearer import Client
from keybearer.shell.transports import pool
from keybearer.shell.transports.http_client import HTTPClientTransport
from support.rawserver import Peer, raw_server
from support.transports import Make, request

MESSAGES: Any = [{"role": "user", "content": "hello"}]


def test_a_connection_is_probed_while_it_is_silent(make: Make) -> None:
    """The system probes it after a minute of silence, so that one which a router has dropped is found out."""
    seen: list[tuple[str, ...]] = []

    def script(peer: Peer) -> None:
        peer.request()
        port = peer.sock.getsockname()[1]
        with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123 - no file of ours
            seen.extend(tuple(line.split()) for line in table if line.split()[2].endswith(f":{port:04X}"))
        peer.reply(b"{}")

    if not sys.platform.startswith("linux"):
        pytest.skip("the table of timers is Linux's")
    with raw_server(script) as server:
        make().send(request(server.url))
    timers = [each[5] for each in seen if each[3] == "01"]
    assert [timer[:3] for timer in timers] == ["02:"]  # 02 is the keep-alive timer
    assert 0 < int(timers[0][3:], 16) <= 60 * 100


def test_a_connection_that_was_not_used_for_long_is_not_used_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in between may have dropped it by then: the next request takes another."""
    monkeypatch.setattr(pool, "KEEP_IDLE", 0.05)
    monkeypatch.setattr("keybearer.shell.transports.aiohttp_transport.KEEP_IDLE", 0.05)
    monkeypatch.setattr("keybearer.shell.transports.httpx_pools.KEEP_IDLE", 0.05)

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(b"{}")

    with raw_server(script) as server:
        transport = make()
        transport.send(request(server.url))
        time.sleep(0.2)
        transport.send(request(server.url))
        assert server.connections == 2


def test_what_nobody_asked_for_is_not_taken_for_the_next_answer() -> None:
    """A reply that comes unasked, with the last one or after it, ends the connection; the next answer is the next request's."""
    ready = threading.Event()

    def script(peer: Peer) -> None:
        while peer.request():
            answer = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n"
            peer.send(answer + b'"right"' + (answer + b'"wrong"' if peer.number == 0 else b""))
            if peer.number == 1:
                peer.send(answer + b'"wrong"')
            ready.set()

    transport = HTTPClientTransport()
    with raw_server(script) as server:
        for _ in range(3):
            assert transport.send(request(server.url)).body == b'"right"'
            ready.wait(5)
            ready.clear()
            time.sleep(0.05)
        assert server.connections == 3
    transport.close()


def test_a_stream_that_is_left_does_not_break_the_next_call() -> None:
    """A raw stream that is broken off in the middle takes its connection with it."""

    def script(peer: Peer) -> None:
        while request := peer.request():
            if b'"stream":true' not in request:
                peer.reply(
                    b'{"type": "message", "role": "assistant", "content": [], "stop_reason": "end_turn", "usage": {}}'
                )
                continue
            peer.stream_head()
            peer.chunk(
                b'event: message_start\ndata: {"type": "message_start", "message": {"content": [], "usage": {}}}\n\n'
            )
            peer.chunk(b'event: ping\ndata: {"type": "ping"}\n\n')
            peer.chunk(b'event: content_block_start\ndata: {"type": "content_block_start", "index": 0,')
            peer.chunk(b' "content_block": {"type": "text", "text": ""}}\n\n')
            peer.sock.recv(1)

    with raw_server(script) as server, Client(api_key="sk-ant-x", base_url=server.url, model="m") as client:
        for _ in range(3):
            for _ in client.messages.create(max_tokens=5, messages=MESSAGES, stream=True):
                break
            gc.collect()
            assert client.messages.create(max_tokens=5, messages=MESSAGES).stop_reason == "end_turn"
