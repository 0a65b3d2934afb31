"""Image headers of the four types, and what is none."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.simulator.service.images import Image, read_base64_image, read_image

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 12, 34)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc2\x00\x11\x08" + struct.pack(">HH", 200, 300)
LOSSY = b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 70, 80)
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f" + struct.pack("<I", (9 - 1) | (8 - 1) << 14)
EXTENDED = b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")


@pytest.mark.parametrize(
    ("data", "image"),
    [
        (PNG, Image("image/png", 640, 480)),
        (GIF, Image("image/gif", 12, 34)),
        (JPEG, Image("image/jpeg", 300, 200)),
        (LOSSY, Image("image/webp", 70, 80)),
        (LOSSLESS, Image("image/webp", 9, 8)),
        (EXTENDED, Image("image/webp", 100, 50)),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_headers(data: bytes, image: Image | None) -> None:
    """The type and the size are those of the header, whole or cut short at any byte."""
    assert read_image(data) == image
    assert read_base64_image(base64.b64encode(data).decode()) == image
    for end in range(len(data)):
        assert read_image(data[:end]) in {None, image}


@given(st.sampled_from([PNG[:8], GIF[:6], JPEG[:6], LOSSY[:16], LOSSLESS[:16], EXTENDED[:16]]), st.binary(max_size=64))
def test_noise(start: bytes, rest: bytes) -> None:
    """No bytes whatsoever make the reader fail or hang."""
    read_image(start + rest)
    read_base64_image(rest.decode("latin-1"))
