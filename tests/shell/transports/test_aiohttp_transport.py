"""What is asyncio's and aiohttp's own about the async transport."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from keybearer import AsyncClient
from keybearer.errors import ConnectionFailed, TimedOut
from keybearer.shell.transports.aiohttp_transport import AiohttpTransport
from keybearer.shell.transports.base import TransportOptions
from keybearer.types.http import Request, Timeouts
from support.rawserver import Peer, raw_server
from support.transports import ADAPTERS, read_all, request

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


@pytest.mark.parametrize("turns", [0, 1, 1000], ids=["before the chunk is read", "as it is lost", "after it was lost"])
def test_a_broken_body_fails_whenever_the_reader_comes(monkeypatch: pytest.MonkeyPatch, turns: int) -> None:
    """A chunk that cannot be parsed fails the body's read at once, also where the connection was lost before there was a stream."""
    start = aiohttp.ClientResponse.start
    broken = threading.Event()

    async def late(self: aiohttp.ClientResponse, connection: Any) -> aiohttp.ClientResponse:
        response = await start(self, connection)
        broken.set()
        for _ in range(turns):  # the loop reads the rest of the reply while its head waits here
            await asyncio.sleep(0.0001 if turns > 1 and connection.protocol.is_connected() else 0)
        return response

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        assert broken.wait(10)
        peer.send(b"zork\r\n")

    monkeypatch.setattr(aiohttp.ClientResponse, "start", late)
    with raw_server(script) as server:
        transport = ADAPTERS["aiohttp"](TransportOptions())
        reply = transport.send(request(server.url, stream=True, timeouts=Timeouts(total=10)))
        with pytest.raises(ConnectionFailed):
            read_all(reply)
        transport.close()


def test_a_request_that_was_answered_is_freed_at_once() -> None:
    """Nothing of it refers to what refers to it: a large body does not wait for the garbage collector."""

    async def ask(url: str) -> int:
        transport = AiohttpTransport(TransportOptions())
        try:
            await transport.send(request(url))
            gc.collect()
            gc.set_debug(gc.DEBUG_SAVEALL)
            await transport.send(request(url, body=b"x" * 400_000))
            gc.collect()
            return sum(isinstance(each, Request) for each in gc.garbage)
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            await transport.close()

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(ANSWER)

    with raw_server(script) as server:
        assert asyncio.run(ask(server.url)) == 0


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_kept_connection_holds_nothing_of_the_request_that_it_was_made_for(loop: str) -> None:
    """Its callbacks keep the context of the task that made it, for as long as it lives: there is no body and no key in that."""

    async def ask(url: str) -> int:
        transport = AiohttpTransport(TransportOptions())
        await asyncio.create_task(transport.send(request(url)))
        gc.collect()
        left = sum(isinstance(each, Request) for each in gc.get_objects())
        await transport.close()
        return left

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(ANSWER)

    made = pytest.importorskip(loop)
    gc.collect()
    before = sum(isinstance(each, Request) for each in gc.get_objects())
    with raw_server(script) as server, asyncio.Runner(loop_factory=made.new_event_loop) as runner:
        assert runner.run(ask(server.url)) == before


def test_a_connection_that_came_too_late_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call's time passed as it came: it is not left to the garbage collector, and nothing was sent on it."""
    seen: list[bytes] = []

    def late(_: Any) -> None:
        raise TimeoutError

    def script(peer: Peer) -> None:
        seen.append(peer.sock.recv(1))

    monkeypatch.setattr("keybearer.shell.transports.aiohttp_transport._WaitForHead.connected", late)
    with raw_server(script) as server:
        transport = ADAPTERS["aiohttp"](TransportOptions())
        with pytest.raises(TimedOut):
            transport.send(request(server.url))
        transport.close()
        gc.collect()
    assert seen in ([b""], [])


def test_a_connection_that_is_reset_while_nobody_uses_it_is_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a stream was read to its end, its kept connection may be reset: the event loop reports no exception of it."""
    lost = aiohttp.client_proto.ResponseHandler.connection_lost
    has_read, is_lost = threading.Event(), threading.Event()

    def seen(self: Any, error: BaseException | None) -> None:
        lost(self, error)
        is_lost.set()

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(b"data: {}\n\n")
        assert has_read.wait(10)
        peer.chunk(b"")
        peer.request()
        peer.reset()

    async def ask(url: str) -> list[str]:
        logged: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context["message"]))
        transport = AiohttpTransport(TransportOptions())
        stream = (await transport.send(request(url, stream=True))).stream
        assert stream is not None
        await stream.read()
        has_read.set()
        while await stream.read():
            pass
        await stream.close()
        with pytest.raises(ConnectionFailed):
            await transport.send(request(url))
        assert is_lost.wait(10)
        await asyncio.sleep(0)
        await transport.close()
        del stream
        gc.collect()
        return logged

    monkeypatch.setattr(aiohttp.client_proto.ResponseHandler, "connection_lost", seen)
    with raw_server(script) as server:
        assert asyncio.run(ask(server.url)) == []
