"""Parquet, by pyarrow (extra `parquet`): rows are read a row group at a time, and results are written in row groups.

Contract: pyarrow is imported when the first Parquet file is opened. A value of a type that JSON lacks becomes text where it is put
into a request. The columns of the output are `COLUMNS`, the same for every job; what is no text or number is JSON there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from keybearer.errors import UsageError

__all__ = ["COLUMNS", "ParquetSource", "arrow_module", "write_parquet"]

AT_ONCE: Final = 256
"""The most rows that are read at once."""

GROUP: Final = 10_000
"""The rows of a row group that is written."""

COLUMNS: Final = {
    "key": "string", "id": "string", "row": "string", "text": "string", "message": "string", "model": "string",
    "stop_reason": "string", "input_tokens": "int64", "output_tokens": "int64", "cache_read_input_tokens": "int64",
    "cache_creation_input_tokens": "int64", "cost_usd": "string", "request_id": "string", "error_class": "string",
    "error_message": "string",
}  # fmt: skip
"""The columns of the output, with their types in Arrow. `row` and `message` are JSON; dollars are text, so that none is rounded."""

_USAGE: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def arrow_module() -> Any:
    """Return pyarrow.

    Raises:
        UsageError: It is not installed.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed. Install keybearer with its extra: 'keybearer[parquet]'"
        ) from None
    return pyarrow


class ParquetSource:
    """The rows of a Parquet file; see `keybearer.bulk.sources.RowSource`.

    Args:
        path: The file.

    Raises:
        UsageError: It is no Parquet file.
    """

    blocking = True

    def __init__(self, path: Path) -> None:
        arrow = arrow_module()
        try:
            self._file = arrow.parquet.ParquetFile(path)
        except arrow.ArrowException as error:
            raise UsageError(f"{path}: it is no Parquet file: {error}.") from None
        self.columns: list[str] | None = list(self._file.schema_arrow.names)
        self.rows = self.size = self.position = 0
        self.counted: int | None = self._file.metadata.num_rows
        self._batches: Iterator[Any] = self._file.iter_batches(batch_size=AT_ONCE)

    def total(self) -> int | None:
        """Return how many rows the file says that it has."""
        return self.counted

    def count(self) -> None:
        """Count nothing: the file says it."""

    def read(self) -> list[Any]:
        """Return the next rows."""
        for batch in self._batches:
            rows = [_plain(row) for row in batch.to_pylist()]
            if rows:
                self.rows += len(rows)
                return rows
        return []

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _plain(value: Any) -> Any:
    """Return a value as JSON can express it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def write_parquet(file: IO[bytes], lines: Iterable[bytes]) -> None:
    """Write results as Parquet.

    Args:
        file: Where to, open for writing.
        lines: The results, as the lines of JSON that the output would have.
    """
    arrow = arrow_module()
    schema = arrow.schema(list(COLUMNS.items()))
    rows = map(_flat, lines)
    with arrow.parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(rows, GROUP)):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))


def _flat(line: bytes) -> dict[str, Any]:
    found = msgspec.json.decode(line)
    message, error = found.get("message") or {}, found.get("error") or {}
    usage = message.get("usage") or {}
    name = found.get("id")
    return {
        "key": found["key"],
        "id": name if name is None or isinstance(name, str) else _json(name),
        "row": _json(found["row"]) if "row" in found else None,
        "text": found.get("text"),
        "message": _json(message) if message else None,
        "model": message.get("model"),
        "stop_reason": message.get("stop_reason"),
        **{each: usage.get(each) for each in _USAGE},
        "cost_usd": found.get("cost_usd"),
        "request_id": found.get("request_id") or error.get("request_id"),
        "error_class": error.get("class"),
        "error_message": error.get("message"),
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
