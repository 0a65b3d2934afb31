"""The event loop's primitives that the async driver needs, on asyncio and on trio."""

from __future__ import annotations

import contextlib
import math
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["AsyncRuntime", "current_runtime", "on_trio"]

T = TypeVar("T")


class AsyncRuntime(Protocol):
    """An event loop's primitives."""

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...

    async def blocking(self, function: Callable[[], T]) -> T:
        """Call a function in a thread."""
        ...

    async def wait(self, future: Future[T], timeout: float | None = None) -> T:  # noqa: ASYNC109 - the effect carries it
        """Wait for a future that a thread or a task completes; a cancelled wait leaves it alone.

        Raises:
            TimeoutError: It is not complete after `timeout` seconds.
        """
        ...

    def within(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Limit how long the block takes, in seconds; None for no limit.

        Raises:
            TimeoutError: The time has passed; the block was cancelled.
        """
        ...

    def was_cancelled(self, error: BaseException) -> bool:
        """Return whether an error is the cancellation of this task, and none that its own code raised."""
        ...

    def tasks(self) -> AbstractAsyncContextManager[Callable[[Callable[[], Awaitable[None]]], Callable[[], object]]]:
        """Open a group of tasks: it gives what starts one, and that returns what cancels it. Its end cancels and awaits those left."""
        ...


class _Asyncio:
    async def sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)

    async def blocking(self, function: Callable[[], T]) -> T:
        import asyncio

        return await asyncio.to_thread(function)

    async def wait(self, future: Future[T], timeout: float | None = None) -> T:  # noqa: ASYNC109 - the effect carries it
        import asyncio

        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not waiter.done():
                waiter.set_result(None)

        thread = threading.get_ident()

        def done(_: Future[T]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: no task waits
                if threading.get_ident() == thread:
                    wake()  # a task of this loop completed it: no other thread has to be woken
                else:
                    loop.call_soon_threadsafe(wake)

        future.add_done_callback(done)
        if timeout is None:
            await waiter
        else:
            async with asyncio.timeout(timeout):
                await waiter
        return future.result()

    def within(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        import asyncio

        return asyncio.timeout(seconds)

    def was_cancelled(self, error: BaseException) -> bool:
        import asyncio

        task = asyncio.current_task()
        return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0

    @contextlib.asynccontextmanager
    async def tasks(self) -> AsyncIterator[Callable[[Callable[[], Awaitable[None]]], Callable[[], object]]]:
        import asyncio

        begun: set[asyncio.Task[None]] = set()

        async def body(work: Callable[[], Awaitable[None]]) -> None:
            await work()

        def start(work: Callable[[], Awaitable[None]]) -> Callable[[], object]:
            task = asyncio.get_running_loop().create_task(body(work))
            begun.add(task)
            task.add_done_callback(begun.discard)
            return task.cancel

        try:
            yield start
        finally:
            left = list(begun)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


class _Trio:
    async def sleep(self, seconds: float) -> None:
        import trio

        await trio.sleep(seconds)

    async def blocking(self, function: Callable[[], T]) -> T:
        import trio

        return await trio.to_thread.run_sync(function)

    async def wait(self, future: Future[T], timeout: float | None = None) -> T:  # noqa: ASYNC109 - the effect carries it
        import trio

        token, event = trio.lowlevel.current_trio_token(), trio.Event()

        def done(_: Future[T]) -> None:
            with contextlib.suppress(trio.RunFinishedError):  # the run ended meanwhile: no task waits
                token.run_sync_soon(event.set)

        future.add_done_callback(done)
        async with self.within(timeout):
            await event.wait()
        return future.result()

    @contextlib.asynccontextmanager
    async def within(self, seconds: float | None) -> AsyncIterator[None]:
        import trio

        try:
            with trio.fail_after(math.inf if seconds is None else seconds):
                yield
        except trio.TooSlowError:
            raise TimeoutError from None

    def was_cancelled(self, error: BaseException) -> bool:
        import trio

        return isinstance(error, trio.Cancelled | BaseExceptionGroup)  # a nursery groups its cancellations

    @contextlib.asynccontextmanager
    async def tasks(self) -> AsyncIterator[Callable[[Callable[[], Awaitable[None]]], Callable[[], object]]]:
        import trio

        async def body(work: Callable[[], Awaitable[None]], scope: trio.CancelScope) -> None:
            with scope:
                await work()

        failed: BaseException | None = None
        async with trio.open_nursery() as nursery:

            def start(work: Callable[[], Awaitable[None]]) -> Callable[[], object]:
                scope = trio.CancelScope()
                nursery.start_soon(body, work, scope)
                return scope.cancel

            try:
                yield start
            except BaseException as error:  # noqa: BLE001 - raised below, not in a group of exceptions
                failed = error
            nursery.cancel_scope.cancel()
        if failed is not None:
            raise failed


_ASYNCIO, _TRIO = _Asyncio(), _Trio()


def on_trio() -> bool:
    """Return whether the running event loop is trio's."""
    trio: Any = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True


def current_runtime() -> AsyncRuntime:
    """Return the runtime of the event loop that is running."""
    return _TRIO if on_trio() else _ASYNCIO
