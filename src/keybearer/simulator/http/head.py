"""The head of a request in HTTP/1.1, read strictly: what two readers could understand differently is refused.

Pure: bytes in, values out. Lines end with CRLF, a name has no white space around it, no line is folded, a body has a length
or is chunked but not both (RFC 9112, sections 2 to 6).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

__all__ = ["CHUNKED", "LARGEST_HEAD", "RequestHead", "UnreadableError", "read_head"]

LARGEST_HEAD: Final = 64 * 1024
CHUNKED: Final = -1
"""The `length` of a body whose end its chunks say."""

TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE: Final = re.compile(rb"(%b) ([\x21-\x7e]+) HTTP/1\.([01])\r\n" % TOKEN)
FIELD: Final = re.compile(rb"(%b):([^\x00-\x08\x0a-\x1f\x7f]*)\r\n" % TOKEN)
FIELDS: Final = re.compile(rb"(?:%b:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*" % TOKEN)
AUTHORITY: Final = re.compile(rb"https?://[^/?]*", re.IGNORECASE)
"""What stands before the path when a client takes the server for its proxy."""
LENGTH: Final = re.compile(rb"[0-9]{1,18}")


class UnreadableError(Exception):
    """A request that cannot be read, after which nothing else on the connection can.

    Args:
        words: What is wrong with it.
        status: The status to refuse it with.
    """

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


class RequestHead(NamedTuple):
    """A request without its body.

    Args:
        method: The method.
        path: The path, decoded.
        raw_path: The path as it was sent.
        query: The query as it was sent.
        version: `1.0` or `1.1`.
        headers: Names in lower case, and values.
        length: The body's length in bytes, or `CHUNKED`.
        keep_alive: Whether the client would send another request on the connection.
        waits: Whether the client waits for a 100 before it sends the body.
    """

    method: str
    path: str
    raw_path: bytes
    query: bytes
    version: str
    headers: tuple[tuple[bytes, bytes], ...]
    length: int
    keep_alive: bool
    waits: bool


def read_head(data: bytes) -> RequestHead:
    """Read a head.

    Args:
        data: From the request's line to the line end of the last header.

    Returns:
        The head.

    Raises:
        UnreadableError: It is not one, or leaves open where the body ends.
    """
    line = REQUEST_LINE.match(data)
    if line is None:
        raise UnreadableError("Invalid HTTP request received.")
    if FIELDS.fullmatch(data, line.end()) is None:
        raise UnreadableError("Invalid HTTP header received.")
    headers = tuple((name.lower(), value.strip(b" \t")) for name, value in FIELD.findall(data, line.end()))
    method, target, minor = line.groups()
    authority = AUTHORITY.match(target)
    raw_path, _, query = target[authority.end() if authority else 0 :].partition(b"?")
    framing = dict(headers)
    connection = framing.get(b"connection", b"").lower()
    return RequestHead(
        method=method.decode(),
        path=unquote(raw_path.decode()) if b"%" in raw_path else raw_path.decode() or "/",
        raw_path=raw_path,
        query=query,
        version=f"1.{minor.decode()}",
        headers=headers,
        length=_length(framing, headers),
        keep_alive=minor == b"1" and b"close" not in connection,
        waits=minor == b"1" and framing.get(b"expect", b"").lower() == b"100-continue",
    )


def _length(framing: dict[bytes, bytes], headers: tuple[tuple[bytes, bytes], ...]) -> int:
    """Return a body's length, or `CHUNKED`."""
    coding, length = framing.get(b"transfer-encoding"), framing.get(b"content-length")
    if coding is not None:
        if length is not None:
            raise UnreadableError("A body has a content-length or a transfer-encoding, not both.")
        if coding.lower() != b"chunked":
            raise UnreadableError("The only transfer-encoding is chunked.", 501)
        return CHUNKED
    if length is None:
        return 0
    if LENGTH.fullmatch(length) is None or any(
        name == b"content-length" and value != length for name, value in headers
    ):
        raise UnreadableError("The content-length is not one number.")
    return int(length)
