"""HTTP/1.1's chunked transfer coding, for the bodies of streams (RFC 9112, section 7.1).

Strategy: one pass over the bytes of a read cuts out and joins all complete chunks. http.client returns one chunk a call, through eight
Python frames and in about 5 us. The service sends each event in its own chunk, so that would be most of an event's cost.

Contract: `feed` returns the data that arrived, of complete and incomplete chunks. `done` is true after the last chunk and the trailer.
Bytes that are not a chunked body raise `ValueError`. Chunk extensions and trailer fields are ignored.

Limits: a size line or a trailer of 8 KiB.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ChunkedDecoder"]

_MAX_LINE: Final = 8 << 10


class ChunkedDecoder:
    r"""Cut the data out of a chunked body.

    Attributes:
        done: Whether the body has ended.
        rest: Bytes that wait for more; once `done`, bytes after the body's end.

    Example:
        >>> decoder = ChunkedDecoder()
        >>> decoder.feed(b"5\r\nhello\r\n0\r\n\r\n"), decoder.done
        (b'hello', True)
    """

    __slots__ = ("_left", "done", "rest")

    def __init__(self) -> None:
        self.done = False
        self.rest = b""
        self._left = 0  # bytes of the open chunk that are still to come, its line end included

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes and give the data in them.

        Raises:
            ValueError: They are not a chunked body.
        """
        if self.rest:
            data, self.rest = self.rest + data, b""
        at, end, parts = 0, len(data), []
        if self._left:
            if self._left > end:
                return self._inside(data, 0)
            parts.append(data[: self._left - 2])
            at, self._left = self._left, 0
            _check(data, at)
        while at < end:
            line = data.find(b"\r\n", at)
            if line < 0:
                return self._wait(parts, data[at:])
            text = data[at:line]
            size = int(text if text.isalnum() else _size(text), 16)
            if size == 0:
                return self._trailer(parts, data, at)
            begin, at = line + 2, line + 4 + size
            if at > end:
                self._left = at - begin
                parts.append(self._inside(data, begin))
                break
            parts.append(data[begin : at - 2])
            _check(data, at)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _inside(self, data: bytes, begin: int) -> bytes:
        """Return the data of the open chunk; a part of its line end waits for the rest."""
        came = len(data) - begin
        whole = min(came, max(self._left - 2, 0))
        self._left -= whole
        self.rest = data[begin + whole :]
        return data[begin : begin + whole]

    def _wait(self, parts: list[bytes], rest: bytes) -> bytes:
        if len(rest) > _MAX_LINE:
            raise ValueError("a chunk's size line is too long")
        self.rest = rest
        return b"".join(parts)

    def _trailer(self, parts: list[bytes], data: bytes, at: int) -> bytes:
        """Skip the trailer, which ends with an empty line."""
        end = data.find(b"\r\n\r\n", at)
        if end < 0:
            return self._wait(parts, data[at:])
        self.done, self.rest = True, data[end + 4 :]
        return b"".join(parts)


def _size(line: bytes) -> bytes:
    """Return a size line's hexadecimal digits, without its extensions."""
    digits = line.partition(b";")[0].strip(b" \t")
    if not digits.isalnum():
        raise ValueError(f"a chunk's size is {line[:20]!r}")
    return digits


def _check(data: bytes, at: int) -> None:
    if data[at - 2 : at] != b"\r\n":
        raise ValueError("a chunk is longer than its size")
