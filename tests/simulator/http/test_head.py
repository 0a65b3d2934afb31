"""The head of a request: what is read of it, and what is refused because two readers could understand it differently."""

from __future__ import annotations

import pytest

from keybearer.simulator.http.head import CHUNKED, RequestHead, UnreadableError, read_head


def test_a_head() -> None:
    """The path is decoded, names are in lower case, values without white space around them."""
    data = b"POST /v1/a%20b?limit=2&x=%20 HTTP/1.1\r\nHost:  127.0.0.1\t\r\nContent-Length: 12\r\nX-Empty:\r\n"
    assert read_head(data) == RequestHead(
        method="POST",
        path="/v1/a b",
        raw_path=b"/v1/a%20b",
        query=b"limit=2&x=%20",
        version="1.1",
        headers=((b"host", b"127.0.0.1"), (b"content-length", b"12"), (b"x-empty", b"")),
        length=12,
        keep_alive=True,
        waits=False,
    )


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"http://127.0.0.1:80/v1/models?a=b", "/v1/models", b"a=b"),
        (b"HTTP://localhost", "/", b""),
        (b"*", "*", b""),
        (b"/v1//http://x", "/v1//http://x", b""),
    ],
)
def test_targets(target: bytes, path: str, query: bytes) -> None:
    """A whole URL, as a client sends it to a proxy, is read as its path."""
    head = read_head(b"GET %b HTTP/1.1\r\n" % target)
    assert (head.path, head.query) == (path, query)


@pytest.mark.parametrize(
    ("line", "fields", "keep_alive", "waits", "length"),
    [
        (b"1.1", b"", True, False, 0),
        (b"1.0", b"", False, False, 0),
        (b"1.1", b"connection: Keep-Alive, Close\r\n", False, False, 0),
        (b"1.1", b"expect: 100-Continue\r\ncontent-length: 3\r\n", True, True, 3),
        (b"1.0", b"expect: 100-continue\r\ncontent-length: 3\r\n", False, False, 3),
        (b"1.1", b"Transfer-Encoding: Chunked\r\n", True, False, CHUNKED),
        (b"1.1", b"content-length: 3\r\ncontent-length: 3\r\n", True, False, 3),
    ],
)
def test_framing(line: bytes, fields: bytes, keep_alive: bool, waits: bool, length: int) -> None:
    """The version and the headers say where the body ends, and whether the connection goes on."""
    head = read_head(b"POST / HTTP/%b\r\n%b" % (line, fields))
    assert (head.keep_alive, head.waits, head.length) == (keep_alive, waits, length)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/2.0\r\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET /a b HTTP/1.1\r\n",
        b"G(T / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\n",
        b"GET / HTTP/1.1\r\nhost : a\r\n",
        b"GET / HTTP/1.1\r\n folded\r\n",
        b"GET / HTTP/1.1\r\na: b\nc: d\r\n",
        b"GET / HTTP/1.1\r\na: b\0\r\n",
        b"GET / HTTP/1.1\r\nnothing\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1, 1\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n",
    ],
)
def test_what_is_refused(data: bytes) -> None:
    """What is no request, or leaves open where its parts end, is a 400."""
    with pytest.raises(UnreadableError) as refused:
        read_head(data)
    assert refused.value.status == 400


def test_another_coding_is_not_implemented() -> None:
    """A transfer coding that is not known is a 501 (RFC 9112, section 6.1)."""
    with pytest.raises(UnreadableError) as refused:
        read_head(b"POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n")
    assert refused.value.status == 501
