"""Where a body ends, however it is cut into pieces."""

from __future__ import annotations

import pytest

from keybearer.simulator.http.head import CHUNKED, UnreadableError
from keybearer.simulator.http.incoming import ChunkedBody, body_reader

BODY = b"5;note=1\r\nhello\r\n0C\r\n, everybody!\r\n0\r\nx-sum: 1\r\n\r\n"


def read(length: int, pieces: list[bytes]) -> tuple[bytes, bytes, bool]:
    """Feed pieces; return the body, what came after it, and whether it ended."""
    reader, body, unread = body_reader(length), b"", b""
    for piece in pieces:
        unread += piece
        if not reader.ended:
            more, unread = reader.feed(unread)
            body += more
    return body, unread, reader.ended


@pytest.mark.parametrize("at", range(len(BODY) + 1))
def test_a_chunked_body_cut_anywhere(at: int) -> None:
    """The chunks are joined, the trailer is dropped, and the next request is left."""
    assert read(CHUNKED, [BODY[:at], BODY[at:] + b"GET /"]) == (b"hello, everybody!", b"GET /", True)


def test_a_chunked_body_byte_by_byte() -> None:
    """Every line end may be cut."""
    assert read(CHUNKED, [bytes([byte]) for byte in BODY]) == (b"hello, everybody!", b"", True)
    assert read(CHUNKED, [b"5\r\nhel"]) == (b"hel", b"", False)


def test_a_body_with_a_length() -> None:
    """It ends after its length; one of no length ends at once."""
    assert read(5, [b"he", b"lloGET /"]) == (b"hello", b"GET /", True)
    assert read(5, [b"hell"]) == (b"hell", b"", False)
    assert read(0, [b"GET /"]) == (b"", b"GET /", True)


@pytest.mark.parametrize(
    "body",
    [
        b"x\r\n",
        b"-1\r\n",
        b"\r\n",
        b"5\r\nhello!\r\n",
        b"5 5\r\n",
        b"1" * 16 + b"\r\n",
        b"5;" + b"x" * 5000,
        b"0\r\n" + b"x: y\r\n" * 5000,
    ],
)
def test_what_is_refused(body: bytes) -> None:
    """A size that is no number, a chunk beyond its size, and lines without an end."""
    with pytest.raises(UnreadableError):
        ChunkedBody().feed(body)
