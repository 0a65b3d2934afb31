"""The threads that tools run in: daemons, used again while they are idle, since starting one costs more than many a tool.

Contract: work begins at once, whatever else runs: each has a thread. One that is idle for `IDLE` seconds ends.
"""

from __future__ import annotations

import contextvars
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, NamedTuple, TypeVar

__all__ = ["in_thread"]

T = TypeVar("T")

IDLE: Final = 2.0
"""How long an idle thread is kept, in seconds."""

WORKING: Final = "keybearer-tool"
WAITING: Final = "keybearer-idle"
"""The names of the threads, for those who look at a program."""


class _Work(NamedTuple):
    function: Callable[[], Any]
    context: contextvars.Context
    future: Future[Any]


class _Worker:
    """A thread, and what hands it its next work."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[_Work] = queue.SimpleQueue()

    def start(self) -> None:
        threading.Thread(target=self._run, name=WORKING, daemon=True).start()

    def _run(self) -> None:
        thread = threading.current_thread()
        while True:
            try:
                work = self.inbox.get(timeout=IDLE)
            except queue.Empty:
                if _leave(self):
                    return
                work = self.inbox.get()  # it was taken in this moment
            thread.name = WORKING
            self._do(work)
            del work  # nothing of it is kept while idle

    def _do(self, work: _Work) -> None:
        try:
            result = work.context.run(work.function)
        except BaseException as error:  # noqa: BLE001 - it is raised where the future is waited for
            self._rest()
            work.future.set_exception(error)
        else:
            self._rest()
            work.future.set_result(result)

    def _rest(self) -> None:
        """Be there for the next work; before the result is known, for whoever waits for it may have more."""
        threading.current_thread().name = WAITING
        _idle.append(self)


_idle: list[_Worker] = []


def _leave(worker: _Worker) -> bool:
    try:
        _idle.remove(worker)
    except ValueError:
        return False
    return True


def in_thread(function: Callable[[], T]) -> Future[T]:
    """Call a function in a thread, in this context; return the future of its result."""
    future: Future[T] = Future()
    try:
        worker = _idle.pop()
    except IndexError:
        worker = _Worker()
        worker.start()
    worker.inbox.put(_Work(function, contextvars.copy_context(), future))
    return future


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # a child process has none of these threads
