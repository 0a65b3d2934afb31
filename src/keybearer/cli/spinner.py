"""A line on standard error while nothing has come yet: what is waited for, and for how long.

Contract: the line is drawn on a terminal only, after `AFTER` seconds, and is gone when `stop` returns. Its thread never outlives the
program, and a terminal that is closed meanwhile ends it.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import IO, Any, Final

from keybearer.cli.terminal import terminal_of

__all__ = ["Spinner"]

AFTER: Final = 0.3
EVERY: Final = 0.1
FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SIMPLE: Final = "|/-\\"
"""The frames where the terminal's encoding lacks the others."""

_CLEAR: Final = "\r\x1b[K"


class Spinner:
    """A line that shows that something is waited for.

    Args:
        label: What is waited for, in a word or two.
        quiet: Whether to draw none.
        stream: Where it is drawn; standard error when omitted.
    """

    def __init__(self, label: str = "waiting", *, quiet: bool = False, stream: IO[str] | None = None) -> None:
        self._stream: Any = sys.stderr if stream is None else stream
        self._label = label
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._drawn = not quiet and terminal_of(self._stream).moves

    def start(self) -> None:
        """Draw the line from now on, where one is drawn."""
        if self._drawn:
            self._thread = threading.Thread(target=self._draw, daemon=True, name="keybearer-spinner")
            self._thread.start()

    def stop(self) -> None:
        """Take the line away. Further calls do nothing."""
        if self._thread is not None and not self._stopped.is_set():
            self._stopped.set()
            self._thread.join()

    def _draw(self) -> None:
        begun = time.monotonic()
        frames = FRAMES if (self._stream.encoding or "").lower().startswith("utf") else SIMPLE
        drawn = False
        try:
            wait = AFTER
            while not self._stopped.wait(wait):
                past = time.monotonic() - begun
                self._stream.write(f"{_CLEAR}{frames[int(past / EVERY) % len(frames)]} {self._label} {past:.1f} s")
                self._stream.flush()
                drawn, wait = True, EVERY
            if drawn:
                self._stream.write(_CLEAR)
                self._stream.flush()
        except (OSError, ValueError):  # the terminal is closed
            return
