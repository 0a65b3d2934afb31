"""Runs refreshes on threads, where no caller can cancel them.

Strategy: the sync driver runs each refresh on a daemon thread of its own, and callers wait for its future. Cancelling a task, closing
an event loop or interrupting a thread therefore ends a wait, never a refresh. One more thread per process, the watch, starts the
refresh of each login in use 60 s before its token expires.

Contract:
  - One refresh per key at a time: a second caller joins it.
  - The watch starts with the first login that is used and ends when none is left. It checks the wall clock at least every `TICK`
    seconds, so it notices a laptop that slept or a clock that jumped, and starts one refresh.
  - An exiting interpreter waits for running refreshes, at most `EXIT_WAIT` seconds: stopping between the server's answer and the disk
    would lose the login.
  - A forked child starts with no running refreshes, no watch, and its own locks. Its logins are watched again when it uses them.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any, Final, TypeVar

from keybearer.flow import Flow
from keybearer.shell import signals
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.transports.base import Transport

if TYPE_CHECKING:
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.credentials.oauth.scheduler import Outcome

__all__ = ["Refresher", "ThreadScheduler"]

T = TypeVar("T")

TICK: Final = 15.0
"""The longest sleep of the watch, in seconds."""

EXIT_WAIT: Final = 60.0
"""The longest wait for running refreshes when the interpreter exits, in seconds."""

_log = logging.getLogger("keybearer")


class Refresher:
    """The process's refreshes and its watch."""

    def __init__(self) -> None:
        self._set_up()

    def _set_up(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Future[Any]] = {}
        self._watched: weakref.WeakSet[OAuthLogin] = weakref.WeakSet()
        self._wake = threading.Event()
        self._watch: threading.Thread | None = None

    def submit(self, key: str, work: Callable[[], T]) -> Future[T]:
        """Run work on a thread of its own, or join the running work with this key."""
        with self._lock:
            if (running := self._running.get(key)) is not None:
                return running
            future: Future[T] = Future()
            future.set_running_or_notify_cancel()  # cannot be cancelled from here on
            self._running[key] = future
        threading.Thread(target=self._run, args=(key, work, future), name="keybearer-refresh", daemon=True).start()
        return future

    def _run(self, key: str, work: Callable[[], Any], future: Future[Any]) -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - the error goes to whoever waits
            self._remove(key)
            future.set_exception(error)
        else:
            self._remove(key)
            future.set_result(result)
        self._wake.set()
        signals.refresh_ended()

    def _remove(self, key: str) -> None:
        with self._lock:
            self._running.pop(key, None)

    def watch(self, login: OAuthLogin) -> None:
        """Refresh a login whenever it is due, from now on."""
        with self._lock:
            self._watched.add(login)
            if self._watch is None:
                self._watch = threading.Thread(target=self._loop, name="keybearer-refresh-watch", daemon=True)
                self._watch.start()
        self._wake.set()

    def unwatch(self, login: OAuthLogin) -> None:
        """Stop watching a login."""
        with self._lock:
            self._watched.discard(login)
        self._wake.set()

    def _loop(self) -> None:
        while True:
            self._wake.clear()
            with self._lock:
                logins = list(self._watched)
                if not logins:
                    self._watch = None
                    return
            pause = min((self._step(login) for login in logins), default=TICK)
            del logins  # the watch keeps no login alive
            self._wake.wait(pause)

    def _step(self, login: OAuthLogin) -> float:
        try:
            login.store.look()
            due = login.seconds_until_due()
            if due is not None and due <= 0:
                login.refresh_if_due()
                return TICK  # the end of the refresh wakes the watch
        except Exception:  # noqa: BLE001 - one login's error must not stop the watch over the others
            _log.exception("the watch over %r failed", login)
            return TICK
        return TICK if due is None else min(due, TICK)

    def busy(self) -> bool:
        """Return whether a refresh is running. Takes no lock, because signal handlers call it."""
        return bool(self._running)

    def finish(self) -> None:
        """Wait for the running refreshes, and try once more to save what could not be saved."""
        with self._lock:
            running, logins = list(self._running.values()), list(self._watched)
        wait(running, timeout=EXIT_WAIT)
        for login in logins:
            login.save()

    def after_fork(self) -> None:
        """Start afresh in a forked child, which has none of its parent's threads."""
        self._set_up()


REFRESHER: Final = Refresher()
signals.attach(REFRESHER.busy)
atexit.register(REFRESHER.finish)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=REFRESHER.after_fork)


class ThreadScheduler:
    """Runs refreshes on threads.

    Args:
        transport: Makes the transport for one refresh; each has its own, so that a forked child shares no connection.
        refresher: The process's refreshes.
    """

    def __init__(self, transport: Callable[[], Transport], *, refresher: Refresher = REFRESHER) -> None:
        self._transport = transport
        self._refresher = refresher

    def run(self, key: str, flow: Callable[[], Flow[Outcome]]) -> Future[Outcome]:
        """Run a flow on a thread of its own, or join the running flow with this key."""
        return self._refresher.submit(key, lambda: self._perform(flow))

    def watch(self, login: OAuthLogin) -> None:
        """Refresh a login whenever it is due, from now on."""
        self._refresher.watch(login)

    def unwatch(self, login: OAuthLogin) -> None:
        """Stop watching a login."""
        self._refresher.unwatch(login)

    def _perform(self, flow: Callable[[], Flow[Outcome]]) -> Outcome:
        transport = self._transport()
        try:
            return SyncDriver(transport).run(flow())
        finally:
            transport.close()
