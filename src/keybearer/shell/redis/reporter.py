"""The thread that sends the reports of all clients of a process to one Redis, each when it is due."""

from __future__ import annotations

import threading
import time
import weakref
from typing import TYPE_CHECKING, Final

from keybearer.config.redis_server import RedisServer
from keybearer.shell.redis.link import redis_link
from keybearer.shell.redis.per_server import PerServer

if TYPE_CHECKING:
    from keybearer.shell.redis.fleet import FleetMember

__all__ = ["Reporter", "reporter"]

IDLE: Final = 5.0
"""How long the thread waits for something to report before it ends, in seconds."""


class Reporter:
    """The thread that sends the reports to one Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._link = redis_link(server)
        self._members: weakref.WeakSet[FleetMember] = weakref.WeakSet()
        self._starting = threading.Lock()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._next = 0.0
        self._ending = False

    def add(self, member: FleetMember) -> None:
        """Send a member's reports from now on."""
        self._members.add(member)
        self.expect(0.0)

    def expect(self, due: float) -> None:
        """Make sure that the thread is awake at a time of the monotonic clock."""
        if self._thread is not None and due >= self._next - 0.001:
            return
        with self._starting:
            self._next = min(self._next, due)
            self._woken.set()
            if self._thread is None and not self._ending:
                self._thread = threading.Thread(target=self._work, name="keybearer-fleet", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Leave at the end of the process, if Redis answers in time."""
        self._ending = True
        for member in list(self._members):
            member.close()
        self._woken.set()
        if (thread := self._thread) is not None:
            thread.join(self._link.server.timeout)

    def _work(self) -> None:
        while True:
            self._woken.clear()  # before it is looked: what comes later wakes it
            now = time.monotonic()
            due = [(at, member, part) for member in list(self._members) for at, part in member.due(now)]
            with self._starting:
                self._next = min((at for at, _, _ in due), default=now + IDLE)
                if self._ending and not any(part.leaving for _, _, part in due):
                    self._thread = None
                    return
            wait = self._next - now
            if wait > 0:
                woken = self._woken.wait(wait)
                if not due and not woken:
                    with self._starting:
                        if not self._woken.is_set():
                            self._thread = None
                            return
                continue
            for at, member, part in sorted(due, key=lambda each: each[0]):
                if at <= now:
                    member.report(part, self._link)


_reporters: Final = PerServer(Reporter, Reporter.finish)


def reporter(server: RedisServer) -> Reporter:
    """Return this process's reporter to a server: one for all clients that share it."""
    return _reporters.of(server)
