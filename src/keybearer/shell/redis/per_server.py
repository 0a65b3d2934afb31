"""One object for each server in a process: its connections, its reports, its budgets. A forked child begins without any."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from keybearer.config.redis_server import RedisServer

__all__ = ["PerServer"]

T = TypeVar("T")


class PerServer(Generic[T]):
    """The objects of a kind, each made when it is first asked for.

    Args:
        make: Makes one.
        finish: Called with each at the end of the process.
    """

    def __init__(self, make: Callable[[RedisServer], T], finish: Callable[[T], object] | None = None) -> None:
        self._make, self._finish = make, finish
        self._begin()
        if hasattr(os, "register_at_fork"):
            # A thread that the child lacks may hold the lock.
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._making = threading.Lock()
        self.made: dict[RedisServer, T] = {}

    def of(self, server: RedisServer) -> T:
        """Return the one of a server."""
        if (found := self.made.get(server)) is None:
            with self._making:
                if (found := self.made.get(server)) is None:
                    if self._finish is not None and not self.made:
                        atexit.register(self._finish_all)
                    found = self.made[server] = self._make(server)
        return found

    def _finish_all(self) -> None:
        for each in list(self.made.values()):
            if self._finish is not None:
                self._finish(each)
