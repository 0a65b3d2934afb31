"""Both clients against streams that a proper server never sends: cut, without an end, without progress, left early."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.shell.transports.httpx_transport import HttpxTransport
from keybearer.types.http import Timeouts
from support.rawserver import Peer, raw_server, streaming
from support.sse import RICH, START, frames, text_message

HELLO: Any = [{"role": "user", "content": "hi"}]
MODEL = "claude-haiku-4-5"


@pytest.mark.parametrize("cut", [False, True], ids=["orderly end", "connection lost"])
def test_a_cut_stream_is_never_an_answer(cut: bool) -> None:
    """A stream that ends early raises, for every way of reading, with what came; both transports and both clients."""
    data = frames(*RICH[:9])

    async def on_async(url: str) -> None:
        async with AsyncClient(api_key="sk-ant-test", base_url=url, model=MODEL) as client:
            with pytest.raises(e.StreamTruncated) as caught:
                async with client.messages.stream(max_tokens=10, messages=HELLO) as stream:
                    await stream.get_final_message()
            assert caught.value.partial is not None

    with raw_server(streaming(data, cut=cut)) as server:
        for transport in (None, HttpxTransport()):
            with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL, transport=transport) as client:
                for read in (
                    list,
                    lambda s: list(s.text_stream),
                    lambda s: s.get_final_message(),
                    lambda s: s.until_done(),
                ):
                    with (
                        pytest.raises(e.StreamTruncated) as caught,
                        client.messages.stream(max_tokens=10, messages=HELLO) as stream,
                    ):
                        read(stream)
                    assert caught.value.partial is not None
                    assert caught.value.partial.text == "Grüße, "
                with pytest.raises(e.StreamTruncated):
                    list(client.messages.create(max_tokens=10, messages=HELLO, stream=True))
        asyncio.run(on_async(server.url))


def test_a_proxy_that_omits_the_end_mark_is_accepted_when_asked() -> None:
    """strict_streams=False takes a stream that lacks only message_stop."""
    with raw_server(streaming(frames(*text_message("all here")[:-1]))) as server:
        with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL, strict_streams=False) as client:
            with client.messages.stream(max_tokens=10, messages=HELLO) as stream:
                assert stream.get_final_text() == "all here"
        with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL) as client:
            with (
                pytest.raises(e.StreamTruncated) as caught,
                client.messages.stream(max_tokens=10, messages=HELLO) as stream,
            ):
                stream.until_done()
            assert caught.value.logically_complete


def test_a_stream_of_pings_ends() -> None:
    """Pings are no progress: a stream that has nothing else is given up."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(frames(START))
        for _ in range(1000):
            peer.chunk(b'event: ping\ndata: {"type": "ping"}\n\n')
            if peer.sock.fileno() < 0:
                return
            time.sleep(0.005)

    with raw_server(script) as server:
        with Client(
            api_key="sk-ant-test", base_url=server.url, model=MODEL, timeout=Timeouts(progress=0.05), max_retries=0
        ) as client:
            with pytest.raises(e.TimedOut) as caught, client.messages.stream(max_tokens=10, messages=HELLO) as stream:
                stream.until_done()
    assert isinstance(caught.value, e.StreamTruncated)
    assert caught.value.phase == "progress"


def half(peer: Peer) -> None:
    """Send half a message, then nothing more until the client goes."""
    while peer.request():
        peer.stream_head()
        peer.chunk(frames(*text_message("half")[:4]))
        peer.sock.recv(1)


def test_leaving_the_stream_early_closes_it() -> None:
    """A stream left in the middle is closed; asking for its message then is an error with what came."""

    async def on_async(url: str) -> None:
        async with AsyncClient(api_key="sk-ant-test", base_url=url, model=MODEL) as client:
            async with client.messages.stream(max_tokens=10, messages=HELLO) as stream:
                assert await anext(stream.text_stream) == "half"
            with pytest.raises(e.StreamError, match="closed before"):
                await stream.get_final_message()

    with raw_server(half) as server:
        for transport in (None, HttpxTransport()):
            with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL, transport=transport) as client:
                with client.messages.stream(max_tokens=10, messages=HELLO) as stream:
                    assert next(stream.text_stream) == "half"
                with pytest.raises(e.StreamError, match="closed before") as caught:
                    stream.get_final_message()
                assert caught.value.partial is not None
        asyncio.run(on_async(server.url))
