"""Decompress reply bodies. None is asked for, but some gateways compress all the same.

Contract: at most `_PIECE` bytes are unpacked at a time, so a body that unpacks to gigabytes meets its reader's limit before it fills
the memory.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

__all__ = ["Unpacker", "unpacker"]

_PIECE: Final = 64 << 10
"""How much is unpacked at a time, in bytes."""

_WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Coding (RFC 9110, section 8.4.1) to zlib's window bits for it."""


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
    def needs_input(self) -> bool:
        """Whether `feed` needs more packed bytes; the name is that of `bz2` and `lzma`."""
        return not self._packed

    def feed(self, packed: bytes) -> bytes | None:
        """Return the next bytes of the body; `b""` at its end, None when they need more packed bytes.

        The reader's loop is the same, waited for or awaited:

            data = None
            while data is None:
                data = unpacker.feed(read() if unpacker.needs_input else b"")

        Args:
            packed: The next packed bytes if `needs_input`, `b""` at their end; else ignored.

        Raises:
            ValueError: The body is not what its coding says, or it ended early.
        """
        if self.needs_input and not packed:
            if not self._engine.eof:
                raise ValueError(f"the body, in {self._coding}, ended early")
            return b""
        try:
            data: bytes = self._engine.decompress(self._packed or packed, _PIECE)
        except zlib.error:
            raise ValueError(f"the body is not in {self._coding}, as its head says") from None
        self._packed = self._engine.unconsumed_tail
        return data or None


def unpacker(coding: str) -> Unpacker | None:
    """Return the unpacker for a body; None for one that is not packed.

    Args:
        coding: Its `content-encoding`.

    Raises:
        ValueError: The coding is not one of `_WINDOWS`.
    """
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return None
    if coding not in _WINDOWS:
        raise ValueError("its content-encoding was not asked for and is not known")
    return Unpacker(coding)
