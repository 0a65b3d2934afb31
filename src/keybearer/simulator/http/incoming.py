"""Where the body of a request ends: after so many bytes, or where its chunks say so. Pure: bytes in, bytes out."""

from __future__ import annotations

import re
from typing import Final

from keybearer.simulator.http.head import CHUNKED, UnreadableError

__all__ = ["ChunkedBody", "SizedBody", "body_reader"]

CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?")
LONGEST_LINE: Final = 4096
LARGEST_TRAILER: Final = 16 * 1024


class SizedBody:
    """A body with a length.

    Args:
        length: The length in bytes.
    """

    def __init__(self, length: int) -> None:
        self._left = length
        self.ended = length == 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Divide what has arrived.

        Returns:
            The body's bytes, and what comes after the body.
        """
        body, rest = (data, b"") if len(data) <= self._left else (data[: self._left], data[self._left :])
        self._left -= len(body)
        self.ended = self._left == 0
        return body, rest


class ChunkedBody:
    """A chunked body; the trailer, which no endpoint reads, is dropped."""

    def __init__(self) -> None:
        self.ended = False
        self._kept = b""
        self._left = 0  # of the chunk, and of the line end after it
        self._trailer = -1  # its bytes so far, once it has begun

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Divide what has arrived.

        Returns:
            The body's bytes, and what comes after the body.

        Raises:
            UnreadableError: It is not chunked as it should be.
        """
        data, self._kept = self._kept + data, b""
        found: list[bytes] = []
        while data and not self.ended:
            if self._left > 2:
                piece = data[: self._left - 2]
                found.append(piece)
                data = data[len(piece) :]
                self._left -= len(piece)
            elif self._left:
                if len(data) == 1:
                    self._kept = data
                    break
                if data[:2] != b"\r\n":
                    raise UnreadableError("A chunk is longer than its size.")
                data, self._left = data[2:], 0
            else:
                line, end, rest = data.partition(b"\r\n")
                if not end:
                    self._keep(data)
                    break
                data = rest
                self._read_line(line)
        return b"".join(found), data if self.ended else b""

    def _keep(self, data: bytes) -> None:
        if len(data) > LONGEST_LINE:
            raise UnreadableError("A line between the chunks is too long.")
        self._kept = data

    def _read_line(self, line: bytes) -> None:
        """Read a chunk's size, or a line of the trailer."""
        if self._trailer >= 0:
            self._trailer += len(line)
            self.ended = not line
            if self._trailer > LARGEST_TRAILER:
                raise UnreadableError("The trailer is too long.")
            return
        size = CHUNK_SIZE.fullmatch(line)
        if size is None:
            raise UnreadableError("The size of a chunk is not a number.")
        length = int(size[1], 16)
        self._left = length + 2 if length else 0
        self._trailer = -1 if length else 0


def body_reader(length: int) -> SizedBody | ChunkedBody:
    """Return what reads a body.

    Args:
        length: Its length in bytes, or `CHUNKED`.
    """
    return ChunkedBody() if length == CHUNKED else SizedBody(length)
