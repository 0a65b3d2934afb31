"""The transport of a client that is given none: which library it takes."""

from __future__ import annotations

import asyncio
import importlib.util
from typing import Any

import pytest

from keybearer.errors import UsageError
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.default import DefaultAsyncTransport, DefaultTransport
from keybearer.types.http import Request
from support.rawserver import Peer, raw_server

REQUEST = Request(method="POST", url="http://example.invalid/v1/messages", headers={}, body=b"{}")


def socks(peer: Peer) -> None:
    """Be a SOCKS5 proxy without a login (RFC 1928) that answers for whatever host is asked for."""
    peer.sock.recv(64)
    peer.send(b"\x05\x00")
    peer.sock.recv(256)
    peer.send(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
    peer.request()
    peer.reply(b'"through socks"')


@pytest.mark.parametrize("of_environment", [False, True])
def test_a_socks_proxy_takes_httpx2(monkeypatch: pytest.MonkeyPatch, *, of_environment: bool) -> None:
    """With a SOCKS proxy, both kinds of client send through it, without a word about a transport."""

    async def awaited(options: TransportOptions) -> bytes:
        transport = DefaultAsyncTransport(options)
        reply = await transport.send(REQUEST)
        await transport.close()
        return reply.body

    with raw_server(socks) as server:
        proxy = server.url.replace("http:", "socks5:")
        if of_environment:
            monkeypatch.setenv("ALL_PROXY", proxy)
        options = TransportOptions(proxy=None if of_environment else proxy)
        transport = DefaultTransport(options)
        assert transport.send(REQUEST).body == b'"through socks"'
        transport.close()
        assert asyncio.run(awaited(options)) == b'"through socks"'


@pytest.mark.parametrize("kind", [DefaultTransport, DefaultAsyncTransport])
def test_a_socks_proxy_without_httpx2_is_reported_when_the_client_is_made(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent before it is known that the proxy can be used; the error names what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UsageError) as caught:
        kind(TransportOptions(proxy="socks5h://127.0.0.1:1080"))
    assert str(caught.value) == (
        "A SOCKS proxy needs httpx2, which is not installed. Install keybearer with its extra: 'keybearer[httpx]'"
    )
    kind(TransportOptions(proxy="http://127.0.0.1:1080"))
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(UsageError, match="needs httpx2, which is not installed"):
        DefaultTransport(TransportOptions()).send(REQUEST)
