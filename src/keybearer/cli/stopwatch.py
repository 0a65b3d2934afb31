"""How long an answer takes."""

from __future__ import annotations

import time

__all__ = ["Stopwatch"]


class Stopwatch:
    """Times an answer.

    Attributes:
        first: When its first text came, in seconds after the start; None before.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self.first: float | None = None

    @property
    def past(self) -> float:
        """How long it has taken so far, in seconds."""
        return time.monotonic() - self._begun

    def arrived(self) -> None:
        """Note that text has come."""
        if self.first is None:
            self.first = self.past
