"""The drivers: one flow, three event loops, and what happens when it is cut short."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
import trio

from keybearer.flow import Blocking, CallHook, Effect, Flow, ReadUntil, Send, Sleep, Wait
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
    """Send gives the reply, Blocking the function's value."""

    def flow() -> Flow[list[Any]]:
        return [
            (yield from Send(REQUEST)),
            (yield from Blocking(lambda: 7)),
        ]

    assert run(flow, OK) == ([OK, 7], 1)


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
def test_an_effect_that_no_driver_knows_is_reported(run: Run) -> None:
    """An unknown effect is a TypeError in the flow."""

    class Dance(Effect[None], frozen=True):
        pass

    def flow() -> Flow[None]:
        yield from Dance()

    with pytest.raises(TypeError, match="Dance"):
        run(flow)


@every_driver
def test_a_wait_gives_the_future_s_value_or_times_out(run: Run) -> None:
    """Work that a thread completes is waited for; a wait with a limit raises TimeoutError in the flow."""
    done, never = Future[int](), Future[int]()
    threading.Timer(0.01, lambda: done.set_result(7)).start()

    def flow() -> Flow[list[Any]]:
        seen: list[Any] = [(yield from Wait(done, 60.0))]
        try:
            yield from Wait(never, 0.01)
        except TimeoutError:
            seen.append("late")
        return seen

    assert run(flow)[0] == [7, "late"]


@every_driver
def test_a_hook_is_called_and_cannot_break_the_flow(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """A hook gets its value; what it raises is logged, and the flow goes on."""
    seen: list[int] = []

    def broken(_value: int) -> None:
        raise LookupError("mine")

    def flow() -> Flow[str]:
        yield from CallHook(seen.append, 1)
        yield from CallHook(broken, 2)
        return "on"

    assert run(flow)[0] == "on"
    assert seen == [1]
    assert "mine" in caplog.text


def test_a_coroutine_hook_is_awaited_or_refused(caplog: pytest.LogCaptureFixture) -> None:
    """The async driver awaits it; the sync one cannot, and says so."""
    seen: list[int] = []

    async def hook(value: int) -> None:
        await asyncio.sleep(0)
        seen.append(value)

    def flow() -> Flow[None]:
        yield from CallHook(hook, 1)

    on_sync(flow)
    assert seen == []
    assert "only AsyncClient" in caplog.text
    on_asyncio(flow)
    assert seen == [1]


class FakeStream:
    """Gives chunks, and remembers that it was closed."""

    def __init__(self, *chunks: bytes, awaited: bool) -> None:
        self.chunks, self.closed, self._awaited = list(chunks), False, awaited

    def read(self) -> Any:
        return self._soon(self.chunks.pop(0)) if self._awaited else self.chunks.pop(0)

    def close(self) -> Any:
        self.closed = True
        return self._soon(None) if self._awaited else None

    async def _soon(self, value: Any) -> Any:
        return value


@every_driver
def test_priming_reads_until_it_has_seen_enough(run: Run) -> None:
    """Chunks are fed until the feed says so; what it raises is raised in the flow."""
    stream = FakeStream(b"a", b"b", b"c", awaited=run is not on_sync)
    fed: list[bytes] = []

    def feed(chunk: bytes) -> bool:
        fed.append(chunk)
        return chunk == b"b"

    def refuse(_chunk: bytes) -> bool:
        raise LookupError("mine")

    def flow() -> Flow[None]:
        yield from ReadUntil(stream, feed)
        with pytest.raises(LookupError, match="mine"):
            yield from ReadUntil(stream, refuse)

    run(flow)
    assert (fed, stream.closed) == ([b"a", b"b"], False)


class Opening:
    """A transport, of either kind, whose every reply is an open stream."""

    def __init__(self, *, awaited: bool) -> None:
        self.opened: list[FakeStream] = []
        self._awaited = awaited

    def send(self, _request: Request) -> Any:
        stream = FakeStream(awaited=self._awaited)
        self.opened.append(stream)
        reply = Reply(status=200, headers=Headers(()), stream=stream)
        return stream._soon(reply) if self._awaited else reply

    def close(self) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize("ends", ["returns the last", "returns none", "raises", "is cancelled"])
def test_a_stream_that_a_flow_does_not_return_is_closed(ends: str, *, awaited: bool) -> None:
    """Of the streams that a flow opened, the one that it returns stays open; the others are closed, however it ends."""
    transport = Opening(awaited=awaited)
    request = Request(method="POST", url="http://x/", headers={})

    def flow() -> Flow[Reply | None]:
        yield from Send(request)
        last = yield from Send(request)
        if ends == "raises":
            raise LookupError("mine")
        if ends == "is cancelled":
            raise KeyboardInterrupt
        return last if ends == "returns the last" else None

    def run() -> Any:
        return asyncio.run(AsyncDriver(transport).run(flow())) if awaited else SyncDriver(transport).run(flow())

    if ends in {"raises", "is cancelled"}:
        with pytest.raises((LookupError, KeyboardInterrupt)):
            run()
    else:
        run()
    kept = ends == "returns the last"
    assert [stream.closed for stream in transport.opened] == [True, not kept]


@pytest.mark.parametrize("on", [asyncio.run, trio.run])
def test_a_hook_that_is_awaited_ends_in_time(on: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A hook that never ends is cancelled at its limit; the flow goes on."""
    ended: list[str] = []

    async def hook(_value: int) -> None:
        try:
            if on is trio.run:
                await trio.sleep(3600)
            await asyncio.sleep(3600)
        finally:
            ended.append("cancelled")

    def flow() -> Flow[str]:
        yield from CallHook(hook, 1, 0.01)
        return "gone on"

    async def main() -> str:
        return await AsyncDriver(Opening(awaited=True)).run(flow())

    assert on(main if on is trio.run else main()) == "gone on"
    assert ended == ["cancelled"]
    assert "a hook failed" in caplog.text


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


def test_a_flow_that_goes_on_after_a_cancellation_is_reported() -> None:
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
