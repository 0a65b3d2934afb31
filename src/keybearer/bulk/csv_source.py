"""CSV (RFC 4180) whose first line names the columns; tab-separated where the name ends in .tsv. Read lazily.

Contract: a row with another number of fields fails alone. What is no CSV ends the reading, with the line on which it began: of a quote
that is never closed, the line on which it was opened. A file of up to `CHECKED` bytes is read through before, so that nothing is paid
for when a later row is none.
"""

from __future__ import annotations

import csv
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from keybearer.bulk.row_source import AT_ONCE, BrokenRow, FileRows, count_lines
from keybearer.errors import UsageError

__all__ = ["CSVSource"]

CHECKED: Final = 64 << 20
"""Up to how many bytes a file is read through before its rows are, which takes about a second."""


class CSVSource(FileRows):
    """The rows of a CSV file; see `keybearer.bulk.row_source.RowSource`.

    Args:
        path: The file.

    Raises:
        UsageError: It has no line that names the columns.
        OSError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._raw = path.open("rb")
        self.size = os.fstat(self._raw.fileno()).st_size
        self._records = _Records(self._raw, path)
        try:
            self._columns = self._names()
        except BaseException:
            self._raw.close()
            raise

        self.columns = self._columns

    def _names(self) -> list[str]:
        names = next(self._records, None)
        if not names:
            raise UsageError(f"{self._path}: there is no line that names the columns.")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"{self._path}: two columns have the name {twice!r}.")
        return names

    def count(self) -> None:
        """Count the rows: all are read where the file is not large; of a larger one the lines, where none has a quote.

        Raises:
            UsageError: It is no CSV.
        """
        if not self._path.is_file():  # a pipe is read once
            return
        if self.size > CHECKED:
            lines = count_lines(self._path, without=b'"')
            self.counted = None if lines is None else lines - 1
            return
        with self._path.open("rb") as file:
            self.counted = sum(map(bool, _Records(file, self._path))) - 1

    def read(self) -> list[Any]:
        """Return the next rows."""
        found = [self._row(values) for values in itertools.islice(self._records, AT_ONCE) if values]
        self.position = self._records.position
        self.rows += len(found)
        return found

    def _row(self, values: list[str]) -> Any:
        if len(values) == len(self._columns):
            return dict(zip(self._columns, values, strict=True))
        where = f"{self._path}:{self._records.line}"
        return BrokenRow(
            ",".join(values)[:200], f"{where}: it has {len(values)} fields, and there are {len(self._columns)} columns."
        )

    def close(self) -> None:
        """Close the file."""
        self._raw.close()


class _Records:
    """The records of an open file, as lists of texts; an empty line is an empty one.

    Attributes:
        position: How many bytes were read.
        line: The last line that was read, from 1 on.
    """

    def __init__(self, file: IO[bytes], path: Path) -> None:
        csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
        self.position = self._began = 0  # where the next record begins: after that many lines
        self._file, self._path = file, path
        self._reader = csv.reader(self._texts(), delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)

    @property
    def line(self) -> int:
        return self._reader.line_num

    def _texts(self) -> Iterator[str]:
        encoding = "utf-8-sig"
        for line in self._file:
            self.position += len(line)
            yield line.decode(encoding)
            encoding = "utf-8"

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        try:
            values = next(self._reader)
        except UnicodeDecodeError as error:
            raise UsageError(f"{self._path}:{self.line + 1}: it is no CSV: {error}.") from None
        except csv.Error as error:
            raise self._refused(error) from None
        self._began = self._reader.line_num
        return values

    def _refused(self, error: csv.Error) -> UsageError:
        """Return the error of a record; one over several lines most often has a quote that somebody forgot to close."""
        hint = 'A quote within a quoted field is written twice: "".'
        cut = "unexpected end of data" in str(error)
        if (cut or self._began + 1 < self.line) and (opened := self._open_quote(cut=cut)) is not None:
            return UsageError(f'{self._path}:{opened}: a quote (") is opened here and never closed.', hint=hint)
        return UsageError(f"{self._path}:{self.line}: it is no CSV: {error}.", hint=hint)

    def _open_quote(self, *, cut: bool) -> int | None:
        """Return the line of the quote that is open at the end of what was read of the record; None where none is.

        Args:
            cut: Whether the file ends there; else the quote that seems to close it is the first of a later field.
        """
        opened = None
        if not self._path.is_file():
            return None
        with self._path.open("rb") as file:
            for number, line in enumerate(itertools.islice(file, self._began, self.line), self._began + 1):
                quotes = line.replace(b'""', b"").count(b'"')
                if quotes % 2:
                    opened = number if opened is None else None
                elif quotes and cut and opened is not None:  # one is closed there, and another opened
                    opened = number
        return opened
