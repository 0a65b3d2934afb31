"""The streams that callers hold: what they show of themselves, how they are mistaken for one another, how they are left early."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import warnings
from typing import Any

import pytest
import trio

from keybearer import AsyncClient, Client, Timeouts
from keybearer.errors import StreamError, TimedOut, UsageError
from keybearer.shell import streams
from keybearer.shell.transports import base as transport
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server
from support.sse import START, block_start, delta, frames, text_message

ASK: Any = {"model": "claude-haiku-4-5", "max_tokens": 300, "messages": [{"role": "user", "content": "Write 60 words"}]}


def test_a_stream_says_how_far_it_came(sim: Simulator) -> None:
    """The repr has the state, the events and the request's id, and nothing that was said."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        manager = client.messages.stream(**ASK)
        assert repr(manager) == "<MessageStreamManager: not opened>"
        with manager as stream:
            assert repr(stream) == f"<MessageStream: open, 0 events, request_id={stream.request_id!r}>"
            assert repr(manager) == f"<MessageStreamManager: {stream!r}>"
            stream.get_final_message()
            assert repr(stream).startswith("<MessageStream: complete, ")
        with client.messages.create(**ASK, stream=True) as raw:
            next(raw)
        assert repr(raw) == f"<RawStream: closed, 1 events, request_id={raw.request_id!r}>"


@pytest.mark.parametrize(
    "use",
    [
        lambda manager: manager.text_stream,
        lambda manager: manager.get_final_message(),
        lambda manager: manager.headers,
        list,
    ],
)
def test_a_manager_is_not_the_stream(use: Any) -> None:
    """Whoever forgets `with` reads what to write; what a stream has not either is an AttributeError, as ever."""
    manager = Client(api_key="sk-ant-test").messages.stream(**ASK)
    with pytest.raises(UsageError) as caught:
        use(manager)
    assert str(caught.value) == (
        "This is not the stream yet: it is opened by `with`. Write: with client.messages.stream(...) as stream: ..."
    )
    assert not hasattr(manager, "zork")


def test_an_awaited_manager_is_not_the_stream() -> None:
    """The same, and for `await` in place of `async with`."""
    manager: Any = AsyncClient(api_key="sk-ant-test").messages.stream(**ASK)
    assert repr(manager) == "<AsyncMessageStreamManager: not opened>"

    async def awaited() -> None:
        await manager

    async def iterated() -> None:
        async for _ in manager:
            pass

    def entered() -> None:
        with manager:
            pass

    with pytest.raises(UsageError, match="opened by `async with`"):
        entered()
    with pytest.raises(UsageError, match="not entered by `with`"), AsyncClient(api_key="sk-ant-test"):  # type: ignore[attr-defined]
        pass
    for wrong in (awaited, iterated):
        with pytest.raises(UsageError, match="opened by `async with`"):
            asyncio.run(wrong())
    with pytest.raises(UsageError, match="Write: async with client"):
        _ = manager.text_stream


def test_reading_on_after_the_stream_was_closed_is_reported(sim: Simulator) -> None:
    """Every way of reading a stream that was left early raises: a part is never given as the whole."""

    async def awaited() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            async with client.messages.stream(**ASK) as stream:
                await anext(stream)
            with pytest.raises(StreamError, match="closed before its message was complete"):
                await anext(stream)
            with pytest.raises(StreamError, match="closed before its message was complete"):
                await stream.get_final_message()
            with pytest.raises(StreamError, match="closed before its message was complete"):
                async for _ in stream.text_stream:
                    pass

    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        with client.messages.stream(**ASK) as stream:
            next(stream)
        with pytest.raises(StreamError, match="closed before its message was complete"):
            next(stream)
        with pytest.raises(StreamError, match="closed before its message was complete"):
            stream.get_final_message()
    asyncio.run(awaited())


@pytest.mark.parametrize("way", ["events", "text", "nothing", "to the end"])
def test_leaving_early_on_trio_leaves_no_generator_of_ours(sim: Simulator, way: str) -> None:
    """Trio warns of an async generator that the garbage collector finds: closing the stream closes ours."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            async with client.messages.stream(**ASK) as stream:
                events: Any = stream if way == "events" else stream.text_stream
                if way == "to the end":
                    await stream.get_final_message()
                elif way != "nothing":
                    async for _ in events:
                        break
            del stream, events
            gc.collect()

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        trio.run(main)
    assert [str(each.message) for each in seen if "keybearer" in str(each.message)] == []


class Shifted:
    """A clock that a test can turn: the real one, and as many seconds as the test adds."""

    def __init__(self) -> None:
        self.added = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        return time.monotonic() + self.added


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Shifted:
    """Return the clock that the time limits of streams are on."""
    shifted = Shifted()
    for module in (transport, streams):
        monkeypatch.setattr(module, "time", shifted)
    return shifted


LIMITS = Timeouts(total=20, idle=20, progress=20)
PIECES = [frames(START, block_start(0, type="text", text="")), *[frames(delta(0, "text_delta", text="x"))] * 3]
PING = b'event: ping\ndata: {"type": "ping"}\n\n'


class Served:
    """A server that sends the next piece of a stream when the reader has said that it may."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.more = threading.Semaphore(1)

    def script(self, peer: Peer) -> None:
        """Send the pieces, and end the stream."""
        peer.request()
        peer.stream_head()
        for piece in [*self._pieces, b""]:
            self.more.acquire()
            peer.chunk(piece)


@pytest.mark.parametrize("adapter", [None, HttpxTransport], ids=["http.client", "httpx"])
def test_a_slow_reader_uses_up_no_time_limit(clock: Shifted, adapter: Any) -> None:
    """What a reader does between two reads, an hour at a time, counts for no limit: not the total, the idle time nor the progress."""
    served = Served([*PIECES, PING, PING, frames(*text_message()[-3:])])
    with raw_server(served.script) as server:
        client = Client(
            api_key="sk-ant-test", base_url=server.url, timeout=LIMITS, transport=adapter() if adapter else None
        )
        with client, client.messages.create(**ASK, stream=True) as stream:
            kinds = []
            for event in stream:
                kinds.append(event.type)
                clock.added += 3600
                served.more.release()
    assert kinds[-1] == "message_stop"
    assert kinds.count("ping") == 2


@pytest.mark.parametrize("adapter", [None, AsyncHttpxTransport], ids=["aiohttp", "httpx"])
def test_a_slow_reader_that_awaits_uses_up_no_time_limit(clock: Shifted, adapter: Any) -> None:
    """The same for streams that are awaited."""
    served = Served([*PIECES, PING, PING, frames(*text_message()[-3:])])

    async def main(url: str) -> list[str]:
        loop: Any = asyncio.get_running_loop()
        real = loop.time
        loop.time = lambda: real() + clock.added  # its timers are of the same clock
        client = AsyncClient(
            api_key="sk-ant-test", base_url=url, timeout=LIMITS, transport=adapter() if adapter else None
        )
        kinds = []
        async with client, await client.messages.create(**ASK, stream=True) as stream:
            async for event in stream:
                kinds.append(event.type)
                clock.added += 3600
                served.more.release()
        return kinds

    with raw_server(served.script) as server:
        assert asyncio.run(main(server.url))[-1] == "message_stop"


@pytest.mark.parametrize("adapter", [None, AsyncHttpxTransport], ids=["aiohttp", "httpx"])
def test_a_reader_that_was_away_still_waits_no_longer_than_its_limit(clock: Shifted, adapter: Any) -> None:
    """After a long pause of the reader, the total time goes on where it stood, and ends the wait."""
    served = Served(PIECES[:1])

    async def main(url: str) -> None:
        client = AsyncClient(
            api_key="sk-ant-test",
            base_url=url,
            timeout=Timeouts(total=1, idle=None, progress=None),
            transport=adapter() if adapter else None,
            max_retries=0,
        )
        async with client, await client.messages.create(**ASK, stream=True) as stream:
            await anext(stream)
            clock.added += 3600
            with pytest.raises(TimedOut) as caught:
                async for _ in stream:
                    pass
            assert caught.value.phase == "total"

    with raw_server(served.script) as server:
        asyncio.run(main(server.url))
