"""Ids in the service's format; the same seed gives the same sequence."""

from __future__ import annotations

import hashlib
import itertools
from typing import Final

__all__ = ["Ids"]

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

PLACES: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
"""Every byte to a character."""
LENGTH: Final = 22


class Ids:
    """Makes ids such as `msg_01XFDUDYJgAACzvnptvVoYEL`.

    Args:
        seed: Two `Ids` with one seed give the same ids in the same order.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = itertools.count()

    def new(self, prefix: str) -> str:
        """Make the next id.

        Args:
            prefix: What kind of id, with its underscore: `msg_`, `req_`, `toolu_`.

        Returns:
            The prefix, `01`, and 22 characters.
        """
        digest = hashlib.sha256(f"{self._seed}:{next(self._count)}".encode()).digest()
        return f"{prefix}01{digest[:LENGTH].translate(PLACES).decode()}"
