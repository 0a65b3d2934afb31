"""Defers signals that end the process until a running refresh has saved its result.

Strategy: while a refresh runs, the handler only records the signal, and the thread that ends the last refresh sends it again. The
handler then does what would have happened without it: it calls the previous handler, or restores the system's default. A handler never
waits, because the code that it interrupts may hold a lock that the refresh needs.

Contract: handlers are installed on request only, and only for SIGTERM and SIGHUP: SIGINT ends the interpreter in order, which waits
for refreshes anyway (`refresher`). An ignored signal stays ignored. Handlers can be set in the main thread only; elsewhere nothing
happens. A signal is deferred no longer than a refresh takes, whose limits are `TIMEOUTS` and `LOCK_TIMEOUT`.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

__all__ = ["Deferral", "attach", "defer_signals", "refresh_ended"]

_NAMES: Final = ("SIGTERM", "SIGHUP")

_pending: set[int] = set()
"""Signals that arrived during a refresh. Whoever removes one must deliver it."""

_attached: list[Callable[[], bool]] = []
"""The function that says whether a refresh is running; empty until the refresher is loaded."""


def attach(busy: Callable[[], bool]) -> None:
    """Set the function that says whether a refresh is running in this process."""
    _attached[:] = [busy]


def refresh_ended() -> None:
    """Send the deferred signals again; called at the end of a refresh, on its thread."""
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
    """Deferred signals, until `restore` or the end of the `with` block.

    Attributes:
        active: Whether any signal is deferred; False off the main thread.
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
        """Whether any signal is deferred."""
        return bool(self._previous)

    def restore(self) -> None:
        """Restore the previous handlers, unless they were changed since. A signal already deferred is still delivered."""
        for number, previous in self._previous.items():
            if signal.getsignal(number) == self._handle:
                with contextlib.suppress(ValueError):  # not the main thread
                    signal.signal(number, previous)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        _pending.add(number)  # before the check: a refresh that ends in between sends it again
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
    """Defer SIGTERM and SIGHUP while a token refresh is running, so that its result is saved before the process ends.

    A service calls it once at startup, in the main thread, after setting its own handlers. The signal then goes to those handlers, or
    ends the process as it would have. Off the main thread it does nothing. The library never calls it; the command line does.

    Returns:
        The deferral: a context manager that restores the handlers at its end, as its `restore()` does.

    Example:
        >>> with defer_signals():
        ...     pass  # serve
    """
    return Deferral()
