"""Where refreshes run: threads of their own, one watch, and nothing that a caller can cancel.

Strategy: each refresh is a flow that the sync driver runs on a daemon thread of its own; callers get its future and wait for that, in
whatever way they wait. So cancelling a task, closing an event loop or interrupting a thread ends a wait and never a refresh. One more
thread a process watches the logins in use and starts what is due 60 s before it expires.

Contract:
  - One flight a key: who asks while it is under way joins it.
  - The watch starts with the first login that is used and ends when none is left. It looks at the wall clock every `TICK` seconds at
    the least, so a laptop that slept or a clock that jumped is noticed, and leads to one refresh.
  - An interpreter that exits waits for a refresh under way, `EXIT_WAIT` seconds at the most: to stop between the server's
    answer and the disk would lose the login.
  - A forked child starts with no flight, no watch and locks of its own; its logins are watched again when it uses them.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, Final, TypeVar

from keybearer.credentials.oauth.login import OAuthLogin, Outcome
from keybearer.flow import Flow
from keybearer.shell import signals
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.transports.base import Transport

__all__ = ["Refresher", "ThreadKeeper"]

T = TypeVar("T")

TICK: Final = 15.0
"""The longest sleep of the watch, in seconds."""

EXIT_WAIT: Final = 60.0
"""The longest wait for a refresh under way when the interpreter exits, in seconds."""

_log = logging.getLogger("keybearer")


class Refresher:
    """The process's refreshes and its watch."""

    def __init__(self) -> None:
        self._set_up()

    def _set_up(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[str, Future[Any]] = {}
        self._watched: weakref.WeakSet[OAuthLogin] = weakref.WeakSet()
        self._wake = threading.Event()
        self._watch: threading.Thread | None = None

    def fly(self, key: str, work: Callable[[], T]) -> Future[T]:
        """Run work on a thread of its own, or join the one of this key that is under way."""
        with self._lock:
            if (under_way := self._flights.get(key)) is not None:
                return under_way
            future: Future[T] = Future()
            future.set_running_or_notify_cancel()  # from here on nobody can cancel it
            self._flights[key] = future
        threading.Thread(target=self._run, args=(key, work, future), name="keybearer-refresh", daemon=True).start()
        return future

    def _run(self, key: str, work: Callable[[], Any], future: Future[Any]) -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            self._land(key)
            future.set_exception(error)
        else:
            self._land(key)
            future.set_result(result)
        self._wake.set()
        signals.landed()

    def _land(self, key: str) -> None:
        with self._lock:
            self._flights.pop(key, None)

    def watch(self, login: OAuthLogin) -> None:
        """Tend a login when it is due, from now on."""
        with self._lock:
            self._watched.add(login)
            if self._watch is None:
                self._watch = threading.Thread(target=self._tend, name="keybearer-refresh-watch", daemon=True)
                self._watch.start()
        self._wake.set()

    def unwatch(self, login: OAuthLogin) -> None:
        """Stop tending a login."""
        with self._lock:
            self._watched.discard(login)
        self._wake.set()

    def _tend(self) -> None:
        while True:
            self._wake.clear()
            with self._lock:
                logins = list(self._watched)
                if not logins:
                    self._watch = None
                    return
            pause = min((self._tend_one(login) for login in logins), default=TICK)
            del logins  # nobody is kept alive by being watched
            self._wake.wait(pause)

    def _tend_one(self, login: OAuthLogin) -> float:
        try:
            due = login.due()
            if due is not None and due <= 0:
                login.tend()
                return TICK  # its end wakes the watch
        except Exception:  # noqa: BLE001 - one login's trouble ends no other's watch
            _log.exception("the watch over %r failed", login)
            return TICK
        return TICK if due is None else min(due, TICK)

    def busy(self) -> bool:
        """Return whether a refresh is under way; takes no lock, for a signal's handler asks."""
        return bool(self._flights)

    def finish(self) -> None:
        """Wait for the refreshes under way, and try once more to save what could not be saved."""
        with self._lock:
            flights, logins = list(self._flights.values()), list(self._watched)
        wait(flights, timeout=EXIT_WAIT)
        for login in logins:
            login.save()

    def after_fork(self) -> None:
        """Begin anew in a forked child: its parent's threads are not here."""
        self._set_up()


REFRESHER: Final = Refresher()
signals.attach(REFRESHER.busy)
atexit.register(REFRESHER.finish)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=REFRESHER.after_fork)


class ThreadKeeper:
    """Runs refreshes on threads.

    Args:
        transport: Makes the transport of one refresh. Each has its own, so that a forked child shares no connection.
        refresher: The process's refreshes.
    """

    def __init__(self, transport: Callable[[], Transport], *, refresher: Refresher = REFRESHER) -> None:
        self._transport = transport
        self._refresher = refresher

    def run(self, key: str, flow: Callable[[], Flow[Outcome]]) -> Future[Outcome]:
        """Run a flow on a thread of its own, or join the one of this key that is under way."""
        return self._refresher.fly(key, lambda: self._perform(flow))

    def watch(self, login: OAuthLogin) -> None:
        """Tend a login when it is due, from now on."""
        self._refresher.watch(login)

    def unwatch(self, login: OAuthLogin) -> None:
        """Stop tending a login."""
        self._refresher.unwatch(login)

    def _perform(self, flow: Callable[[], Flow[Outcome]]) -> Outcome:
        transport = self._transport()
        try:
            return SyncDriver(transport).run(flow())
        finally:
            transport.close()
