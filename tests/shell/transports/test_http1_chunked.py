"""The chunked transfer coding: every split gives the same data."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.shell.transports.http1_chunked import ChunkedDecoder

BODY = b"5\r\nhello\r\n1;name=value\r\n,\r\n006 \r\n\r\nall\r\r\n10\r\n0123456789abcdef\r\n0\r\nx-trailer: 1\r\n\r\n"
DATA = b"hello,\r\nall\r0123456789abcdef"


def test_every_split_in_two_gives_the_data() -> None:
    """Sizes, extensions, line ends inside data and a trailer are read the same wherever the bytes are cut."""
    for cut in range(len(BODY) + 1):
        decoder = ChunkedDecoder()
        assert decoder.feed(BODY[:cut]) + decoder.feed(BODY[cut:]) == DATA
        assert decoder.done
        assert decoder.rest == b""


def test_byte_by_byte_gives_the_data_as_it_comes() -> None:
    """Data is given when it comes, not when its chunk ends."""
    decoder = ChunkedDecoder()
    given_out = [decoder.feed(BODY[at : at + 1]) for at in range(len(BODY))]
    assert b"".join(given_out) == DATA
    assert max(map(len, given_out)) == 1
    assert decoder.done


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.lists(st.integers(0, 300), max_size=6))
def test_any_chunks_and_any_cuts(chunks: list[bytes], cuts: list[int]) -> None:
    """Whatever the chunks hold and however the bytes are cut, the data is what was put in, and what follows the body is kept apart."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    bounds = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    decoder = ChunkedDecoder()
    data = b"".join(decoder.feed(body[a:b]) for a, b in itertools.pairwise(bounds))
    assert data == b"".join(chunks)
    assert decoder.done


def test_what_follows_the_body_is_not_data() -> None:
    """Bytes after the body's end are left in `rest`."""
    decoder = ChunkedDecoder()
    assert decoder.feed(b"1\r\na\r\n0\r\n\r\nHTTP/1.1") == b"a"
    assert decoder.rest == b"HTTP/1.1"


@pytest.mark.parametrize(
    "body",
    [b"zz\r\n", b"-1\r\na\r\n", b"\r\nabc\r\n", b"1\r\nabc\r\n", b"+1\r\na\r\n", b"5" * 9000, b"0\r\n" + b"a" * 9000],
)
def test_what_is_not_a_chunked_body_is_refused(body: bytes) -> None:
    """A size that is none, a chunk longer than its size, and a line without an end are errors."""
    decoder = ChunkedDecoder()
    with pytest.raises(ValueError, match=r"chunk|int\(\)"):
        decoder.feed(body + b"x")


LONGER = b"1\r\nabc1\r\nx\r\n0\r\n\r\n"
"""A chunk that is two bytes longer than its size, after which what follows reads well all the same."""


@pytest.mark.parametrize("cut", range(len(LONGER) + 1))
def test_a_chunk_longer_than_its_size_is_refused_wherever_it_is_cut(cut: int) -> None:
    """Bytes between a chunk's data and its line end are never skipped, whether the chunk came whole or in two reads."""
    decoder = ChunkedDecoder()
    parts = [LONGER[:cut], LONGER[cut:]]
    with pytest.raises(ValueError, match="longer than its size"):
        [decoder.feed(part) for part in parts]
