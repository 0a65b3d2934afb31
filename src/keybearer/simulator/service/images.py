"""Reads type and pixel size of PNG, JPEG, GIF and WebP images from their headers, and counts their tokens."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from typing import Final, NamedTuple

__all__ = ["Image", "read_base64_image", "read_image"]

PIXELS_PER_TOKEN: Final = 750

JPEG_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""The JPEG markers that carry the frame's size (ITU T.81, table B.1)."""

HEADER_CHARACTERS: Final = 1024 * 1024
"""How much base64 is decoded to find the size: more than any header needs."""


class Image(NamedTuple):
    """An image's true media type and its size in pixels."""

    media_type: str
    width: int
    height: int

    def fitted(self, *, edge: int, most: int) -> Image:
        """Return the image as large as a model looks at it.

        Args:
            edge: The pixels of the longer side to which a larger image is scaled.
            most: The most tokens that an image costs.
        """
        pixels = max(1, self.width * self.height)
        scale = min(1.0, edge / max(self.width, self.height, 1), math.sqrt(most * PIXELS_PER_TOKEN / pixels))
        return self._replace(width=int(self.width * scale), height=int(self.height * scale)) if scale < 1 else self

    def tokens(self, *, edge: int, most: int) -> int:
        """Count the image's tokens: its pixels over 750, once it is scaled down to what the model looks at.

        Args:
            edge: See `fitted`.
            most: See `fitted`.

        Returns:
            At least 1. Source: docs: Vision, Calculate image costs.
        """
        seen = self.fitted(edge=edge, most=most)
        return max(1, seen.width * seen.height // PIXELS_PER_TOKEN)


def read_image(data: bytes) -> Image | None:
    """Read the header of an image.

    Args:
        data: The file's bytes.

    Returns:
        The image, or None if it is of another type or its header is cut short.
    """
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return Image("image/png", *struct.unpack_from(">II", data, 16))
        if data.startswith((b"GIF87a", b"GIF89a")):
            return Image("image/gif", *struct.unpack_from("<HH", data, 6))
        if data.startswith(b"\xff\xd8\xff"):
            return _read_jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _read_webp(data)
    except (struct.error, IndexError):
        return None
    return None


def read_base64_image(text: str) -> Image | None:
    """Read the header of an image in base64, without decoding the rest of it.

    Args:
        text: The base64.

    Returns:
        See `read_image`; None for invalid base64.
    """
    try:
        return read_image(base64.b64decode(text[:HEADER_CHARACTERS]))
    except (binascii.Error, ValueError):
        return None


def _read_jpeg(data: bytes) -> Image | None:
    position = 2
    while position < len(data):
        if data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return Image("image/jpeg", width, height)
        position += 2 + length
    return None


def _read_webp(data: bytes) -> Image | None:
    match data[12:16]:
        case b"VP8X" if len(data) >= 30:
            width = int.from_bytes(data[24:27], "little") + 1
            height = int.from_bytes(data[27:30], "little") + 1
        case b"VP8 ":
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        case _:
            return None
    return Image("image/webp", width, height)
