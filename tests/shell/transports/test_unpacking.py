"""Compressed bodies are unpacked a little at a time, wherever they are cut."""

from __future__ import annotations

import gzip
import zlib

import pytest

from keybearer.shell.transports.unpacking import unpacker

BODY = b'{"text": "' + b"hello " * 50 + b'"}'


def unpacked(coding: str, packed: bytes, cut: int) -> bytes:
    """Return a body that comes in two pieces, read as a transport reads it."""
    engine = unpacker(coding)
    assert engine is not None
    pieces = [each for each in (packed[:cut], packed[cut:]) if each]
    body = b""
    while True:
        data = engine.feed((pieces.pop(0) if pieces else b"") if engine.needs_input else b"")
        if data == b"":
            return body
        body += data or b""


@pytest.mark.parametrize(
    ("coding", "packed"), [("gzip", gzip.compress(BODY)), (" Deflate", zlib.compress(BODY))], ids=["gzip", "deflate"]
)
def test_a_body_is_the_same_wherever_it_is_cut(coding: str, packed: bytes) -> None:
    """Cut at every byte, in the coding's name with or without capitals, it unpacks to the same."""
    assert {unpacked(coding, packed, cut) for cut in range(len(packed))} == {BODY}


def test_no_more_than_a_piece_is_unpacked_at_a_time() -> None:
    """Eight megabytes of zeros, packed to a few kilobytes, come 64 KiB at a time and need no more input meanwhile."""
    engine = unpacker("gzip")
    assert engine is not None
    first = engine.feed(gzip.compress(bytes(8 << 20)))
    assert (len(first or b""), engine.needs_input) == (64 << 10, False)


@pytest.mark.parametrize(
    ("packed", "words"),
    [(b"not gzip at all", "is not in gzip, as its head says"), (gzip.compress(BODY)[:-9], "in gzip, ended early")],
    ids=["garbage", "cut"],
)
def test_a_body_that_is_not_what_its_head_says(packed: bytes, words: str) -> None:
    """Garbage and a cut are refused in words."""
    with pytest.raises(ValueError, match=words):
        unpacked("gzip", packed, 0)


def test_a_coding_that_is_not_known() -> None:
    """No coding and identity need no unpacker; one that nobody asked for is refused."""
    assert unpacker("") is None
    assert unpacker("identity") is None
    with pytest.raises(ValueError, match="was not asked for"):
        unpacker("br")
