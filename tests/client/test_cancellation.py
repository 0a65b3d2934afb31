"""A call that is cancelled, anywhere, leaves nothing behind: no connection, no place, no task."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import time
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest

from keybearer import AsyncClient
from keybearer.policy.retry import RetryPolicy
from keybearer.shell.transports.aiohttp_transport import AiohttpTransport
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server
from support.sse import frame, text_message
from support.whole import sampled

MESSAGES: Any = [{"role": "user", "content": 'Say "fine"'}]
QUICK: Any = {
    "retry": RetryPolicy(min_delay=0.001, max_delay=0.002),
    "retry_budget": 1.0,
    "model": "claude-haiku-4-5",
}


class CancelledAt:
    """Work whose task is cancelled at one of the points where it waits: the `at`-th.

    Args:
        work: The work.
        at: Which point, from 0.
        late: Cancel once what is waited for there is done, before the work hears of it.

    Attributes:
        waits: At how many points it has waited.
    """

    def __init__(self, work: Coroutine[Any, Any, object], at: int, *, late: bool) -> None:
        self._work, self._at, self._late = work, at, late
        self.waits = 0

    def __await__(self) -> Generator[Any, Any, object]:
        """Go on with the work, and count."""
        task = asyncio.current_task()
        assert task is not None
        failure: BaseException | None = None
        while True:
            try:
                future = self._work.send(None) if failure is None else self._work.throw(failure)
            except StopIteration as end:
                return end.value
            failure = None
            if self.waits == self._at:
                if self._late and future is not None:
                    future.add_done_callback(lambda _: task.cancel())
                else:
                    asyncio.get_running_loop().call_soon(task.cancel)
            self.waits += 1
            try:
                yield future
            except BaseException as error:  # noqa: BLE001 - the work's own business
                failure = error


async def plain(client: AsyncClient) -> None:
    """Ask, without a stream."""
    await client.messages.create(max_tokens=50, messages=MESSAGES)


async def streamed(client: AsyncClient) -> None:
    """Read a stream to its end."""
    async with client.messages.stream(max_tokens=50, messages=MESSAGES) as stream:
        await stream.get_final_message()


async def raw(client: AsyncClient) -> None:
    """Read raw events to their end, without a `with` block."""
    async for _ in await client.messages.create(max_tokens=50, messages=MESSAGES, stream=True):
        pass


def piecemeal() -> Callable[[Peer], None]:
    """Answer with a few bytes at a time, so that there are many points to wait at; the body's end comes last, alone.

    Every third request is refused, so that some are tried again.
    """
    asked = itertools.count()

    def script(peer: Peer) -> None:
        while request := peer.request():
            if next(asked) % 3 == 2:
                peer.reply(
                    b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
                    status="529 Overloaded",
                )
            elif b'"stream":true' in request:
                peer.stream_head()
                for event in text_message("fi", "ne"):
                    time.sleep(0.002)
                    peer.chunk(frame(event))
                time.sleep(0.002)
                peer.chunk(b"")
            else:
                body = WHOLE
                peer.send(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
                )
                time.sleep(0.002)
                peer.send(body[:20])
                time.sleep(0.002)
                peer.send(body[20:])

    return script


WHOLE = (
    b'{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"fine"}],'
    b'"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}'
)


def in_use(transport: Any) -> int:
    """Return how many connections a transport thinks somebody uses."""
    if isinstance(transport, AiohttpTransport):
        connectors: list[Any] = [session.connector for session, _ in transport._sessions.values()]
        return sum(len(each._acquired) for each in connectors)
    pools = list(transport._pools._made.values())
    return sum(not each.is_idle() for pool in pools for each in pool.connections)


@pytest.mark.parametrize(
    ("kind", "work", "late"),
    sampled(
        [
            (kind, work, late)
            for work in (plain, streamed, raw)
            for late in (False, True)
            for kind in (AiohttpTransport, AsyncHttpxTransport)
        ],
        5,
    ),
)
def test_cancelled_at_every_point_where_it_waits(
    kind: Callable[[], Any], work: Callable[[AsyncClient], Coroutine[Any, Any, None]], late: bool
) -> None:
    """Whatever it was at, its connection is given back or closed, its place is free and the client works."""

    async def main(url: str) -> int:
        transport = kind()
        async with AsyncClient(
            api_key="sk-ant-canary", base_url=url, transport=transport, concurrency=2, **QUICK
        ) as client:
            points = 0
            while True:
                one = CancelledAt(work(client), points, late=late)

                async def run(one: CancelledAt = one) -> None:
                    await one

                task = asyncio.create_task(run())
                await asyncio.wait([task], timeout=20)
                assert task.done()
                assert (in_use(transport), client.limits.under_way, client.limits.waiting) == (0, 0, 0), points
                if one.waits <= points:
                    await task
                    break
                points += 1
            await plain(client)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return points

    with raw_server(piecemeal()) as server:
        points = asyncio.run(main(server.url))
    gc.collect()  # what was left open warns, which is an error
    assert points > 2


@pytest.mark.parametrize("seed", range(4))
def test_random_cancellations_leak_nothing(sim: Simulator, seed: int) -> None:
    """250 calls and streams a seed, cancelled anywhere: every place is free, no task is left, and the client works."""
    draw = random.Random(seed)  # noqa: S311 - which to cancel

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, concurrency=20, **QUICK) as client:

            async def one(number: int) -> None:
                messages: Any = [{"role": "user", "content": "Write 100 words"}]
                if number % 2:
                    await client.messages.create(max_tokens=400, messages=messages)
                    return
                async with client.messages.stream(max_tokens=400, messages=messages) as stream:
                    async for _ in stream:
                        await asyncio.sleep(0)

            tasks = [asyncio.create_task(one(number)) for number in range(250)]
            for task in tasks:
                if draw.random() < 0.9:
                    asyncio.get_running_loop().call_later(draw.random() * 0.3, task.cancel)
            await asyncio.gather(*tasks, return_exceptions=True)
            assert (client.limits.under_way, client.limits.waiting) == (0, 0)
            assert (await client.messages.create(max_tokens=50, messages=MESSAGES)).text == "fine"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
