"""Sources: JSON lines, CSV and iterables, read lazily, with a broken row in its place."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.bulk.row_source import AT_ONCE, BrokenRow
from keybearer.bulk.sources import open_source
from keybearer.errors import UsageError


def all_of(rows: Any) -> list[Any]:
    """Return all rows of a source that blocks; a broken one as why it is broken."""
    source = open_source(rows)
    try:
        found = list(itertools.chain.from_iterable(iter(source.read, [])))
    finally:
        source.close()
    assert source.rows == len(found)
    return [each.why if isinstance(each, BrokenRow) else each for each in found]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"a": 1}\n\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n{oops\n{"a": 2}\n', [{"a": 1}, "it is not JSON", {"a": 2}]),
        ("", []),
    ],
)
def test_json_lines(tmp_path: Path, text: str, rows: list[Any]) -> None:
    """Empty lines are passed over; a line that is no JSON fails alone, and is named."""
    file = tmp_path / "rows.jsonl"
    file.write_text(text)
    found = all_of(file)
    source = open_source(file)
    source.count()
    source.close()
    assert source.total() == source.counted == len(rows)
    for one, due in zip(found, rows, strict=True):
        assert due in one and f"{file}:2" in one if isinstance(due, str) else one == due
    assert [type(each) for each in all_of(io.BytesIO(text.encode()))] == [type(each) for each in rows]


def test_rows_are_read_a_list_at_a_time() -> None:
    """An endless iterator is read no further than asked."""
    numbers = itertools.count()
    source = open_source({"n": n} for n in numbers)
    assert len(source.read()) == AT_ONCE
    assert (next(numbers), source.total()) == (AT_ONCE, None)
    assert open_source([{}, {}]).total() == 2


def test_rows_that_are_awaited() -> None:
    """Each is given as it comes."""

    async def rows() -> AsyncIterator[dict[str, int]]:
        yield {"n": 1}
        yield {"n": 2}

    async def read() -> list[Any]:
        source = open_source(rows())
        assert not source.blocking
        return [await source.read() for _ in range(3)]

    assert asyncio.run(read()) == [[{"n": 1}], [{"n": 2}], []]


@pytest.mark.parametrize("rows", [5, {"a": 1}, b"x", "/nowhere/at/all.jsonl"])
def test_what_is_no_source(rows: Any) -> None:
    """It is refused in words."""
    with pytest.raises(UsageError):
        open_source(rows)
