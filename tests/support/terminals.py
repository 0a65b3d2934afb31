"""A stream that says it is a terminal."""

from __future__ import annotations

import io

__all__ = ["Tty"]


class Tty(io.StringIO):
    """A stream that says it is a terminal, and keeps what is written."""

    def isatty(self) -> bool:
        return True
