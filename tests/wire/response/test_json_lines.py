"""JSON lines, cut at every byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keybearer.errors import StreamProtocolError, StreamTruncated
from keybearer.wire.response.json_lines import JSONLines

ROWS: list[Any] = [{"a": "zwölf\u2028"}, {"b": [1, 2]}, {"c": "x\\n"}]
TEXT = b"\n".join(json.dumps(row, ensure_ascii=False).encode() for row in ROWS) + b"\n"


def read(*chunks: bytes) -> list[Any]:
    """Return the values of these chunks, and of the body's end after them."""
    lines = JSONLines()
    values = [value for chunk in chunks for value in lines.feed(chunk)]
    values += lines.feed(b"")
    assert lines.count == len(values)
    return values


@pytest.mark.parametrize("text", [TEXT, TEXT[:-1], TEXT.replace(b"\n", b"\r\n"), TEXT.replace(b"\n", b"\n\n")])
def test_rows_come_however_they_are_cut(text: bytes) -> None:
    """Cut at each byte, byte by byte, with and without a last line end, with empty lines."""
    assert read(text) == ROWS
    for at in range(1, len(text)):
        assert read(text[:at], text[at:]) == ROWS
    assert read(*(text[at : at + 1] for at in range(len(text)))) == ROWS


def test_an_end_inside_a_line_is_no_end() -> None:
    """An end inside a line is a truncation; a line in the middle that is no JSON breaks the protocol. Both say after how many."""
    for at in range(1, len(TEXT)):
        whole = TEXT[:at].count(b"\n")
        rest = TEXT[:at].rpartition(b"\n")[2]
        try:
            json.loads(rest or b"0")
        except ValueError:
            with pytest.raises(StreamTruncated, match=f"line {whole + 1}") as caught:
                read(TEXT[:at])
            assert caught.value.events == whole
    with pytest.raises(StreamProtocolError, match="Line 2 is not JSON: <html>") as broken:
        read(b'{"a": 1}\n<html>\n{"b": 1}\n')
    assert broken.value.events == 1


def test_a_line_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body without a line end is not held for ever."""
    monkeypatch.setattr("keybearer.wire.response.json_lines.LONGEST", 100)
    with pytest.raises(StreamProtocolError, match="longer"):
        read(*[b"x" * 30] * 10)
