"""Sources: JSON lines, CSV and iterables, read lazily, with a broken row in its place."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.bulk.sources import AT_ONCE, BrokenRow, open_source
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
    source.close()
    assert source.total() == len(rows)
    for one, due in zip(found, rows, strict=True):
        assert due in one and f"{file}:2" in one if isinstance(due, str) else one == due
    assert [type(each) for each in all_of(io.BytesIO(text.encode()))] == [type(each) for each in rows]


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        (
            "a.csv",
            '\ufeffid,text\r\n1,"a, ""b""\nc"\r\n2,d\r\n',
            [{"id": "1", "text": 'a, "b"\nc'}, {"id": "2", "text": "d"}],
        ),
        ("a.tsv", "id\ttext\n1\ta,b\n", [{"id": "1", "text": "a,b"}]),
        (
            "a.csv",
            "id,text\n1\n2,b\n",
            ["a.csv:2: it has 1 fields, and there are 2 columns.", {"id": "2", "text": "b"}],
        ),
    ],
)
def test_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, rows: list[Any]) -> None:
    """The first line names the columns; a row with another number of fields fails alone."""
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text, newline="")
    assert all_of(name) == rows


@pytest.mark.parametrize(
    ("text", "says"), [("", "no line that names"), ("a,a\n1,2\n", "two columns"), ('a,b\n"x', "it is no CSV")]
)
def test_csv_that_is_none(tmp_path: Path, text: str, says: str) -> None:
    """It is refused with its line."""
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(UsageError, match=says):
        all_of(tmp_path / "a.csv")


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
