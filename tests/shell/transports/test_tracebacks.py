"""However a call ends, no key is left in a traceback; and a call can be ended from elsewhere."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from keybearer import AsyncClient, Client
from keybearer.errors import KeybearerError, TransportError
from keybearer.shell.transports.aiohttp_transport import AiohttpTransport
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport
from support.canary import shown
from support.rawserver import Peer, raw_server
from support.transports import Make, request

MESSAGES: Any = [{"role": "user", "content": "hello"}]


class Interrupted(BaseException):
    """What a signal's handler raises."""


CANARY = "sk-ant-canary-in-a-header"


def silent(peer: Peer) -> None:
    """Take the request, and answer nothing."""
    peer.request()
    peer.sock.recv(1)


def deaf(peer: Peer) -> None:
    """Take nothing of the request."""
    time.sleep(2 if peer.number == 0 else 0)


def begun(peer: Peer) -> None:
    """Begin a stream, and go on with nothing."""
    peer.request()
    peer.stream_head()
    peer.chunk(b'event: message_start\ndata: {"type": "message_start", "message": {"content": [], "usage": {}}}\n\n')
    peer.sock.recv(1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such timer here")
@pytest.mark.parametrize("script", [silent, begun, deaf])
def test_a_signal_s_exception_shows_no_key(script: Callable[[Peer], None]) -> None:
    """Ctrl-C, or a handler's exception, in the middle of a call: no local of any frame of ours or of a library's has the key."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    messages: Any = [{"role": "user", "content": "x" * (8 << 20 if script is deaf else 5)}]
    try:
        with raw_server(script) as server, Client(api_key=CANARY, base_url=server.url, model="m") as client:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with (
                pytest.raises(Interrupted) as caught,
                client.messages.stream(max_tokens=5, messages=messages, validate=False),
            ):
                pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert "canary" not in shown(caught.value)
    assert "keybearer" in shown(caught.value)


@pytest.mark.parametrize("script", [silent, begun])
@pytest.mark.parametrize("end", ["cancelled", "a caller's time limit", "its own time limit"])
@pytest.mark.parametrize("kind", [AiohttpTransport, AsyncHttpxTransport])
def test_an_awaited_call_that_ends_shows_no_key(
    script: Callable[[Peer], None], end: str, kind: Callable[[], Any]
) -> None:
    """A cancellation and a time limit leave no frame whose locals have the key."""

    async def main(url: str) -> BaseException:
        async with AsyncClient(api_key=CANARY, base_url=url, model="m", max_retries=0, transport=kind()) as client:

            async def call() -> None:
                limit = 0.2 if end == "its own time limit" else 60
                async with client.messages.stream(max_tokens=5, messages=MESSAGES, timeout=limit) as stream:
                    await stream.until_done()

            task = asyncio.create_task(call())
            try:
                if end == "cancelled":
                    await asyncio.sleep(0.2)
                    task.cancel()
                    await task
                elif end == "a caller's time limit":
                    async with asyncio.timeout(0.2):
                        await task
                else:
                    await task
            except BaseException as error:  # noqa: BLE001 - it is what is looked at
                return error
        raise AssertionError("it did not end")

    with raw_server(script) as server:
        error = asyncio.run(main(server.url))
    assert isinstance(error, asyncio.CancelledError | TimeoutError | KeybearerError)
    assert "canary" not in shown(error)


def test_a_failed_call_shows_no_key(make: Make) -> None:
    """A reset, a header that cannot be sent, a proxy that refuses: no frame and no cause has the key or the proxy's login."""
    with raw_server(lambda peer: peer.reset()) as server:
        url = server.url.replace("http://", "http://user:canary@")
        for options, target in (
            ({}, server.url),
            ({"proxy": url}, "https://far.example"),
            ({"proxy": url}, "http://far.example"),
        ):
            sent = request(target)
            with pytest.raises(TransportError) as caught:
                make(**options).send(msgspec.structs.replace(sent, headers={**sent.headers, "x-api-key": CANARY}))
            assert "canary" not in shown(caught.value).replace(repr(CANARY), "")


@pytest.mark.parametrize("kind", [AiohttpTransport, AsyncHttpxTransport])
def test_a_stream_that_is_closed_in_another_task_ends_its_reader(kind: Callable[[], Any]) -> None:
    """A stop button: whoever waits for the next event is back at once, with a typed error, and the close raises nothing."""

    async def main(url: str) -> BaseException | None:
        async with AsyncClient(api_key="sk-ant-x", base_url=url, model="m", transport=kind()) as client:
            opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

            async def read() -> None:
                stream = await client.messages.create(max_tokens=5, messages=MESSAGES, stream=True, timeout=3600)
                opened.set_result(stream)
                async for _ in stream:
                    pass

            task = asyncio.create_task(read())
            stream = await opened
            await asyncio.sleep(0.05)
            await stream.close()
            await asyncio.wait([task], timeout=10)
            assert task.done()
            return task.exception()

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(
            b'event: message_start\ndata: {"type": "message_start", "message": {"content": [], "usage": {}}}\n\n'
        )
        peer.chunk(b'event: content_block_start\ndata: {"type": "content_block_start", "index": 0,')
        peer.chunk(b' "content_block": {"type": "text", "text": ""}}\n\n')
        peer.sock.recv(1)

    with raw_server(script) as server:
        assert isinstance(asyncio.run(main(server.url)), KeybearerError)


def test_a_plain_call_in_a_thread_ends_when_its_client_is_closed() -> None:
    """A thread that waits for a reply is back at once, with an error that says why."""
    ended: list[BaseException] = []
    asked = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        asked.set()
        peer.sock.recv(1)

    def call(client: Client) -> None:
        try:
            client.messages.create(max_tokens=5, messages=MESSAGES, timeout=3600)
        except KeybearerError as error:
            ended.append(error)

    with raw_server(script) as server:
        client = Client(api_key="sk-ant-x", base_url=server.url, model="m")
        thread = threading.Thread(target=call, args=(client,))
        thread.start()
        assert asked.wait(10)
        time.sleep(0.05)
        client.close()
        thread.join(20)
    assert "closed" in str(ended[0])
