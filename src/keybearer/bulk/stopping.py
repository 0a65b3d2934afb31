"""Ending a job in order: the first signal lets rows under way finish, the second does not wait for them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

__all__ = ["BulkStop", "stopped_by_signals"]

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")


class BulkStop:
    """Asks a job to end. Call `request` from the job's event loop.

    Attributes:
        why: Why it is to end; empty while it is not.
    """

    def __init__(self) -> None:
        self.why = ""
        self.asked = asyncio.Event()
        self.now = asyncio.Event()

    def request(self, why: str) -> None:
        """Ask it to end when what is under way has; the second time, at once."""
        if self.why:
            self.now.set()
        self.why = self.why or why
        self.asked.set()


@contextmanager
def stopped_by_signals(stop: BulkStop) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP end a job in order, in the main thread; a signal that is ignored stays so."""
    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {}

    def asked(number: int) -> None:
        stop.request(signal.Signals(number).name)

    for name in _NAMES:
        number = getattr(signal, name, None)  # there is no SIGHUP on Windows
        if number is None or signal.getsignal(number) in {None, signal.SIG_IGN}:
            continue
        previous = signal.getsignal(number)
        try:
            loop.add_signal_handler(number, asked, number)
        except (NotImplementedError, RuntimeError, ValueError):  # not this loop, or not the main thread
            continue
        before[number] = previous
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
