"""What is asyncio's and aiohttp's own about the async transport."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from keybearer import AsyncClient
from keybearer.shell.aiohttp import TLS_BUFFER, AiohttpTransport
from keybearer.shell.transport import TransportOptions
from support.rawserver import Peer, raw_server

ASK: dict[str, Any] = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
ANSWER = json.dumps({"type": "message", "content": [], "usage": {}}).encode()


def test_no_password_is_taken_from_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A ~/.netrc with a line for the host changes nothing in the request: the key that the client was given is its only credential."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    heads: list[bytes] = []

    def script(peer: Peer) -> None:
        heads.append(peer.request())
        peer.reply(ANSWER)

    async def ask(url: str) -> None:
        async with AsyncClient(api_key="sk-ant-test", base_url=url) as client:
            await client.messages.create(**ASK)

    with raw_server(script) as server:
        asyncio.run(ask(server.url))
    assert b"x-api-key: sk-ant-test" in heads[0]
    assert b"authorization" not in heads[0].lower()


def test_an_open_tls_connection_holds_a_small_read_buffer(tmp_path: Path) -> None:
    """Asyncio's 256 KB a TLS connection, all of it resident, is replaced by two records."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    large = json.dumps({"type": "message", "content": [{"type": "text", "text": "x" * 300_000}], "usage": {}}).encode()

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(large)

    async def ask(url: str) -> tuple[str, list[int]]:
        transport = AiohttpTransport(TransportOptions(ca_file=str(tmp_path / "ca.pem")))
        async with AsyncClient(api_key="sk-ant-test", base_url=url, transport=transport) as client:
            await client.messages.create(**ASK)
            message = await client.messages.create(**ASK)
            connector: Any = next(iter(transport._connectors.values()))
            kept = [held[0].transport for connections in connector._conns.values() for held in connections]
            return message.text, [len(each._ssl_protocol._ssl_buffer) for each in kept]

    with raw_server(script, context) as server:
        text, buffers = asyncio.run(ask(server.url))
        assert server.connections == 1
    assert len(text) == 300_000
    assert buffers == [TLS_BUFFER]
