"""Image and document blocks, and the API's limits for them.

Strategy: pure: bytes in, blocks out; `keybearer.api.media` reads files. A block keeps the bytes, which become base64 when the body is
encoded, so a large file is copied once. Type and size are read from the first bytes; no pixel is decoded.

Source of the limits: docs/protocol.md. Formats: PNG (RFC 2083), JPEG (ITU T.81, B.2), GIF89a, WebP (RFC 9649).
"""

from __future__ import annotations

import binascii
import struct
from typing import Any, Final, NamedTuple

__all__ = [
    "BASE64_PREFIXES",
    "IMAGE_TYPES",
    "MAX_BASE64",
    "MAX_SIDE",
    "MAX_SIDE_OF_MANY",
    "ImageHeader",
    "detect_media_type",
    "document_block",
    "image_block",
    "image_header",
    "is_base64",
]

MAX_BASE64: Final = 10 << 20
"""The most base64 characters of one image."""

MAX_SIDE: Final = 8000
"""The longest side of an image, in pixels."""

MAX_SIDE_OF_MANY: Final = 2000
"""The longest side when a request has more than `MANY_IMAGES` images, in pixels."""

MANY_IMAGES: Final = 20
"""The most images of a request to which `MAX_SIDE` applies."""

IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""The media types of images that the API accepts."""

BASE64_PREFIXES: Final = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "JVBERi0")
"""The first characters of PNG, JPEG, GIF, WebP and PDF in base64."""

_HEAD: Final = 1 << 20
"""How much base64 text is decoded to find an image's header, in characters."""

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The JPEG markers that begin a frame (SOF0 to SOF15)."""


class ImageHeader(NamedTuple):
    """An image's type, and its size in pixels, from its header."""

    media_type: str
    width: int
    height: int


def detect_media_type(data: bytes) -> str | None:
    """Return the media type that the first bytes show: one of `IMAGE_TYPES`, `application/pdf`, or None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if b"%PDF-" in data[:1024] else None


def is_base64(data: bytes | bytearray | memoryview) -> bool:
    """Return whether bytes are the base64 text of an image or a PDF, as `base64.b64encode` returns it."""
    return bytes(data[:12]).startswith(_PREFIXES)


_PREFIXES: Final = tuple(each.encode() for each in BASE64_PREFIXES)


def image_header(data: bytes | str) -> ImageHeader | None:
    """Read an image's header.

    Args:
        data: The image's bytes, or their base64 text.

    Returns:
        Its type and size; None if it is not an image of `IMAGE_TYPES`, or its header cannot be read.
    """
    if isinstance(data, str):
        try:
            data = binascii.a2b_base64(data[:_HEAD])
        except (binascii.Error, ValueError):
            return None
    kind = detect_media_type(data)
    try:
        size = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _webp}[kind or ""](data)
    except (KeyError, struct.error, IndexError):
        return None
    return ImageHeader(kind or "", *size) if size is not None else None


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            (length,) = struct.unpack_from(">H", data, at + 2)
            at += 2 + length
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def image_block(data: bytes, **fields: Any) -> dict[str, Any]:
    """Make an image block from an image's bytes.

    Args:
        data: The image.
        **fields: Further fields of the block, such as `cache_control`.

    Raises:
        ValueError: The bytes are not an image that the API accepts, or are base64 already.
    """
    kind = detect_media_type(data)
    if is_base64(data):
        raise ValueError("it is base64 already; give the bytes that it stands for: base64.b64decode(...)")
    if kind not in IMAGE_TYPES:
        raise ValueError(
            f"it is not an image that the API takes ({', '.join(IMAGE_TYPES)}); it begins with {data[:12]!r}"
        )
    return {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}, **fields}


def document_block(data: bytes | str, **fields: Any) -> dict[str, Any]:
    """Make a document block from a PDF's bytes or from plain text.

    Args:
        data: The PDF; or text, as a string or as UTF-8 bytes.
        **fields: Further fields of the block: `title`, `context`, `citations`, `cache_control`.

    Raises:
        ValueError: The bytes are neither a PDF nor UTF-8 text, or are base64 already.
    """
    if isinstance(data, bytes) and is_base64(data):
        raise ValueError("it is base64 already; give the bytes that it stands for: base64.b64decode(...)")
    if isinstance(data, bytes) and detect_media_type(data) == "application/pdf":
        source: dict[str, Any] = {"type": "base64", "media_type": "application/pdf", "data": data}
    else:
        try:
            text = data if isinstance(data, str) else data.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            raise ValueError("it is neither a PDF nor text in UTF-8")
        source = {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "document", "source": source, **fields}
