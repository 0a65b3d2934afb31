"""Calling a function of the caller's, such as a tool: within its time, in a thread where it would block an event loop.

Contract: a function that blocks cannot be ended. Its time over, it goes on in its thread, which does not keep the program alive.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from keybearer.flow import Expired, Invoke, Stopped
from keybearer.shell.runtime import AsyncRuntime
from keybearer.shell.tool_threads import in_thread

__all__ = ["invoke", "invoke_async"]


def invoke(effect: Invoke) -> Any:
    """Call a function, blocking. A coroutine function runs on an event loop of its own.

    Raises:
        Expired: Its time is over.
        Stopped: It raised what ends a program or a task.
    """
    if effect.limit is None:
        return _called(effect)
    future = in_thread(lambda: _called(effect))
    try:
        return future.result(effect.limit)
    except TimeoutError:
        if future.done():
            raise  # the function's own
        raise Expired from None


def _called(effect: Invoke) -> Any:
    try:
        result = effect.function(*effect.args, **effect.kwargs)
        if not inspect.isawaitable(result):
            return result
        import asyncio

        async def awaited() -> Any:
            return await result

        return asyncio.run(awaited())
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Stopped(error) from error


def _called_plainly(effect: Invoke) -> Any:
    try:
        return effect.function(*effect.args, **effect.kwargs)
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Stopped(error) from error


async def invoke_async(effect: Invoke, runtime: AsyncRuntime) -> Any:
    """Call a function, awaiting: a coroutine function here, any other in a thread.

    Raises:
        Expired: Its time is over.
        Stopped: It raised what ends a program, or a cancellation that nobody asked for.
    """
    if not _is_async(effect.function):
        future = in_thread(lambda: _called_plainly(effect))
        try:
            result = await runtime.wait(future, effect.limit)
        except TimeoutError:
            if future.done():
                raise
            raise Expired from None
        if not inspect.isawaitable(result):
            return result
        return await _awaited(lambda: result, effect.limit, runtime)
    return await _awaited(lambda: effect.function(*effect.args, **effect.kwargs), effect.limit, runtime)


async def _awaited(call: Callable[[], Awaitable[Any]], limit: float | None, runtime: AsyncRuntime) -> Any:
    if limit is None:
        return await _unless_stopped(call, runtime)
    expired = False
    try:
        async with runtime.within(limit):
            try:
                return await _unless_stopped(call, runtime)
            except TimeoutError:
                expired = True  # the function's own
                raise
    except TimeoutError:
        if expired:
            raise
        raise Expired from None


async def _unless_stopped(call: Callable[[], Awaitable[Any]], runtime: AsyncRuntime) -> Any:
    try:
        return await call()
    except BaseException as error:
        if isinstance(error, Exception | KeyboardInterrupt) or runtime.was_cancelled(error):
            raise
        raise Stopped(error) from error


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 - an object may have an async __call__
