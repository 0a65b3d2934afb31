"""The two drivers: they run a flow by performing its effects, one blocking, one awaiting.

Contract: an exception from an effect is thrown into the flow, cancellation included, so its `finally` runs. A flow that yields another
effect after a cancellation is a mistake, and raises a RuntimeError. When its client is closed, a waiting call ends at once and sends
nothing more.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from keybearer.errors import TransportError
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Blocking, CallHook, Effect, FinishBody, Flow, Invoke, ReadUntil, Send, Sleep, Wait
from keybearer.shell.closing import Closing, closed_client
from keybearer.shell.runtime import AsyncRuntime, current_runtime
from keybearer.shell.transports.base import AsyncTransport, Transport, no_progress
from keybearer.types.http import Reply, Request

if TYPE_CHECKING:
    from keybearer.shell.recording import AsyncReplyKeeper, ReplyKeeper

__all__ = ["AsyncDriver", "SyncDriver"]

T = TypeVar("T")
_log = logging.getLogger("keybearer")


class _Progress:
    """The time since a body last made progress."""

    def __init__(self, effect: ReadUntil) -> None:
        self._limit, self._count = effect.limit, effect.progress
        self._seen, self._begun = self._count(), time.monotonic()

    def check(self) -> None:
        """Raise when a body made no progress for longer than the limit."""
        if (count := self._count()) != self._seen:
            self._seen, self._begun = count, time.monotonic()
        elif self._limit is not None and time.monotonic() - self._begun > self._limit:
            raise no_progress(self._limit)


def _after_cancellation(flow: Flow[Any], error: BaseException) -> None:
    """Raise if a flow yielded an effect after a cancellation."""
    if not isinstance(error, Exception):
        flow.close()
        raise RuntimeError("a flow yielded an effect after it was cancelled") from error


def _check_open(closing: Closing, flow: Flow[Any]) -> None:
    if closing.closed:
        flow.close()
        raise closed_client("This client is closed.")


def _left_open(opened: list[Reply], value: object) -> list[Reply]:
    """Return the replies whose streams a flow has left open: all but the one that it returned."""
    kept = value.body if isinstance(value, OpenBody) else value.stream if isinstance(value, Reply) else None
    return [reply for reply in opened if reply.stream is not kept]


class SyncDriver:
    """Run flows, blocking.

    Args:
        transport: Performs `Send`.
        closing: Ends the waits when it is closed; None for one that never is.
    """

    def __init__(self, transport: Transport, closing: Closing | None = None) -> None:
        self._transport = transport
        self._closing = closing or Closing()

    def recording(self) -> tuple[SyncDriver, ReplyKeeper]:
        """Return a driver like this one that keeps the last reply, and what keeps it."""
        from keybearer.shell.recording import ReplyKeeper

        keeper = ReplyKeeper(self._transport)
        return type(self)(keeper, self._closing), keeper

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result.

        Raises:
            UsageError: The client is closed.
        """
        _check_open(self._closing, flow)
        opened: list[Reply] = []
        try:
            effect = next(flow)
            while True:
                try:
                    result = self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - the flow decides
                    effect = flow.throw(error)
                    _after_cancellation(flow, error)
                else:
                    if type(effect) is Send and result.stream is not None:
                        opened.append(result)
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            if not opened:
                return value
        except BaseException:
            for reply in opened:
                reply.stream.close()
            raise
        for reply in _left_open(opened, value):
            reply.stream.close()
        return value

    def _perform(self, effect: Effect[Any]) -> Any:
        if isinstance(effect, Send):
            return self._send(effect.request)
        if isinstance(effect, Sleep):
            return self._sleep(effect.seconds)
        if isinstance(effect, Blocking):
            return effect.function()
        if isinstance(effect, Wait):
            return self._wait(effect)
        if isinstance(effect, ReadUntil):
            return self._read_until(effect)
        if isinstance(effect, FinishBody):
            return effect.body.finish()
        if isinstance(effect, CallHook):
            return self.call_hook(effect)
        if isinstance(effect, Invoke):
            from keybearer.shell.invoking import invoke

            return invoke(effect)
        raise TypeError(f"no driver performs {type(effect).__name__}")

    def _sleep(self, seconds: float) -> None:
        with self._closing.watched() as woken, contextlib.suppress(TimeoutError):
            woken.result(seconds)

    def _wait(self, effect: Wait[T]) -> T:
        if effect.future.done():
            return effect.future.result()
        with self._closing.watched(effect.future) as woken:
            woken.result(effect.timeout)
        return effect.future.result()

    def _read_until(self, effect: ReadUntil) -> None:
        progress = _Progress(effect)
        while not effect.feed(effect.body.read()):
            progress.check()

    def call_hook(self, effect: CallHook) -> None:
        """Call a hook; what it raises is logged."""
        try:
            result = effect.hook(effect.value)
            if inspect.iscoroutine(result):
                result.close()
                _log.error("a hook is a coroutine function, which only AsyncClient can await: it was not run")
        except Exception:  # noqa: BLE001 - a hook cannot break a call
            _log.exception("a hook failed; the call goes on")

    def _send(self, request: Request) -> Reply:
        self._closing.check()
        try:
            return self._transport.send(request)
        except TransportError:
            self._closing.check()
            raise


class AsyncDriver:
    """Run flows, awaiting: on asyncio, and on trio where the transport can.

    Args:
        transport: Performs `Send`.
        closing: Ends the waits when it is closed; None for one that never is.
    """

    def __init__(self, transport: AsyncTransport, closing: Closing | None = None) -> None:
        self._transport = transport
        self._closing = closing or Closing()

    def over(self, wrap: Callable[[AsyncTransport], AsyncTransport]) -> AsyncDriver:
        """Return a driver like this one that sends by what is made of its transport."""
        return type(self)(wrap(self._transport), self._closing)

    def recording(self) -> tuple[AsyncDriver, AsyncReplyKeeper]:
        """Return a driver like this one that keeps the last reply, and what keeps it."""
        from keybearer.shell.recording import AsyncReplyKeeper

        keeper = AsyncReplyKeeper(self._transport)
        return type(self)(keeper, self._closing), keeper

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result.

        Raises:
            UsageError: The client is closed.
        """
        _check_open(self._closing, flow)
        runtime = current_runtime()
        opened: list[Reply] = []
        try:
            effect = next(flow)
            while True:
                try:
                    result = await self._perform(effect, runtime)
                except BaseException as error:  # noqa: BLE001 - the flow decides
                    effect = flow.throw(error)
                    _after_cancellation(flow, error)
                else:
                    if type(effect) is Send and result.stream is not None:
                        opened.append(result)
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            if not opened:
                return value
        except BaseException:
            for reply in opened:
                await reply.stream.close()
            raise
        for reply in _left_open(opened, value):
            await reply.stream.close()
        return value

    def _perform(self, effect: Effect[Any], runtime: AsyncRuntime) -> Awaitable[Any]:
        if isinstance(effect, Send):
            return self._send(effect.request)
        if isinstance(effect, Sleep):
            return self._sleep(effect.seconds, runtime)
        if isinstance(effect, Blocking):
            return runtime.blocking(effect.function)
        if isinstance(effect, Wait):
            return self._wait(effect, runtime)
        if isinstance(effect, ReadUntil):
            return self._read_until(effect)
        if isinstance(effect, FinishBody):
            finished: Awaitable[Any] = effect.body.finish()
            return finished
        if isinstance(effect, CallHook):
            return self.call_hook(effect)
        if isinstance(effect, Invoke):
            from keybearer.shell.invoking import invoke_async

            return invoke_async(effect, runtime)
        raise TypeError(f"no driver performs {type(effect).__name__}")

    async def _sleep(self, seconds: float, runtime: AsyncRuntime) -> None:
        with self._closing.watched() as woken, contextlib.suppress(TimeoutError):
            await runtime.wait(woken, seconds)

    async def _wait(self, effect: Wait[T], runtime: AsyncRuntime) -> T:
        if effect.future.done():
            return effect.future.result()
        with self._closing.watched(effect.future) as woken:
            await runtime.wait(woken, effect.timeout)
        return effect.future.result()

    async def _read_until(self, effect: ReadUntil) -> None:
        progress = _Progress(effect)
        while not effect.feed(await effect.body.read()):
            progress.check()

    async def call_hook(self, effect: CallHook) -> None:
        """Call a hook, and await it where it is a coroutine function; what it raises is logged."""
        try:
            result = effect.hook(effect.value)
            if inspect.isawaitable(result):
                async with current_runtime().within(effect.limit):
                    await result
        except Exception:  # noqa: BLE001 - a hook cannot break a call
            _log.exception("a hook failed; the call goes on")

    async def _send(self, request: Request) -> Reply:
        self._closing.check()
        try:
            return await self._transport.send(request)
        except TransportError:
            self._closing.check()
            raise
