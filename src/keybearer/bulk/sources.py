"""Where rows come from: JSON lines, CSV, Parquet, or anything to iterate over. Each is read lazily, a list of rows at a time.

Contract: what a row cannot be read from is a `BrokenRow` in its place, so that it fails alone. A source says how many rows there
are, as far as that is known or follows from the bytes that were read.
"""

from __future__ import annotations

import asyncio
import csv
import itertools
import os
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import IO, Any, Final, Protocol, TypeAlias

import msgspec

from keybearer.errors import UsageError

__all__ = ["AT_ONCE", "BrokenRow", "RowSource", "Rows", "next_rows", "open_source"]

AT_ONCE: Final = 256
"""The most rows that are read at once."""

_BYTES_AT_ONCE: Final = 1 << 20
"""About how many bytes of a file are read at once."""

Rows: TypeAlias = "str | os.PathLike[str] | IO[bytes] | Iterable[Any] | AsyncIterable[Any]"
"""A file of rows, or rows: mappings of columns, or requests."""


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
    """

    columns: list[str] | None
    blocking: bool
    rows: int
    size: int
    position: int

    def total(self) -> int | None:
        """Return how many rows there are, as far as that is known."""
        ...

    def read(self) -> Any:
        """Return the next rows as a list, or what is awaited for one; an empty one at the end."""
        ...

    def close(self) -> None:
        """Close what was opened."""
        ...


async def next_rows(source: RowSource) -> list[Any]:
    """Return the next rows; an empty list at the end."""
    found: list[Any] = await (asyncio.to_thread(source.read) if source.blocking else source.read())
    return found


class _Source:
    columns: list[str] | None = None
    blocking = True

    def __init__(self) -> None:
        self.rows = self.size = self.position = 0

    def total(self) -> int | None:
        return round(self.rows * self.size / self.position) if self.size and self.position else None

    def close(self) -> None:
        """Close nothing."""


class _Lines(_Source):
    """JSON lines."""

    def __init__(self, file: IO[bytes], name: str, *, owned: bool) -> None:
        super().__init__()
        self._file, self._name, self._owned = file, name, owned
        self._number = 0
        self._total: int | None = None
        self._decode = msgspec.json.Decoder().decode
        self._left: list[bytes] = []
        if owned:
            self.size = os.fstat(file.fileno()).st_size
            self._total = _count_lines(self._name) if self.size else 0

    def total(self) -> int | None:
        return self._total

    def read(self) -> list[Any]:
        found: list[Any] = []
        while not found:
            lines = self._left or self._file.readlines(_BYTES_AT_ONCE)
            lines, self._left = lines[:AT_ONCE], lines[AT_ONCE:]
            if not lines:
                break
            for line in lines:
                self._number += 1
                self.position += len(line)
                if line.isspace():
                    continue
                found.append(self._row(line))
        self.rows += len(found)
        return found

    def _row(self, line: bytes) -> Any:
        try:
            return self._decode(line)
        except (ValueError, RecursionError) as error:
            text = line[:200].decode("utf-8", "replace").strip()
            return BrokenRow(text, f"{self._name}:{self._number}: it is not JSON: {error}.")

    def close(self) -> None:
        if self._owned:
            self._file.close()


def _count_lines(name: str) -> int:
    """Return how many lines a file has that are not empty; lines of blanks are counted."""
    lines, last = 0, b"\n"
    with open(name, "rb", buffering=0) as file:  # noqa: PTH123 - as the file itself was opened
        while block := file.read(_BYTES_AT_ONCE):
            lines += block.count(b"\n") - block.count(b"\n\n") - (last == b"\n" and block[:1] == b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


class _CSV(_Source):
    """CSV (RFC 4180) whose first line names the columns; tab-separated where the name ends in .tsv."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._raw = path.open("rb")
        self.size = os.fstat(self._raw.fileno()).st_size
        csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
        self._reader = csv.reader(self._texts(), delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
        self._name = str(path)
        try:
            self.columns = self._names()
        except BaseException:
            self._raw.close()
            raise

    def _names(self) -> list[str]:
        try:
            names = next(self._reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise UsageError(f"{self._name}: it is no CSV: {error}.") from None
        if not names:
            raise UsageError(f"{self._name}: there is no line that names the columns.")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"{self._name}: two columns have the name {twice!r}.")
        return names

    def _texts(self) -> Iterator[str]:
        encoding = "utf-8-sig"
        for line in self._raw:
            self.position += len(line)
            yield line.decode(encoding)
            encoding = "utf-8"

    def read(self) -> list[Any]:
        assert self.columns is not None  # noqa: S101 - there is a first line
        found: list[Any] = []
        try:
            for values in itertools.islice(self._reader, AT_ONCE):
                found += [self._row(values, self.columns)] if values else []
        except (csv.Error, UnicodeDecodeError) as error:
            raise UsageError(f"{self._name}:{self._reader.line_num}: it is no CSV: {error}.") from None
        self.rows += len(found)
        return found

    def _row(self, values: list[str], columns: list[str]) -> Any:
        if len(values) == len(columns):
            return dict(zip(columns, values, strict=True))
        where = f"{self._name}:{self._reader.line_num}"
        return BrokenRow(
            ",".join(values)[:200], f"{where}: it has {len(values)} fields, and there are {len(columns)} columns."
        )

    def close(self) -> None:
        self._raw.close()


class _Iterated(_Source):
    """Anything to iterate over."""

    def __init__(self, rows: Iterable[Any]) -> None:
        super().__init__()
        self._rows = iter(rows)
        self._total = len(rows) if isinstance(rows, Sized) else None

    def total(self) -> int | None:
        return self._total

    def read(self) -> list[Any]:
        found = list(itertools.islice(self._rows, AT_ONCE))
        self.rows += len(found)
        return found


class _Awaited(_Source):
    """Anything to iterate over with `async for`; a row that comes late keeps none waiting that came before."""

    blocking = False

    def __init__(self, rows: AsyncIterable[Any]) -> None:
        super().__init__()
        self._rows: AsyncIterator[Any] = aiter(rows)

    async def read(self) -> list[Any]:
        try:
            found = [await anext(self._rows)]
        except StopAsyncIteration:
            return []
        self.rows += 1
        return found


def _parquet(path: Path) -> RowSource:
    from keybearer.bulk.parquet import ParquetSource

    return ParquetSource(path)


def _lines(path: Path) -> RowSource:
    return _Lines(path.open("rb"), str(path), owned=True)


_FORMATS: Final[Mapping[str, Callable[[Path], RowSource]]] = {
    ".csv": _CSV,
    ".tsv": _CSV,
    ".parquet": _parquet,
    ".pq": _parquet,
}
"""What a file is read as, by the end of its name; any other holds JSON lines."""


def open_source(rows: Rows) -> RowSource:
    """Return the source of rows.

    Args:
        rows: A path; a file of JSON lines, open for reading bytes; or rows to iterate over, with `async for` too.

    Raises:
        UsageError: They cannot be read.
    """
    if isinstance(rows, str | os.PathLike):
        path = Path(rows)
        try:
            return _FORMATS.get(path.suffix.lower(), _lines)(path)
        except OSError as error:
            raise UsageError(f"{path}: it cannot be read: {error.strerror}.") from None
    if isinstance(rows, AsyncIterable):
        return _Awaited(rows)
    if callable(getattr(rows, "readlines", None)):
        return _Lines(rows, getattr(rows, "name", None) or "the rows", owned=False)  # type: ignore[arg-type]  # a file
    given: Any = rows
    if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes):
        return _Iterated(given)
    raise UsageError(
        f"Rows are of type {type(rows).__name__}; they are a path, a file of JSON lines, or something to iterate over."
    )
