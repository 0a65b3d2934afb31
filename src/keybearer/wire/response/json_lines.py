"""JSON lines, read as they come.

Contract: a line is decoded when its end has come, or the body's end; an empty line is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from keybearer.errors import StreamError, StreamProtocolError, StreamTruncated
from keybearer.errors.sanitize import excerpt
from keybearer.wire.json import loads

__all__ = ["JSONLines"]

LONGEST: Final = 256 << 20
"""The longest line, in bytes: as large as a whole batch may be."""


class JSONLines:
    """Cuts chunks into lines and decodes them.

    Attributes:
        count: How many values it has given; an error has it as `events`.
    """

    again = "Ask for them again: they come from the first."

    def __init__(self) -> None:
        self.count = 0
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """Take a chunk, `b""` at the body's end, and give the values whose lines have ended.

        Raises:
            StreamTruncated: The body ended inside a line.
            StreamProtocolError: A line is not JSON, or longer than any may be.
        """
        if not chunk:
            rest, self._pieces = b"".join(self._pieces), []
            lines = [rest]
        else:
            *lines, rest = chunk.split(b"\n")
            if lines and self._pieces:
                lines[0] = b"".join((*self._pieces, lines[0]))
                self._pieces, self._size = [], 0
            if rest:
                self._pieces.append(rest)
                self._size += len(rest)
            if self._size > LONGEST:
                raise StreamProtocolError(f"Line {self.count + 1:,} is longer than {LONGEST >> 20} MiB.")
        for line in lines:
            if line.strip():
                yield self._decoded(line, last=not chunk)

    def _decoded(self, line: bytes, *, last: bool) -> Any:
        try:
            value = loads(line)
        except ValueError:
            if last:
                problem: StreamError = StreamTruncated(f"It ended inside line {self.count + 1:,}.")
            else:
                problem = StreamProtocolError(f"Line {self.count + 1:,} is not JSON: {excerpt(line)}")
        else:
            self.count += 1
            return value
        problem.events = self.count
        raise problem
