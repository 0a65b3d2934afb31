"""What is asyncio's and aiohttp's own about the async transport."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient
from keybearer.shell.transports.aiohttp_transport import AiohttpTransport
from keybearer.types.http import Request
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


def test_an_answer_before_the_whole_body_went_out_ends_the_connection() -> None:
    """A refusal that comes while a large body is sent is the reply, and the next request takes another connection."""
    over = threading.Event()

    def script(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.reply(b"{}", status="413 Too Large")
        over.wait(10)  # and reads no more: what the kernel does not hold cannot have gone out

    async def ask(url: str) -> list[int]:
        transport = AiohttpTransport()
        sent = Request(method="POST", url=url + "/v1/messages", headers={}, body=b"x" * (24 << 20))
        replies = [await transport.send(sent) for _ in range(2)]
        await transport.close()
        return [reply.status for reply in replies]

    with raw_server(script) as server:
        try:
            assert asyncio.run(ask(server.url)) == [413, 413]
            assert server.connections == 2
        finally:
            over.set()
