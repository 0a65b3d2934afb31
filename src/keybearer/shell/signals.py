"""Signals that end a process, put off until a refresh under way has its result on the disk.

Strategy: while one is under way, a handler only notes the signal, and the thread that ends the last refresh sends it again; the
handler then does what would have been done without it: the handler before it, or the system's default. Nothing waits in a handler, for
the code that it interrupts may hold a lock that the refresh needs.

Contract: nothing is installed unless somebody asks, and only SIGTERM and SIGHUP, for SIGINT ends the interpreter in order, which waits
by itself (`refresher`). A signal that is ignored stays so. Handlers can only be set in the main thread: elsewhere nothing happens. A
signal is put off as long as a refresh takes at the most: its time limits are `TIMEOUTS` and `LOCK_TIMEOUT`.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

__all__ = ["Deferral", "attach", "defer_signals", "landed"]

_NAMES: Final = ("SIGTERM", "SIGHUP")

_pending: set[int] = set()
"""Signals that came while a refresh was under way; whoever takes one out sees to it."""

_attached: list[Callable[[], bool]] = []
"""Says whether a refresh is under way; empty while nothing is loaded that could refresh."""


def attach(busy: Callable[[], bool]) -> None:
    """Name what says whether a refresh is under way in this process."""
    _attached[:] = [busy]


def landed() -> None:
    """Send what was put off, now that a refresh has ended; called on its thread."""
    for number in tuple(_pending):
        if _take(number):
            os.kill(os.getpid(), number)


def _take(number: int) -> bool:
    try:
        _pending.remove(number)
    except KeyError:
        return False
    return True


class Deferral:
    """Signals that are put off, until `restore` or the end of its `with` block.

    Attributes:
        active: Whether any is: False off the main thread.
    """

    def __init__(self) -> None:
        self._previous: dict[int, Any] = {}
        for name in _NAMES:
            number = getattr(signal, name, None)  # there is no SIGHUP on Windows
            if number is None or signal.getsignal(number) in {None, signal.SIG_IGN}:
                continue
            with contextlib.suppress(ValueError):  # not the main thread
                self._previous[number] = signal.signal(number, self._handle)

    @property
    def active(self) -> bool:
        """Whether any signal is put off."""
        return bool(self._previous)

    def restore(self) -> None:
        """Put the handlers back that were there before, unless they were changed since; a signal that was put off still comes."""
        for number, previous in self._previous.items():
            if signal.getsignal(number) == self._handle:
                with contextlib.suppress(ValueError):  # not the main thread
                    signal.signal(number, previous)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        _pending.add(number)  # before the look: a refresh that ends in between sends it again
        if not any(busy() for busy in _attached) and _take(number):
            self._pass_on(number, frame)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        previous = self._previous[number]
        if callable(previous):
            previous(number, frame)
            return
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def defer_signals() -> Deferral:
    """Put SIGTERM and SIGHUP off while a token refresh is under way, so that its result is saved before the process ends.

    A service calls it once at its start, in the main thread and after its own handlers are set; the signal then goes to those, or ends
    the process as it would have. Off the main thread it does nothing. The library never calls it; the command line does.

    Returns:
        The deferral: a context manager that puts the handlers back at its end, as its `restore()` does.

    Example:
        >>> with defer_signals():
        ...     pass  # serve
    """
    return Deferral()
