"""Ids in the service's format; the same seed gives the same sequence."""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from typing import Final

__all__ = ["Ids"]

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

PLACES: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
"""Every byte to a character."""
LENGTH: Final = 22
AT_ONCE: Final = 64
"""The ids that are made at once: a hash of that many costs as much as two of one."""


class Ids:
    """Makes ids such as `msg_01XFDUDYJgAACzvnptvVoYEL`.

    Args:
        seed: Two `Ids` with one seed give the same ids in the same order.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = itertools.count()
        self._ready: deque[str] = deque()

    def new(self, prefix: str) -> str:
        """Make the next id.

        Args:
            prefix: What kind of id, with its underscore: `msg_`, `req_`, `toolu_`.

        Returns:
            The prefix, `01`, and 22 characters.
        """
        while True:  # another thread may have taken what this one has made
            try:
                return f"{prefix}01{self._ready.popleft()}"
            except IndexError:
                self._make()

    def _make(self) -> None:
        digest = hashlib.shake_256(f"{self._seed}:{next(self._count)}".encode()).digest(LENGTH * AT_ONCE)
        letters = digest.translate(PLACES).decode()
        self._ready.extend(letters[start : start + LENGTH] for start in range(0, len(letters), LENGTH))
