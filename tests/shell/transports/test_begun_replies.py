"""A reply that began and broke is never asked for again, on every transport."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer.errors import ConnectionFailed, TransportError
from support.rawserver import Peer, raw_server
from support.transports import Make
from support.transports import request as a_request

MESSAGES: Any = [{"role": "user", "content": "hello"}]

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"

BEGUN = {
    "one byte": b"H",
    "half a status line": b"HTTP/1.1 20",
    "a status line": b"HTTP/1.1 200 OK\r\n",
    "half a head": HEAD[:40],
    "half a body": HEAD + b"{",
    "a line that is no header": b"HTTP/1.1 200 OK\r\nzork\r\n\r\n{}",
    "a length that is none": b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n{}",
    "a length of 5,000 digits": b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    "a header of 80 KB": b"HTTP/1.1 200 OK\r\nx: " + b"y" * (80 << 10) + b"\r\n\r\n{}",
    "a header of 300 KB": b"HTTP/1.1 200 OK\r\nx: " + b"y" * (300 << 10) + b"\r\n\r\n{}",
    "a bare carriage return": b"HTTP/1.1 200 OK\r\nx: a\rb: c\r\ncontent-length: 2\r\n\r\n{}",
    "two codings": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "another version": b"HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n",
    "a chunk longer than its size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "a coding that nobody asked for": b"HTTP/1.1 200 OK\r\ncontent-encoding: zork\r\ncontent-length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("answer", BEGUN.values(), ids=BEGUN.keys())
def test_a_reply_that_began_is_not_worth_another_attempt(
    make: Make, answer: bytes, request: pytest.FixtureRequest
) -> None:
    """Whatever breaks once a byte of a reply has come, the error says that the service may have done the work."""
    if "httpx" in request.node.name and answer is BEGUN["a header of 80 KB"]:
        pytest.skip("httpcore2 reads a head of up to 100 KB")

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(answer)

    with raw_server(script) as server, pytest.raises(TransportError) as caught:
        make().send(a_request(server.url))
    assert (caught.value.retryable, caught.value.delivered, caught.value.phase) == (False, True, "read")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("cut", range(1, len(HEAD), 7))
def test_a_reply_is_asked_for_once_wherever_it_is_cut(cut: int) -> None:
    """A client with all its retries sends nothing again once a byte has come, on both of its transports."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.send(HEAD[:cut])

    with raw_server(script) as server:
        options: Any = {"api_key": "sk-ant-x", "base_url": server.url, "model": "m"}
        with Client(**options) as client, pytest.raises(ConnectionFailed):
            client.messages.create(max_tokens=5, messages=MESSAGES)

        async def awaited() -> None:
            async with AsyncClient(**options) as client:
                await client.messages.create(max_tokens=5, messages=MESSAGES)

        with pytest.raises(ConnectionFailed):
            asyncio.run(awaited())
    assert len(seen) == 2
