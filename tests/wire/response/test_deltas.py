"""The table of deltas: each row is whole, and one row is all that a new delta takes."""

from __future__ import annotations

from typing import Any, ClassVar, get_args

import pytest
from msgspec.structs import replace

from keybearer import errors as e
from keybearer.types import events as ev
from keybearer.types.api_object import APIObject
from keybearer.wire.response.deltas import DELTAS, UNKNOWN, DeltaKind, Merge, check_table
from keybearer.wire.response.reader import StreamReader
from support.sse import START, STOP, block_start, block_stop, delta, frames, message_delta


class DataDelta(APIObject, frozen=True, tag_field="type", tag="data_delta"):
    """A delta of the future: more of a redacted thinking block's data."""

    data: str
    type: ClassVar[str] = "data_delta"


class DataEvent(ev.TextEvent, frozen=True, eq=False):
    """Its helper event."""


ROW: dict[str, Any] = {
    "cls": DataDelta,
    "fields": ("data",),
    "blocks": frozenset({"redacted_thinking"}),
    "merge": Merge.TEXT,
    "event": lambda _block: DataEvent,
}


def read(*events: dict[str, Any]) -> tuple[list[Any], StreamReader]:
    """Read a stream; return what it gives, and its reader."""
    reader = StreamReader()
    return list(reader.feed(frames(START, *events))), reader


def test_one_row_is_all_that_a_new_delta_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its row, a delta is read, merged into its block, given with its helper event, and its new fields are kept."""
    monkeypatch.setitem(DELTAS, "data_delta", DeltaKind(**ROW))
    given, reader = read(
        block_start(0, type="redacted_thinking", data="a"),
        delta(0, "data_delta", data="b"),
        delta(0, "data_delta", data="c", odd=[1]),
        block_stop(0),
        message_delta("end_turn"),
        STOP,
    )
    assert reader.message is not None
    assert reader.message.to_dict()["content"] == [{"type": "redacted_thinking", "data": "abc", "odd": [1]}]
    deltas: list[Any] = [each.delta for each in given if isinstance(each, ev.ContentBlockDeltaEvent)]
    assert [type(each) for each in deltas] == [DataDelta] * 2
    assert [(each.text, each.snapshot) for each in given if isinstance(each, DataEvent)] == [("b", "b"), ("c", "bc")]


def test_a_new_delta_is_held_to_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a block of another type, or with a value that is no text, it breaks the protocol."""
    monkeypatch.setitem(DELTAS, "data_delta", DeltaKind(**ROW))
    with pytest.raises(e.StreamProtocolError, match="a data_delta came for block 0, a text block"):
        read(block_start(0, type="text", text=""), delta(0, "data_delta", data="b"))
    with pytest.raises(e.StreamProtocolError, match="a data_delta has no data text"):
        read(block_start(0, type="redacted_thinking", data="a"), delta(0, "data_delta", data=1))


@pytest.mark.parametrize("field", ["cls", "fields", "blocks", "merge", "event"])
def test_a_row_with_a_gap_cannot_be_made(field: str) -> None:
    """A row says its class, fields, blocks, merge and event, or there is no row."""
    with pytest.raises(TypeError, match=f"Missing required argument '{field}'"):
        DeltaKind(**{name: value for name, value in ROW.items() if name != field})


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"blocks": frozenset()}, "the blocks of DataDelta"),
        ({"blocks": frozenset({"zork"})}, "the blocks of DataDelta"),
        ({"merge": None}, "the merge of DataDelta is None"),
        ({"event": "data"}, "the event of DataDelta cannot be called"),
        ({"fields": ("text",)}, r"the fields of DataDelta are \('data',\)"),
        ({"cls": ev.UnknownDelta, "fields": ()}, "UnknownDelta has 0 fields"),
    ],
)
def test_a_row_that_contradicts_itself_cannot_be_made(change: dict[str, Any], match: str) -> None:
    """A row is checked when it is made: a mistake shows at import, not in a stream."""
    with pytest.raises((TypeError, ValueError), match=match):
        DeltaKind(**ROW | change)


def test_every_row_is_whole() -> None:
    """Each row stands under its class's own type, and has an event unless it stands here."""
    for name, kind in DELTAS.items():
        assert kind.cls is ev.UnknownDelta or getattr(kind.cls, "type", None) == name
        assert replace(kind) == kind  # which checks it again
    assert [name for name, kind in DELTAS.items() if kind.event is None] == ["compaction_delta"]
    assert UNKNOWN.event is None


def test_the_fast_decoder_reads_the_deltas_with_a_text() -> None:
    """`FastDelta` has just the deltas of the table whose one field is text; the careful builder reads the others."""
    text = {kind.cls for kind in DELTAS.values() if kind.cls is not ev.UnknownDelta and kind.merge is not Merge.ITEM}
    assert set(get_args(ev.FastDelta)) == text


def test_a_block_is_made_of_one_text() -> None:
    """A second text delta for a block would mix with the first one's pieces: the table is refused at import."""
    second = DeltaKind(**ROW | {"blocks": frozenset({"thinking"})})
    with pytest.raises(ValueError, match="a thinking block is made of one text, not of thinking_delta and data_delta"):
        check_table({**DELTAS, "data_delta": second})
