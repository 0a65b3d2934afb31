"""The drivers: one flow, three event loops, and what happens when it is cut short."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from typing import Any

import pytest
import trio

from keybearer.errors import ConnectionFailed
from keybearer.flow import Blocking, Effect, Exclusive, Flow, Send, Sleep
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.types.http import Headers, Reply, Request

REQUEST = Request(method="POST", url="http://localhost/", headers={})
OK = Reply(status=200, headers=Headers(()))


class FakeTransport:
    """Gives scripted replies, or raises scripted errors."""

    def __init__(self, *outcomes: Reply | Exception) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[Request] = []

    def send(self, request: Request) -> Reply:
        self.sent.append(request)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        pass


class FakeAsyncTransport:
    """The same, awaited."""

    def __init__(self, *outcomes: Reply | Exception) -> None:
        self._transport = FakeTransport(*outcomes)
        self.sent = self._transport.sent

    async def send(self, request: Request) -> Reply:
        return self._transport.send(request)

    async def close(self) -> None:
        pass


def on_sync(flow: Callable[[], Flow[Any]], *outcomes: Reply | Exception) -> tuple[Any, int]:
    """Run a flow on the sync driver."""
    transport = FakeTransport(*outcomes)
    return SyncDriver(transport).run(flow()), len(transport.sent)


def on_asyncio(flow: Callable[[], Flow[Any]], *outcomes: Reply | Exception) -> tuple[Any, int]:
    """Run a flow on asyncio."""
    transport = FakeAsyncTransport(*outcomes)
    return asyncio.run(AsyncDriver(transport).run(flow())), len(transport.sent)


def on_trio(flow: Callable[[], Flow[Any]], *outcomes: Reply | Exception) -> tuple[Any, int]:
    """Run a flow on trio."""
    transport = FakeAsyncTransport(*outcomes)
    return trio.run(AsyncDriver(transport).run, flow()), len(transport.sent)


Run = Callable[..., tuple[Any, int]]
every_driver = pytest.mark.parametrize("run", [on_sync, on_asyncio, on_trio])


@every_driver
def test_each_effect_gives_its_result(run: Run) -> None:
    """Send gives the reply, Blocking the function's value, Exclusive the inner flow's."""

    def inner() -> Flow[str]:
        yield from Sleep(0)
        return "inner"

    def flow() -> Flow[list[Any]]:
        return [
            (yield from Send(REQUEST)),
            (yield from Blocking(lambda: 7)),
            (yield from Exclusive("key", inner)),
        ]

    assert run(flow, OK) == ([OK, 7, "inner"], 1)


@every_driver
def test_what_an_effect_raises_is_raised_in_the_flow(run: Run) -> None:
    """The flow can catch it and go on."""

    def flow() -> Flow[str]:
        try:
            yield from Blocking(lambda: 1 // 0)
        except ZeroDivisionError:
            yield from Sleep(0)
            return "caught"
        return "not raised"

    assert run(flow)[0] == "caught"


@every_driver
def test_what_the_flow_raises_comes_out(run: Run) -> None:
    """An error that the flow does not catch is the caller's."""

    def flow() -> Flow[None]:
        yield from Sleep(0)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        run(flow)


@every_driver
def test_an_effect_that_no_driver_knows_is_told(run: Run) -> None:
    """An unknown effect is a TypeError in the flow."""

    class Dance(Effect[None], frozen=True):
        pass

    def flow() -> Flow[None]:
        yield from Dance()

    with pytest.raises(TypeError, match="Dance"):
        run(flow)


def stale(*, reused: bool, phase: str = "first_byte") -> ConnectionFailed:
    """Return the failure of a connection that ended before a reply."""
    return ConnectionFailed("gone", phase=phase, reused=reused)


@every_driver
def test_a_stale_connection_is_tried_once_more_silently(run: Run) -> None:
    """A failure on a kept-alive connection before any reply sends the request again, once."""

    def flow() -> Flow[int]:
        return (yield from Send(REQUEST)).status

    assert run(flow, stale(reused=True), OK) == (200, 2)
    with pytest.raises(ConnectionFailed):
        run(flow, stale(reused=True), stale(reused=True), OK)
    with pytest.raises(ConnectionFailed):
        run(flow, stale(reused=False), OK)
    with pytest.raises(ConnectionFailed):
        run(flow, stale(reused=True, phase="read"), OK)


def test_exclusive_flows_of_one_key_do_not_overlap_between_threads() -> None:
    """Threads that run flows of one key on one driver run them one after another."""
    driver, inside, overlaps = SyncDriver(FakeTransport()), threading.Semaphore(1), []

    def body() -> None:
        overlaps.append(not inside.acquire(blocking=False))
        inside.release()

    def inner() -> Flow[None]:
        yield from Blocking(body)

    def flow() -> Flow[None]:
        yield from Exclusive("k", inner)

    threads = [threading.Thread(target=lambda: driver.run(flow())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [False] * 20


def test_exclusive_flows_of_one_key_do_not_overlap_between_tasks() -> None:
    """Tasks too; flows of another key are not held up."""
    order: list[str] = []

    def inner(name: str) -> Flow[None]:
        order.append(f"{name} in")
        yield from Sleep(0)
        order.append(f"{name} out")

    def flow(key: str, name: str) -> Flow[None]:
        yield from Exclusive(key, lambda: inner(name))

    async def main() -> None:
        driver = AsyncDriver(FakeAsyncTransport())
        await asyncio.gather(driver.run(flow("k", "a")), driver.run(flow("k", "b")), driver.run(flow("other", "c")))

    asyncio.run(main())
    assert order.index("a out") < order.index("b in")
    assert order.index("c in") < order.index("a out")


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_cancellation_runs_finally_and_reaches_the_caller(loop: str) -> None:
    """A cancelled task's flow is cancelled where it waits; its `finally` runs; nothing goes on."""
    seen: list[str] = []

    def flow() -> Flow[None]:
        try:
            seen.append("in")
            yield from Sleep(3600)
        finally:
            seen.append("out")

    async def on_asyncio() -> None:
        task = asyncio.create_task(AsyncDriver(FakeAsyncTransport()).run(flow()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def on_trio() -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            await AsyncDriver(FakeAsyncTransport()).run(flow())
        assert scope.cancelled_caught

    if loop == "asyncio":
        asyncio.run(on_asyncio())
    else:
        trio.run(on_trio)
    assert seen == ["in", "out"]


def test_a_flow_that_goes_on_after_a_cancellation_is_told() -> None:
    """Nobody would perform an effect that is yielded after a cancellation, so that is an error in the flow."""

    def flow() -> Flow[None]:
        try:
            yield from Blocking(_interrupt)
        except KeyboardInterrupt:
            yield from Sleep(0)

    with pytest.raises(RuntimeError, match="after it was cancelled"):
        SyncDriver(FakeTransport()).run(flow())


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_both_drivers_perform_the_same_effects() -> None:
    """An effect that one driver knows, the other knows too."""
    sync, asynchronous = inspect.getsource(SyncDriver._perform), inspect.getsource(AsyncDriver._perform)
    for effect in Effect.__subclasses__():
        if effect.__module__ == "keybearer.flow":
            assert f"isinstance(effect, {effect.__name__})" in sync
            assert f"isinstance(effect, {effect.__name__})" in asynchronous
