"""The SSE grammar: every line end, cut anywhere."""

from __future__ import annotations

import time

import pytest

from keybearer.errors import StreamProtocolError
from keybearer.wire.response.accumulate import MessageAccumulator
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.reader import StreamReader
from keybearer.wire.response.sse import ServerSentEvent, SSEParser


def parse(data: bytes, size: int | None = None) -> list[ServerSentEvent]:
    """Parse bytes, fed in pieces of a size."""
    parser = SSEParser()
    size = size or len(data) or 1
    events = [event for at in range(0, len(data), size) for event in parser.feed(data[at : at + size])]
    parser.close()
    return events


VECTORS: list[tuple[str, bytes, list[ServerSentEvent]]] = [
    # The four examples of the WHATWG HTML standard, section 9.2.6.
    (
        "standard: several data lines",
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [ServerSentEvent("message", "YHOO\n+2\n10")],
    ),
    (
        "standard: comment, ids, a leading space kept",
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [
            ServerSentEvent("message", "first event", "1"),
            ServerSentEvent("message", "second event", ""),
            ServerSentEvent("message", " third event", ""),
        ],
    ),
    (
        "standard: empty data, and an event that the end cuts off",
        b"data\n\ndata\ndata\n\ndata:",
        [ServerSentEvent("message", ""), ServerSentEvent("message", "\n")],
    ),
    (
        "standard: one space after the colon is dropped",
        b"data:test\n\ndata: test\n\n",
        [ServerSentEvent("message", "test"), ServerSentEvent("message", "test")],
    ),
    ("a byte order mark", b"\xef\xbb\xbfdata: a\n\n", [ServerSentEvent("message", "a")]),
    (
        "a mark later is part of the field's name",
        b"data: a\n\n\xef\xbb\xbfdata: b\n\n",
        [ServerSentEvent("message", "a")],
    ),
    ("a type without data", b"event: x\n\ndata: y\n\n", [ServerSentEvent("message", "y")]),
    (
        "the id persists",
        b"id: 7\ndata: a\n\ndata: b\n\n",
        [ServerSentEvent("message", "a", "7"), ServerSentEvent("message", "b", "7")],
    ),
    ("an id with a NUL is ignored", b"id: 1\0\ndata: a\n\n", [ServerSentEvent("message", "a", "")]),
    (
        "retry takes digits only",
        b"retry: 1500\ndata: a\n\nretry: 1s\ndata: b\n\n",
        [ServerSentEvent("message", "a", "", 1500), ServerSentEvent("message", "b")],
    ),
    ("an unknown field", b"zork: 1\ndata: a\n\n", [ServerSentEvent("message", "a")]),
    ("several types: the last one counts", b"event: a\nevent: b\ndata: x\n\n", [ServerSentEvent("b", "x")]),
    ("characters of several bytes", "data: ü世🌍\n\n".encode(), [ServerSentEvent("message", "ü世🌍")]),
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(("data", "events"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS])
def test_every_vector_split_at_every_size_with_each_line_end(
    data: bytes, events: list[ServerSentEvent], end: str
) -> None:
    """A vector gives the same events however its lines end and wherever its bytes are cut."""
    data = data.replace(b"\n", end.encode())
    for size in range(1, len(data) + 1):
        assert parse(data, size) == events


def test_every_cut_in_two() -> None:
    """Two chunks cut at any byte give the same events."""
    data = VECTORS[1][1].replace(b"\n", b"\r\n")
    for cut in range(len(data)):
        parser = SSEParser()
        assert [*parser.feed(data[:cut]), *parser.feed(data[cut:])] == VECTORS[1][2]


def test_mixed_line_ends() -> None:
    """CR, LF and CRLF may be mixed in one stream; CRLF is one line end."""
    assert parse(b"data: a\r\ndata: b\rdata: c\n\r\n") == [ServerSentEvent("message", "a\nb\nc")]


def test_an_event_cut_off_by_the_end_is_not_dispatched_but_seen() -> None:
    """The end of the stream drops an unfinished event, and `pending` showed it."""
    parser = SSEParser()
    assert list(parser.feed(b"data: whole\n\ndata: half\n")) == [ServerSentEvent("message", "whole")]
    assert parser.pending
    parser.close()
    assert not parser.pending


def test_bytes_that_are_not_utf_8_are_an_error_after_the_events_before() -> None:
    """Bad UTF-8 raises, and what came before it is given first."""
    events = SSEParser().feed(b"data: a\n\ndata: \xff\n\n")
    assert next(events) == ServerSentEvent("message", "a")
    with pytest.raises(StreamProtocolError, match="not UTF-8"):
        next(events)


@pytest.mark.parametrize(
    "data", [b"data: " + b"x" * 100, b": " + b"x" * 100, b"data: x\n" * 20], ids=["line", "comment", "lines"]
)
def test_an_event_over_the_limit_is_an_error(data: bytes) -> None:
    """The limit counts the whole event, comments included, and holds before its end has come."""
    with pytest.raises(StreamProtocolError, match="larger than 64 bytes"):
        list(SSEParser(max_event=64).feed(data))


def test_an_event_at_the_limit_passes() -> None:
    """The limit is the most that is allowed, line end included."""
    data = b"data: " + b"x" * 57
    assert list(SSEParser(max_event=64).feed(data + b"\n")) == []
    with pytest.raises(StreamProtocolError):
        list(SSEParser(max_event=63).feed(data + b"\n"))


def test_lines_that_end_with_cr_are_found_without_a_look_at_all_that_follows() -> None:
    """Ten times as many CR-only lines in one chunk cost about ten times as much, not a hundred times."""

    def seconds(count: int) -> float:
        data = b"data: x\r\r" * count
        begun = time.process_time()
        assert len(list(SSEParser().feed(data))) == count
        return time.process_time() - begun

    assert seconds(100_000) < 40 * min(seconds(10_000) for _ in range(3))


def test_line_ends_far_apart_are_found() -> None:
    """A line end is found at any distance, and the first of two wins."""
    for gap in (0, 255, 256, 257, 5000):
        sent = b"data: " + b"x" * gap + b"\rdata: y\n\n"
        assert [event.data for event in SSEParser().feed(sent)] == ["x" * gap + "\ny"]


def test_what_reads_a_stream_says_where_it_is_and_not_what_it_read() -> None:
    """The reprs of the parser, the decoder, the reader and the accumulator have counts alone."""
    parser, decoder, reader = SSEParser(), EventDecoder(), StreamReader()
    chunk = b'data: {"type": "ping", "canary": 1}\n\ndata: {"ca'
    list(parser.feed(chunk))
    list(decoder.feed(chunk))
    list(reader.feed_raw(chunk))
    assert repr(parser) == "<SSEParser: 10 bytes held back, inside an event>"
    assert repr(decoder) == "<EventDecoder: 10 bytes held back, inside an event>"
    assert repr(reader) == "<StreamReader: 1 events, not complete>"
    assert repr(MessageAccumulator()) == "<MessageAccumulator: 0 events, not complete>"
