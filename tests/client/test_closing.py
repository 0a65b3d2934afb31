"""A client that is closed while its calls wait: each ends at once, and nothing is sent for it any more."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import trio

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.policy.deadline import Deadline
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator

MESSAGES: Any = [{"role": "user", "content": 'Say "fine"'}]
HOUR: Any = {"retry": RetryPolicy(min_delay=3600, max_delay=3600), "timeout": 86_400, "model": "claude-haiku-4-5"}
"""A client that waits an hour before it sends again."""


def waits(what: str, sim: Simulator) -> dict[str, Any]:
    """Return the options of a client whose calls wait for that, once it is occupied, until their hour has come."""
    options: dict[str, Any] = {"api_key": sim.api_key, "base_url": sim.base_url, **HOUR}
    if what == "a retry":
        sim.fail("error", status=500, times=9)
    elif what == "a place":
        options["concurrency"] = 1
    else:
        options["requests_per_second"] = 1 / 3600
    return options


def occupy(what: str, client: Client | AsyncClient) -> None:
    """Take the client's one place, or its one turn in this hour."""
    admission = client._settings.exchange.admission
    if what == "a place":
        assert admission.concurrency is not None
        admission.concurrency.acquire()
    elif what == "its turn":
        with pytest.raises(StopIteration):
            next(admission.limiter.acquire(Deadline.start(0.0, None), time.monotonic))


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it did not come to that")


@pytest.mark.parametrize("what", ["a retry", "a place", "its turn"])
def test_calls_in_threads_end_when_their_client_is_closed(what: str, sim: Simulator) -> None:
    """Threads that wait come back with an error that says why, long before their time."""
    client = Client(**waits(what, sim))
    ended: list[BaseException] = []
    occupy(what, client)

    def call() -> None:
        try:
            client.messages.create(max_tokens=20, messages=MESSAGES)
        except e.KeybearerError as error:
            ended.append(error)

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    until(lambda: len(sim.requests) == 5 if what == "a retry" else client.limits.waiting == 5)
    time.sleep(0.05)
    client.close()
    for thread in threads:
        thread.join(20)
    assert [type(error) for error in ended] == [e.UsageError] * 5
    assert "closed" in str(ended[0])
    assert len(sim.requests) == (5 if what == "a retry" else 0)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize("what", ["a retry", "a place", "its turn"])
def test_tasks_end_when_their_client_is_closed(what: str, loop: str, sim: Simulator) -> None:
    """Tasks that wait come back with an error that says why, and nothing is sent after the close."""
    ended: list[BaseException] = []
    sent: list[int] = []

    async def call(client: AsyncClient) -> None:
        try:
            await client.messages.create(max_tokens=20, messages=MESSAGES)
        except e.KeybearerError as error:
            ended.append(error)

    async def close(client: AsyncClient, sleep: Callable[[float], Any]) -> None:
        while len(sim.requests) < 5 if what == "a retry" else client.limits.waiting < 5:
            await sleep(0.005)
        await sleep(0.05)
        await client.close()
        sent.append(len(sim.requests))

    async def on_asyncio() -> None:
        client = AsyncClient(**waits(what, sim))
        occupy(what, client)
        await asyncio.gather(*[call(client) for _ in range(5)], close(client, asyncio.sleep))

    async def on_trio() -> None:
        client = AsyncClient(**waits(what, sim))
        occupy(what, client)
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(call, client)
            nursery.start_soon(close, client, trio.sleep)

    if loop == "trio":
        trio.run(on_trio)
    else:
        asyncio.run(on_asyncio())
    assert [type(error) for error in ended] == [e.UsageError] * 5
    assert len(sim.requests) == sent[0] == (5 if what == "a retry" else 0)


def test_a_long_lived_client_keeps_nothing_of_the_waits_that_ended(sim: Simulator) -> None:
    """Retries and turns that were waited for leave no future behind."""
    quick: Any = {"retry": RetryPolicy(min_delay=0.001, max_delay=0.001), "model": "claude-haiku-4-5"}
    with Client(api_key=sim.api_key, base_url=sim.base_url, requests_per_second=500, **quick) as client:
        sim.fail("error", status=500, times=2)
        for _ in range(20):
            client.messages.create(max_tokens=20, messages=MESSAGES)
        assert client._closing._waits == set()
