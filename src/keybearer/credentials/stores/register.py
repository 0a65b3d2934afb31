"""One text that several machines share, and change by compare-and-set: what a store on another machine is built on.

Contract: a failure is a `RegisterError`, an `OSError` in words with a remedy, and holds no secret.
"""

from __future__ import annotations

import errno
from typing import Protocol

from msgspec import Struct

__all__ = ["Register", "RegisterError", "RegisterState"]


class RegisterError(OSError):
    """The register cannot be read or changed.

    Args:
        words: What happened, for the middle of a sentence.
        hint: What to do about it.
    """

    def __init__(self, words: str, *, hint: str = "") -> None:
        super().__init__(errno.EIO, words)
        self.hint = hint


class RegisterState(Struct, frozen=True, kw_only=True):
    """A register's content at a time.

    Attributes:
        text: The content; None where there is none.
        now: The time by the register's own clock, in epoch seconds.
        history: Names the server's data and its past, and differs after a restart or a fail-over; empty where it does not say.
    """

    text: str | None
    now: float
    history: str = ""


class Register(Protocol):
    """A text on a server.

    Attributes:
        name: The place, in words: `Redis at host:6379, login main`.
        key: The name of the text there.
    """

    name: str
    key: str

    def read(self) -> RegisterState:
        """Read it.

        Raises:
            RegisterError: It cannot be read.
        """
        ...

    def compare_and_set(self, old: str | None, new: str, *, confirmed: bool) -> bool:
        """Replace the content if it still is what was read; return whether it now is the new one.

        Args:
            old: What was read.
            new: The new content, which nobody else writes.
            confirmed: Whether to wait until a replica has it, where the server has any: a fail-over keeps it then.

        Raises:
            RegisterError: It was not replaced, or nobody knows, or no replica has it.
        """
        ...
