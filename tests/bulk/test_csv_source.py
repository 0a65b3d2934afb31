"""CSV: rows with their columns, a count, and what is no CSV with its line."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from keybearer.bulk import csv_source
from keybearer.bulk.csv_source import CSVSource
from keybearer.bulk.row_source import BrokenRow
from keybearer.errors import UsageError


def all_of(path: Path) -> list[Any]:
    """Return all rows, which were counted right before; a broken one as why it is broken."""
    source = CSVSource(path)
    try:
        source.count()
        found = list(itertools.chain.from_iterable(iter(source.read, [])))
    finally:
        source.close()
    assert source.rows == source.counted == source.total() == len(found)
    return [each.why if isinstance(each, BrokenRow) else each for each in found]


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
    assert all_of(Path(name)) == rows


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no line that names"),
        ("a,a\n1,2\n", "two columns"),
        ('a,b\n1,"x', r'a.csv:2: a quote \("\) is opened here and never closed'),
        ('a,b\n"1\n2",3\n4,"5\n6,7\n8,9\n', r"a.csv:4: a quote"),
        ('a,b\n"1\n2","3\n4,5\n', r"a.csv:3: a quote"),
        ('a,b\n1,"2\n3,4\n"x",5\n', r"a.csv:2: a quote"),
        ('a,b\n"1" x,2\n', r"a.csv:2: it is no CSV: "),
    ],
)
@pytest.mark.parametrize("checked", [0, 1 << 20])
def test_csv_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str, checked: int) -> None:
    """It is refused with its line; a quote that is not closed with the line on which it was opened."""
    monkeypatch.setattr(csv_source, "CHECKED", checked)
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(UsageError, match=says):
        all_of(tmp_path / "a.csv")


def test_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines are counted where none has a quote; else the number of its rows is a guess."""
    monkeypatch.setattr(csv_source, "CHECKED", 0)
    (tmp_path / "a.csv").write_text("a\n1\n\n2\n")
    assert all_of(tmp_path / "a.csv") == [{"a": "1"}, {"a": "2"}]
    (tmp_path / "b.csv").write_text('a\n"1"\n2\n')
    source = CSVSource(tmp_path / "b.csv")
    source.count()
    assert (source.counted, len(source.read()), source.total()) == (None, 2, 2)
    source.close()
