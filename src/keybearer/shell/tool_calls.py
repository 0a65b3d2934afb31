"""The calls of a run, running: each a flow beside the one that waits for it, in a thread or a task of its own."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import TypeAlias

from keybearer.flow import Flow
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.tool_threads import in_thread
from keybearer.tools.calls import CallOutcome
from keybearer.tools.order import Order

__all__ = ["StartTask", "TaskCalls", "ThreadCalls", "make_order"]

StartTask: TypeAlias = Callable[[Callable[[], Awaitable[None]]], Callable[[], object]]
"""Starts a task and returns what cancels it."""


def make_order(limit: int) -> Order:
    """Make the order of a reply's calls, of which so many may run at once."""
    return Order(limit, future=Future, lock=threading.Lock())


class ThreadCalls:
    """Runs each call in a thread.

    Args:
        driver: Runs the flows.
    """

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver
        self.lock: AbstractContextManager[object] = threading.Lock()
        self.order = make_order

    def start(self, flow: Flow[CallOutcome]) -> Future[CallOutcome]:
        """Start a flow in a thread."""
        return in_thread(lambda: self._driver.run(flow))

    def give_up(self, future: Future[CallOutcome]) -> None:
        """Leave a call alone: nothing ends a thread."""


class TaskCalls:
    """Runs each call in a task.

    Args:
        driver: Runs the flows.
        start_task: Starts a task of the group that the run opened.
    """

    def __init__(self, driver: AsyncDriver, start_task: StartTask) -> None:
        self._driver = driver
        self._start_task = start_task
        self._cancels: dict[Future[CallOutcome], Callable[[], object]] = {}
        self.lock: AbstractContextManager[object] = threading.Lock()
        self.order = make_order

    def start(self, flow: Flow[CallOutcome]) -> Future[CallOutcome]:
        """Start a flow in a task."""
        future: Future[CallOutcome] = Future()

        async def work() -> None:
            try:
                result = await self._driver.run(flow)
            except Exception as error:  # noqa: BLE001 - it is raised where the future is waited for
                future.set_exception(error)
            except BaseException:
                future.cancel()
                raise
            else:
                future.set_result(result)
            finally:
                self._cancels.pop(future, None)

        self._cancels[future] = self._start_task(work)
        return future

    def give_up(self, future: Future[CallOutcome]) -> None:
        """Cancel a call's task."""
        if (cancel := self._cancels.get(future)) is not None:
            cancel()
