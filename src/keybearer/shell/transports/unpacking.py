"""Bodies that are compressed though that was not asked for: a gateway's work, mostly.

Contract: a little is unpacked at a time, so that a body which unpacks to very much is refused by its reader's limit, and not by the
memory.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

__all__ = ["Unpacker", "unpacker"]

_PIECE: Final = 64 << 10
"""How much is unpacked at a time, in bytes."""

_WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Coding (RFC 9110, section 8.4.1) to zlib's name of its form."""


class Unpacker:
    """Unpack one body.

    Args:
        coding: Its `content-encoding`, one of `_WINDOWS`.
    """

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._engine: Any = zlib.decompressobj(_WINDOWS[coding])
        self._packed = b""

    @property
    def hungry(self) -> bool:
        """Whether it needs packed bytes to go on."""
        return not self._packed

    def unpack(self, packed: bytes = b"") -> bytes:
        """Give the next bytes; `b""` when they need more than has come.

        Args:
            packed: The next packed bytes, when it is hungry.

        Raises:
            ValueError: The body is not what its coding says.
        """
        try:
            data: bytes = self._engine.decompress(self._packed or packed, _PIECE)
        except zlib.error:
            raise ValueError(f"the body is not in {self._coding}, as its head says") from None
        self._packed = self._engine.unconsumed_tail
        return data

    def close(self) -> None:
        """Say that the packed bytes have ended.

        Raises:
            ValueError: The body had not.
        """
        if not self._engine.eof:
            raise ValueError(f"the body, in {self._coding}, ended early")


def unpacker(coding: str) -> Unpacker | None:
    """Return what unpacks a body; None for one that is not packed.

    Raises:
        ValueError: Nothing here can.
    """
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return None
    if coding not in _WINDOWS:
        raise ValueError("it is packed in a way that was not asked for")
    return Unpacker(coding)
