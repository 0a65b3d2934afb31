"""A command that is ended by a signal ends in order, so that what came is kept.

Contract: SIGTERM, and the SIGHUP of a terminal that is closed, become a `SystemExit` with the shell's code, 128 and the signal's
number; one that is ignored, as by nohup, stays so. A token refresh is saved first (`keybearer.shell.signals`).
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any, Final, NoReturn

from keybearer.shell.signals import defer_signals

__all__ = ["ending_in_order"]

_NAMES: Final = ("SIGTERM", "SIGHUP")


@contextlib.contextmanager
def ending_in_order() -> Iterator[None]:
    """Let a signal that ends the program run what is due at its end."""
    before: dict[int, Any] = {}
    for name in _NAMES:
        number = getattr(signal, name, None)  # there is no SIGHUP on Windows
        if number is not None and signal.getsignal(number) not in {None, signal.SIG_IGN}:
            with contextlib.suppress(ValueError):  # not the main thread
                before[number] = signal.signal(number, _end)
    try:
        with defer_signals():
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
