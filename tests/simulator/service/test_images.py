"""Image headers of the four types, and what is none."""

from __future__ import annotations

import base64
import struct
from typing import Any

import anthropic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.simulator import Simulator
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


@pytest.mark.parametrize(
    ("width", "height", "older", "newer"),
    [
        (200, 200, 53, 53),
        (1092, 1092, 1589, 1589),
        (3000, 3000, 1598, 4782),
        (1568, 300, 627, 627),
        (3136, 600, 627, 1689),
        (8000, 1, 1, 1),
    ],
)
def test_tokens_are_counted_after_scaling(width: int, height: int, older: int, newer: int) -> None:
    """A large image costs what is left of it once its longer side fits, and never more than the most."""
    image = Image("image/png", width, height)
    assert image.tokens(edge=1568, most=1600) == older
    assert image.tokens(edge=2576, most=4784) == newer


def test_a_request_pays_for_an_image_by_its_model() -> None:
    """The same image costs more with a model that looks at more of it."""
    data = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 3000, 3000)).decode()
    picture: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    with Simulator() as sim, anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk:
        counted = [
            sdk.messages.count_tokens(model=name, messages=[{"role": "user", "content": [picture]}]).input_tokens
            for name in ("claude-haiku-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-haiku-5-5")
        ]
    assert counted == [1601, 1601, 4785, 4785]
