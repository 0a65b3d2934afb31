"""Bytes to typed events: the fast ways and the whole grammar give the same."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer.errors import StreamProtocolError
from keybearer.types import events as ev
from keybearer.types.content import content_block
from keybearer.wire.response import parse
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.sse import SSEParser
from support.sse import RICH, delta, frame, frames, text_message
from support.whole import examples, sampled


def decode(data: bytes, size: int | None = None) -> list[ev.RawEvent]:
    """Decode bytes fed in pieces of a size."""
    decoder = EventDecoder()
    size = size or len(data)
    return [event for at in range(0, len(data), size) for event in decoder.feed(data[at : at + size])]


def by_grammar(data: bytes) -> list[ev.RawEvent]:
    """Decode bytes with the grammar and the careful builder alone."""
    parser = SSEParser()
    return [parse.event(json.loads(sent.data)) for sent in parser.feed(data)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_split_at_every_size(end: str) -> None:
    """A stream with every kind of event decodes the same at every chunk size and line end."""
    data = frames(*RICH, end=end)
    expected = by_grammar(frames(*RICH))
    assert len(expected) == len(RICH)
    for size in [*range(1, 200), len(data)]:
        assert decode(data, size) == expected


def test_cut_in_two_at_every_byte() -> None:
    """Two chunks, cut at any byte, decode to the same events."""
    data, expected = frames(*RICH), by_grammar(frames(*RICH))
    for cut in sampled(range(len(data)), 2):
        decoder = EventDecoder()
        assert [*decoder.feed(data[:cut]), *decoder.feed(data[cut:])] == expected


@settings(max_examples=examples(300), deadline=None)
@given(st.data())
def test_the_fast_ways_and_the_grammar_agree(data: st.DataObject) -> None:
    """Whatever stands between events, and however the bytes are cut, the fast ways give what the grammar gives."""
    noise = st.sampled_from([b"", b"", b"", b": ping\n\n", b"\n", b"id: 3\n", b"retry: 10\n\n", b"event: x\n\n"])
    events = data.draw(st.lists(st.sampled_from(RICH), min_size=1, max_size=8))
    end = data.draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]))
    whole = b"".join(data.draw(noise) + frame(event, end) for event in events)
    if data.draw(st.booleans()):
        whole = b"\xef\xbb\xbf" + whole
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    decoder = EventDecoder()
    bounds = [0, *cuts, len(whole)]
    got = [event for a, b in pairwise(bounds) for event in decoder.feed(whole[a:b])]
    assert got == by_grammar(whole)


def test_unknown_fields_of_known_events_survive() -> None:
    """A field that this version does not know is there on the event, wherever it stands."""
    event = delta(0, "text_delta", text="a", logprob=-0.5) | {"trace": "t1"}
    [got] = decode(frame(event))
    assert isinstance(got, ev.ContentBlockDeltaEvent)
    assert (got.extra, got.delta.extra) == ({"trace": "t1"}, {"logprob": -0.5})
    assert getattr(got.delta, "logprob", None) == -0.5
    assert got.to_dict() == event


def test_unknown_events_deltas_and_blocks_survive() -> None:
    """What this version does not know comes through whole and readable."""
    stream = [{"type": "zork", "a": {"b": 1}}, delta(0, "zork_delta", zork=[1])]
    first, second = decode(frames(*stream))
    assert isinstance(first, ev.UnknownEvent)
    assert first.a == {"b": 1}
    assert isinstance(second, ev.ContentBlockDeltaEvent)
    assert isinstance(second.delta, ev.UnknownDelta)
    assert [first.to_dict(), second.to_dict()] == stream


def test_the_type_comes_from_the_data_and_from_the_name_only_when_the_data_has_none() -> None:
    """The JSON's own type counts; the event's name stands in where it is missing."""
    assert decode(b'event: zork\ndata: {"type": "ping"}\n\n') == [ev.PingEvent()]
    [named] = decode(b'event: ping\ndata: {"a": 1}\n\n')
    assert isinstance(named, ev.PingEvent)
    assert named.extra == {"a": 1}


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"event: ping\ndata: {\n\n", "cannot be read"),
        (b"event: ping\ndata: [1]\n\n", "not an object"),
        (b'event: ping\ndata: {"type": "ping", "a": "\xff"}\n\n', "cannot be read"),
        (frame({"type": "content_block_delta", "index": 0}), "no delta object"),
        (
            frame({"type": "content_block_delta", "index": "0", "delta": {"type": "text_delta", "text": "a"}}),
            "no index",
        ),
        (frame(delta(0, "text_delta", text=5)), "no text"),
        (frame({"type": "message_start"}), "no message object"),
    ],
)
def test_what_cannot_be_read_is_a_protocol_error_after_the_events_before(data: bytes, match: str) -> None:
    """An event that cannot be read raises a typed error, and the events before it are given first."""
    events = iter(EventDecoder().feed(frame({"type": "ping"}) + data))
    assert next(events) == ev.PingEvent()
    with pytest.raises(StreamProtocolError, match=match):
        next(events)


@pytest.mark.parametrize("size", [7, 64, 10_000])
def test_an_event_over_the_limit_is_refused_on_every_way(size: int) -> None:
    """An event over the limit raises, whole in one chunk or in many."""
    data = frames(*text_message("x" * 500))
    decoder = EventDecoder(StreamLimits(event_bytes=400))
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    with pytest.raises(StreamProtocolError, match="larger than 400 bytes"):
        [list(decoder.feed(chunk)) for chunk in chunks]


def test_a_chunk_of_many_events_is_decoded_by_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of plain deltas costs one decoder call for every 16 KB, not one an event."""
    import keybearer.wire.response.events as module

    calls = []
    real = module._decode_lines

    def counted(data: bytes) -> Any:
        calls.append(1)
        return real(data)

    monkeypatch.setattr(module, "_decode_lines", counted)
    monkeypatch.setattr(module, "_decode", lambda _data: pytest.fail("decoded one by one"))
    burst = frame(delta(0, "text_delta", text="a")) * 500
    assert len(burst) == 62_000
    assert len(list(EventDecoder().feed(burst))) == 500
    assert len(calls) == 4


def test_a_message_that_starts_with_content_of_another_type_breaks_the_protocol() -> None:
    """`message_start` whose content is not a list is a StreamProtocolError."""
    with pytest.raises(StreamProtocolError, match="content is not a list"):
        decode(frame({"type": "message_start", "message": {"type": "message", "content": "hi"}}))


@pytest.mark.parametrize("depth", [600, 5000, 100_000])
def test_a_bottomless_field_is_a_protocol_error_or_passes(depth: int) -> None:
    """However deep an unknown field before `type` is nested, no RecursionError comes out, in any of the ways."""
    deep = b'{"new": ' + b"[" * depth + b"]" * depth + b', "type": "content_block_delta", "index": 0, "delta": '
    data = b"event: content_block_delta\ndata: " + deep + b'{"type": "text_delta", "text": "x"}}\n\n'
    for sent in (data, frame(delta(0, "text_delta", text="a")) + data, data.replace(b"\n", b"\r\n")):
        try:
            assert isinstance(decode(sent)[-1], ev.ContentBlockDeltaEvent)
        except StreamProtocolError as error:
            assert "nested too deeply" in error.message  # noqa: PT017 - either is right


def test_a_tool_result_nested_deep_is_plain_from_some_depth_on() -> None:
    """A tool's result has attribute access as deep as anyone reads, and passes whole at any depth."""
    for wrap in ({"type": "odd"}, {"type": "web_search_tool_result"}, None):
        inner: Any = {"type": "end"}
        for _ in range(600):
            inner = [inner] if wrap is None else wrap | {"content": inner}
        source = {"type": "web_search_tool_result", "tool_use_id": "t", "content": inner}
        assert content_block(source).to_dict() == source


def test_a_tool_results_keys_do_not_overwrite_the_values_own_names() -> None:
    """Keys such as `_source` and `to_dict` stay data, wherever else they would be attributes."""
    found = {"type": "odd", "_source": {}, "to_dict": [1], "extra": [2], "mine": {"type": "x", "y": 1}}
    inner: Any = content_block({"type": "web_search_tool_result", "tool_use_id": "t", "content": [found]})
    value = inner.content[0]
    assert value.to_dict() == found
    assert value.extra["to_dict"] == [1]
    assert value.mine.y == 1
