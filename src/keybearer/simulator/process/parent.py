"""Notices when the parent process has ended, so that a demonstration or a test leaves no server behind."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable
from typing import Final

__all__ = ["watch_parent"]

LOOK_SECONDS: Final = 0.5


def watch_parent(gone: Callable[[], None]) -> None:
    """Call back when standard input closes, if it is a pipe, or when the parent process ends.

    Args:
        gone: The callback, called on another thread.
    """
    parent = os.getppid()

    def look() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(LOOK_SECONDS)
        gone()

    def read() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        gone()

    threading.Thread(target=look, name="keybearer-simulator-parent", daemon=True).start()
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):  # no standard input at all
        return
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        threading.Thread(target=read, name="keybearer-simulator-stdin", daemon=True).start()
