"""The two drivers: they run a flow by performing its effects, one blocking, one awaiting.

Contract: what performing an effect raises is thrown into the flow, cancellation included, so its `finally` runs; a flow that yields
another effect after a cancellation is a mistake in the flow, and is told so. A request that failed on a kept-alive connection before
any reply is sent once more, silently: the other side had closed it (RFC 9112, section 9.3.1).
"""

from __future__ import annotations

import threading
import time
from typing import Any, TypeVar

from keybearer.errors import ConnectionFailed, TransportError
from keybearer.flow import Blocking, Effect, Exclusive, Flow, Send, Sleep, Wait
from keybearer.shell.runtime import AsyncRuntime, current_runtime
from keybearer.shell.transport import AsyncTransport, Transport
from keybearer.types.http import Reply, Request

__all__ = ["AsyncDriver", "SyncDriver"]

T = TypeVar("T")


class _Locks:
    """One lock a key, made on first use."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Any, Any] = {}

    def get(self, key: Any, make: Any) -> Any:
        with self._guard:
            if key not in self._locks:
                self._locks[key] = make()
            return self._locks[key]


def _stale(error: TransportError) -> bool:
    return error.reused and isinstance(error, ConnectionFailed) and error.phase in {"send", "first_byte"}


def _after_cancellation(flow: Flow[Any], error: BaseException) -> None:
    """Complain of a flow that went on after a cancellation."""
    if not isinstance(error, Exception):
        flow.close()
        raise RuntimeError("a flow yielded an effect after it was cancelled") from error


class SyncDriver:
    """Run flows, blocking.

    Args:
        transport: Performs `Send`.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._locks = _Locks()

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - the flow decides
                    effect = flow.throw(error)
                    _after_cancellation(flow, error)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            return value

    def _perform(self, effect: Effect[Any]) -> Any:
        if isinstance(effect, Send):
            return self._send(effect.request)
        if isinstance(effect, Sleep):
            time.sleep(effect.seconds)
            return None
        if isinstance(effect, Blocking):
            return effect.function()
        if isinstance(effect, Wait):
            return effect.future.result()
        if isinstance(effect, Exclusive):
            with self._locks.get(effect.key, threading.Lock):
                return self.run(effect.flow())
        raise TypeError(f"no driver performs {type(effect).__name__}")

    def _send(self, request: Request) -> Reply:
        try:
            return self._transport.send(request)
        except TransportError as error:
            if not _stale(error):
                raise
        return self._transport.send(request)


class AsyncDriver:
    """Run flows, awaiting: on asyncio, and on trio where the transport can.

    Args:
        transport: Performs `Send`.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self._locks = _Locks()

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
        runtime = current_runtime()
        try:
            effect = next(flow)
            while True:
                try:
                    result = await self._perform(effect, runtime)
                except BaseException as error:  # noqa: BLE001 - the flow decides
                    effect = flow.throw(error)
                    _after_cancellation(flow, error)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            return value

    async def _perform(self, effect: Effect[Any], runtime: AsyncRuntime) -> Any:
        if isinstance(effect, Send):
            return await self._send(effect.request)
        if isinstance(effect, Sleep):
            return await runtime.sleep(effect.seconds)
        if isinstance(effect, Blocking):
            return await runtime.blocking(effect.function)
        if isinstance(effect, Wait):
            return await runtime.wait(effect.future)
        if isinstance(effect, Exclusive):
            async with self._locks.get((effect.key, runtime.token()), runtime.lock):
                return await self.run(effect.flow())
        raise TypeError(f"no driver performs {type(effect).__name__}")

    async def _send(self, request: Request) -> Reply:
        try:
            return await self._transport.send(request)
        except TransportError as error:
            if not _stale(error):
                raise
        return await self._transport.send(request)
