"""What every source of rows has, and what those that are files share.

Contract: what a row cannot be read from is a `BrokenRow` in its place, so that it fails alone. A source says how many rows there
are, as far as that is known or follows from the bytes that were read.
"""

from __future__ import annotations

import os
from typing import Any, Final, Protocol

__all__ = ["AT_ONCE", "BYTES_AT_ONCE", "BrokenRow", "FileRows", "RowSource", "count_lines"]

AT_ONCE: Final = 256
"""The most rows that are read at once."""

BYTES_AT_ONCE: Final = 1 << 20
"""About how many bytes of a file are read at once."""

MOST_COUNTED: Final = 4 << 30
"""Up to how many bytes a file's lines are counted, which takes a second or two; a larger one's rows are a guess from its bytes."""


class BrokenRow:
    """A row that cannot be read.

    Args:
        text: What stands in its place.
        why: What is wrong with it.
    """

    def __init__(self, text: str, why: str) -> None:
        self.text = text
        self.why = why


class RowSource(Protocol):
    """Rows, read once from the first to the last.

    Attributes:
        columns: The columns of every row; None where each row has its own.
        blocking: Whether `read` waits without awaiting, so that it is called in a thread.
        rows: How many rows were read.
        size: How many bytes there are; 0 where nobody knows.
        position: How many bytes were read.
        counted: How many rows there are, where that was counted; None where `total` is a guess.
    """

    columns: list[str] | None
    blocking: bool
    rows: int
    size: int
    position: int
    counted: int | None

    def count(self) -> None:
        """Count the rows, where that is cheap, and check what can be checked before any is sent; in a thread."""
        ...

    def total(self) -> int | None:
        """Return how many rows there are, as far as that is known."""
        ...

    def read(self) -> Any:
        """Return the next rows as a list, or what is awaited for one; an empty one at the end."""
        ...

    def close(self) -> None:
        """Close what was opened."""
        ...


class FileRows:
    """The part of a source that is the same for most: its figures."""

    columns: list[str] | None = None
    blocking = True

    def __init__(self) -> None:
        self.rows = self.size = self.position = 0
        self.counted: int | None = None

    def count(self) -> None:
        """Count nothing."""

    def total(self) -> int | None:
        """Return how many rows there are: counted, or a guess from the bytes that were read."""
        if self.counted is not None:
            return self.counted
        return round(self.rows * self.size / self.position) if self.size and self.position else None

    def close(self) -> None:
        """Close nothing."""


def count_lines(path: str | os.PathLike[str], *, without: bytes = b"") -> int | None:
    """Return how many lines a file has that are not empty; lines of blanks are counted. None for a very large file.

    Args:
        path: The file.
        without: Where this is in it, None is returned; empty for nothing.
    """
    lines, last = 0, b"\n"
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as the file itself was opened
        if os.fstat(file.fileno()).st_size > MOST_COUNTED:
            return None
        while block := file.read(BYTES_AT_ONCE):
            if without and without in block:
                return None
            lines += block.count(b"\n") - block.count(b"\n\n") - (last == b"\n" and block[:1] == b"\n")
            last = block[-1:]
    return lines + (last != b"\n")
