"""The two drivers: they run a flow by performing its effects, one blocking, one awaiting.

Contract: what performing an effect raises is thrown into the flow, cancellation included, so its `finally` runs; a flow that yields
another effect after a cancellation is a mistake in the flow, and is told so. A request that failed on a kept-alive connection before
any reply, at once, is sent once more, silently: the other side had closed it (RFC 9112, section 9.3.1). A call that waits when its
client is closed ends at once, and nothing is sent for it any more.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import time
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from keybearer.errors import ConnectionFailed, TransportError
from keybearer.flow import HOOK_TIMEOUT, Blocking, CallHook, Effect, Flow, ReadUntil, Send, Sleep, Wait
from keybearer.shell.closing import Closing
from keybearer.shell.runtime import AsyncRuntime, current_runtime
from keybearer.shell.transports.base import AsyncTransport, Transport, no_progress
from keybearer.types.hooks import Hook
from keybearer.types.http import Reply, Request

__all__ = ["AsyncDriver", "SyncDriver"]

T = TypeVar("T")
_log = logging.getLogger("keybearer")


def _check_progress(limit: float | None, begun: float) -> None:
    if limit is not None and time.monotonic() - begun > limit:
        raise no_progress(limit)


STALE: Final = 0.5
"""How soon a connection that the other side had closed shows it, in seconds; later, the request may have been carried out."""


def _stale(error: TransportError, begun: float) -> bool:
    broken = error.reused and isinstance(error, ConnectionFailed) and error.phase in {"send", "first_byte"}
    return broken and time.monotonic() - begun < STALE


def _after_cancellation(flow: Flow[Any], error: BaseException) -> None:
    """Complain of a flow that went on after a cancellation."""
    if not isinstance(error, Exception):
        flow.close()
        raise RuntimeError("a flow yielded an effect after it was cancelled") from error


def _left_open(opened: list[Reply], value: object) -> list[Reply]:
    """Return the replies whose streams a flow has left open: all but the one that it returned."""
    kept = value.stream if isinstance(value, Reply) else None
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

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
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
            return self._prime(effect)
        if isinstance(effect, CallHook):
            return self.notify(effect.hook, effect.value)
        raise TypeError(f"no driver performs {type(effect).__name__}")

    def _sleep(self, seconds: float) -> None:
        with self._closing.watched() as woken, contextlib.suppress(TimeoutError):
            woken.result(seconds)

    def _wait(self, effect: Wait[T]) -> T:
        with self._closing.watched(effect.future) as woken:
            woken.result(effect.timeout)
        return effect.future.result()

    def _prime(self, effect: ReadUntil) -> None:
        stream, begun = effect.reply.stream, time.monotonic()
        while not effect.feed(stream.read()):
            _check_progress(effect.limit, begun)

    def notify(self, hook: Hook, value: Any) -> None:
        """Call a hook; what it raises is logged."""
        try:
            result = hook(value)
            if inspect.iscoroutine(result):
                result.close()
                _log.error("a hook is a coroutine function, which only AsyncClient can await: it was not run")
        except Exception:  # noqa: BLE001 - a hook cannot break a call
            _log.exception("a hook failed; the call goes on")

    def _send(self, request: Request) -> Reply:
        self._closing.check()
        begun = time.monotonic()
        try:
            return self._transport.send(request)
        except TransportError as error:
            self._closing.check()
            if not _stale(error, begun):
                raise
            _log.debug("a kept-alive connection was closed by the other side; sending on another")
        return self._transport.send(request)


class AsyncDriver:
    """Run flows, awaiting: on asyncio, and on trio where the transport can.

    Args:
        transport: Performs `Send`.
        closing: Ends the waits when it is closed; None for one that never is.
    """

    def __init__(self, transport: AsyncTransport, closing: Closing | None = None) -> None:
        self._transport = transport
        self._closing = closing or Closing()

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
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
            return self._prime(effect)
        if isinstance(effect, CallHook):
            return self.notify(effect.hook, effect.value, effect.limit)
        raise TypeError(f"no driver performs {type(effect).__name__}")

    async def _sleep(self, seconds: float, runtime: AsyncRuntime) -> None:
        with self._closing.watched() as woken, contextlib.suppress(TimeoutError):
            await runtime.wait(woken, seconds)

    async def _wait(self, effect: Wait[T], runtime: AsyncRuntime) -> T:
        with self._closing.watched(effect.future) as woken:
            await runtime.wait(woken, effect.timeout)
        return effect.future.result()

    async def _prime(self, effect: ReadUntil) -> None:
        stream, begun = effect.reply.stream, time.monotonic()
        while not effect.feed(await stream.read()):
            _check_progress(effect.limit, begun)

    async def notify(self, hook: Hook, value: Any, limit: float = HOOK_TIMEOUT) -> None:
        """Call a hook, and await it where it is a coroutine function; what it raises is logged."""
        try:
            result = hook(value)
            if inspect.isawaitable(result):
                async with current_runtime().within(limit):
                    await result
        except Exception:  # noqa: BLE001 - a hook cannot break a call
            _log.exception("a hook failed; the call goes on")

    async def _send(self, request: Request) -> Reply:
        self._closing.check()
        begun = time.monotonic()
        try:
            return await self._transport.send(request)
        except TransportError as error:
            self._closing.check()
            if not _stale(error, begun):
                raise
            _log.debug("a kept-alive connection was closed by the other side; sending on another")
        return await self._transport.send(request)
