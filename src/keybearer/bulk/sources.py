"""Where rows come from: JSON lines, CSV, Parquet, or anything to iterate over. Each is read lazily, a list of rows at a time.

Contract: as of `keybearer.bulk.row_source`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sized
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

import msgspec

from keybearer.bulk.row_source import AT_ONCE, BYTES_AT_ONCE, BrokenRow, FileRows, RowSource, count_lines
from keybearer.errors import UsageError

__all__ = ["Rows", "next_rows", "open_source"]

Rows: TypeAlias = "str | os.PathLike[str] | IO[bytes] | Iterable[Any] | AsyncIterable[Any]"
"""A file of rows, or rows: mappings of columns, or requests."""


async def next_rows(source: RowSource) -> list[Any]:
    """Return the next rows; an empty list at the end."""
    found: list[Any] = await (asyncio.to_thread(source.read) if source.blocking else source.read())
    return found


class _Lines(FileRows):
    """JSON lines."""

    def __init__(self, file: IO[bytes], name: str, *, owned: bool) -> None:
        super().__init__()
        self._file, self._name, self._owned = file, name, owned
        self._number = 0
        self._decode = msgspec.json.Decoder().decode
        self._left: list[bytes] = []
        if owned:
            self.size = os.fstat(file.fileno()).st_size

    def count(self) -> None:
        if self._owned and os.path.isfile(self._name):  # noqa: PTH113 - a pipe is read once
            self.counted = count_lines(self._name)

    def read(self) -> list[Any]:
        found: list[Any] = []
        while not found:
            lines = self._left or self._file.readlines(BYTES_AT_ONCE)
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


class _Iterated(FileRows):
    """Anything to iterate over."""

    def __init__(self, rows: Iterable[Any]) -> None:
        super().__init__()
        self._rows = iter(rows)
        self.counted = len(rows) if isinstance(rows, Sized) else None

    def read(self) -> list[Any]:
        found = list(itertools.islice(self._rows, AT_ONCE))
        self.rows += len(found)
        return found


class _Awaited(FileRows):
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


def _csv(path: Path) -> RowSource:
    from keybearer.bulk.csv_source import CSVSource

    return CSVSource(path)


def _parquet(path: Path) -> RowSource:
    from keybearer.bulk.parquet import ParquetSource

    return ParquetSource(path)


def _lines(path: Path) -> RowSource:
    return _Lines(path.open("rb"), str(path), owned=True)


_FORMATS: Final[Mapping[str, Callable[[Path], RowSource]]] = {
    ".csv": _csv,
    ".tsv": _csv,
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
