"""A stream as its reader sees it: both ways of reading keep one set of rules, and make one message."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from keybearer import errors as e
from keybearer.types import events as ev
from keybearer.types.content import TextBlock, ThinkingBlock, ToolUseBlock
from keybearer.types.messages import Message
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.reader import StreamReader
from support.reading import END, HELPERS, RAW, TEXT, WAYS, Read, message_of, pieces
from support.sse import RICH, START, STOP, block_start, block_stop, delta, frames, message_delta, text_message
from support.whole import WHOLE

# ── the invariants, on both ways ─────────────────────────────────────────────


@WAYS
def test_each_event_that_is_no_ping_is_progress(read: Read) -> None:
    """Text deltas count as progress, and as events, as every other event does; pings only as events."""
    reader = StreamReader()
    data = frames(*text_message("a", "b", "c")[:6])
    list(read(reader, data))
    assert (reader.accumulator.progress, reader.events) == (5, 6)


@WAYS
@pytest.mark.parametrize("size", [None, 40, 1])
def test_text_counts_against_the_limit_on_both_ways(read: Read, size: int | None) -> None:
    """Text that just fits passes, and one character more is refused, with the message up to there."""
    weight = len("type" + "text" + "text") + 1  # of the block as it began: its names, its texts, and itself
    limits = StreamLimits(text_bytes=weight + 10)
    assert (
        message_of(frames(*TEXT, delta(0, "text_delta", text="x" * 10), *END), read, size, limits=limits).text
        == "x" * 10
    )
    over = [delta(0, "text_delta", text="x" * 10), delta(0, "text_delta", text="y")]
    with pytest.raises(e.StreamProtocolError, match=f"longer than {weight + 10} characters") as caught:
        message_of(frames(*TEXT, *over, *END), read, size, limits=limits)
    assert caught.value.partial is not None


@WAYS
@pytest.mark.parametrize("last", [STOP | {"odd": "z" * 60}, delta(0, "text_delta", text="z" * 60, odd=1)])
def test_text_counts_with_all_that_comes_beside_it(read: Read, last: dict[str, Any]) -> None:
    """What many pieces of text have used up is not there for an unknown field, nor for the text beside one."""
    text = [delta(0, "text_delta", text="x" * 10)] * 10
    events = [*TEXT, *text, *END[:-1], last] if last["type"] == "message_stop" else [*TEXT, *text, last, *END]
    assert len(message_of(frames(*events), read, limits=StreamLimits(text_bytes=250)).text) >= 100
    with pytest.raises(e.StreamProtocolError, match="longer than 150"):
        message_of(frames(*events), read, limits=StreamLimits(text_bytes=150))


@WAYS
def test_a_call_that_ended_badly_takes_no_more(read: Read) -> None:
    """After its end a block takes no delta, also where what came of its input is no JSON."""
    call = [
        START,
        block_start(0, type="tool_use", id="t", name="n", input={}),
        delta(0, "input_json_delta", partial_json="{"),
    ]
    with pytest.raises(e.StreamProtocolError, match="came for block 0, which is not open"):
        message_of(frames(*call, block_stop(0), delta(0, "input_json_delta", partial_json="}"), *END[1:]), read)


@WAYS
@pytest.mark.parametrize("size", [None, 40, 1])
def test_text_goes_to_the_block_of_its_index(read: Read, size: int | None) -> None:
    """Deltas of two open blocks that alternate are kept apart; one for a block that is not open is refused."""
    two = [START, block_start(0, type="text", text=""), block_start(1, type="text", text="")]
    turns = [delta(n % 2, "text_delta", text=str(n)) for n in range(6)]
    ends = [block_stop(0), block_stop(1), message_delta("end_turn"), STOP]
    found = message_of(frames(*two, *turns, *ends), read, size).content
    assert [getattr(block, "text", "") for block in found] == ["024", "135"]
    with pytest.raises(e.StreamProtocolError, match="came for block 7, which is not open"):
        message_of(frames(*two, turns[0], delta(7, "text_delta", text="x"), *ends), read, size)


@WAYS
@pytest.mark.parametrize(
    ("events", "match"),
    [
        ([delta(0, "text_delta", text="x")], "content_block_delta came before|not open"),
        ([*TEXT, delta(0, "thinking_delta", thinking="x")], "a text block"),
        ([*TEXT, block_stop(0), delta(0, "text_delta", text="x")], "not open"),
        ([*TEXT, block_start(2, type="text", text="")], "block 2 began where block 1 was due"),
        ([*TEXT, STOP], "while block 0 was open"),
        ([*TEXT, block_stop(0), STOP], "nothing said why"),
        ([*TEXT, START], "second message_start"),
    ],
)
@pytest.mark.parametrize("size", [None, 7])
def test_what_the_protocol_does_not_allow_is_refused_on_both_ways(
    read: Read, events: list[dict[str, Any]], match: str, size: int | None
) -> None:
    """Whichever way a stream is read, the same events break its protocol."""
    with pytest.raises(e.StreamProtocolError, match=match):
        message_of(frames(*events), read, size)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_ways_and_every_cut_give_one_message(end: str) -> None:
    """Cut in two at every byte, read with helpers or raw, the message is the same. A sample has a third, and one way for each."""
    data = frames(*RICH, end=end)
    whole = message_of(data)
    for cut in range(1, len(data), 1 if WHOLE else 3):
        for read in (HELPERS, RAW) if WHOLE else (HELPERS,) if (cut % 2) == (end == "\n") else (RAW,):
            reader = StreamReader()
            for piece in (data[:cut], data[cut:]):
                for _ in read(reader, piece):
                    pass
            assert reader.message == whole


# ── one large event ──────────────────────────────────────────────────────────


def peak(data: bytes, size: int) -> float:
    """Return how much memory reading takes at the most, in sizes of the data."""
    reader = StreamReader()
    chunks = list(pieces(data, size))
    tracemalloc.start()
    try:
        for chunk in chunks:
            for _ in reader.feed(chunk):
                pass
        return tracemalloc.get_traced_memory()[1] / len(data)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_large_event_in_small_chunks_is_held_a_few_times_over(end: str) -> None:
    """The memory for one event is a small multiple of it, whatever its size, and it comes out whole."""
    for megabytes in (2, 8):
        block = block_start(0, type="web_fetch_tool_result", tool_use_id="s", content={"data": "A" * (megabytes << 20)})
        data = frames(START, block, *END, end=end)
        assert peak(data, 16 << 10) < 8
        [found] = message_of(data, size=16 << 10).to_dict()["content"]
        assert len(found["content"]["data"]) == megabytes << 20


# ── the parts of a message ───────────────────────────────────────────────────


@WAYS
@pytest.mark.parametrize("size", [None, 1])
def test_a_delta_that_has_a_field_whole_sets_it(read: Read, size: int | None) -> None:
    """A signature in the block's start and again in its delta is one signature, and so is a compaction's content."""
    blocks = message_of(
        frames(
            START,
            block_start(0, type="thinking", thinking="t", signature="SIG"),
            delta(0, "thinking_delta", thinking="u"),
            delta(0, "signature_delta", signature="SIG2"),
            block_stop(0),
            block_start(1, type="compaction", content="old", encrypted_content="e"),
            delta(1, "compaction_delta", content="new", encrypted_content="f"),
            block_stop(1),
            message_delta("end_turn"),
            STOP,
        ),
        read,
        size,
    ).content
    assert blocks[0] == ThinkingBlock(thinking="tu", signature="SIG2")
    assert blocks[1].to_dict() == {"type": "compaction", "content": "new", "encrypted_content": "f"}


@WAYS
@pytest.mark.parametrize("size", [None, 1])
def test_unknown_fields_of_known_deltas_and_of_the_end_reach_the_message(read: Read, size: int | None) -> None:
    """What comes beside a delta's text is in the block's `extra`; what comes with `message_stop`, in the message's."""
    reader = StreamReader()
    events = [
        *TEXT,
        delta(0, "text_delta", text="a"),
        delta(0, "text_delta", text="b", logprobs=[1], seen=1),
        delta(0, "text_delta", text="c", logprobs=[2], seen=2),
        block_stop(0),
        message_delta("end_turn"),
        STOP | {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 7}},
    ]
    given = [each for piece in pieces(frames(*events), size) for each in read(reader, piece)]
    message = reader.message
    assert message is not None
    [block] = message.content
    assert isinstance(block, TextBlock)
    assert (block.text, block.extra) == ("abc", {"logprobs": [1, 2], "seen": 2})
    assert message.extra == {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 7}}
    deltas = [each.delta for each in given if isinstance(each, ev.ContentBlockDeltaEvent)]
    assert [isinstance(each, ev.TextDelta) for each in deltas] == [True] * 3
    if read is HELPERS:
        assert "".join(each.text for each in given if isinstance(each, ev.TextEvent)) == "abc"


@WAYS
def test_a_fallback_names_the_model_that_answered(read: Read) -> None:
    """The message's model is the last fallback's; before one came, the one that was asked."""
    blocks = [
        block_start(0, type="fallback", **{"from": {"model": "m1"}, "to": {"model": "m2"}}),
        block_stop(0),
        block_start(1, type="fallback", **{"from": {"model": "m2"}, "to": {"model": "m3"}}),
        block_stop(1),
        block_start(2, type="fallback", to="odd"),
        block_stop(2),
    ]
    assert message_of(frames(START, *blocks, message_delta("end_turn"), STOP), read).model == "m3"
    assert message_of(frames(*text_message("x")), read).model == "claude-haiku-4-5"


CUT = [
    START,
    block_start(0, type="text", text=""),
    block_stop(0),
    block_start(1, type="tool_use", id="t", name="n", input={}),
    delta(1, "input_json_delta", partial_json='{"a": "x'),
    block_stop(1),
]


@WAYS
@pytest.mark.parametrize("size", [None, 1])
def test_a_tool_call_that_max_tokens_cut_is_returned_marked(read: Read, size: int | None) -> None:
    """The message comes, its last call says that it is incomplete, nothing offers to run it, and it can be sent back."""
    reader = StreamReader()
    data = frames(*CUT, message_delta("max_tokens"), STOP)
    given = [each for piece in pieces(data, size) for each in read(reader, piece)]
    message = reader.message
    assert message is not None
    block = message.content[-1]
    assert isinstance(block, ToolUseBlock)
    assert (block.incomplete, block.partial_json, block.input) == (True, '{"a": "x', {"a": "x"})
    assert (message.stop_reason, message.tool_calls) == ("max_tokens", [])
    assert message.to_param()["content"][-1] == {"type": "tool_use", "id": "t", "name": "n", "input": {"a": "x"}}
    assert Message.from_json(message.to_json()) == message
    assert [each.index for each in given if isinstance(each, ev.ContentBlockStopEvent)] == (
        [0] if read is HELPERS else []
    )


@WAYS
@pytest.mark.parametrize(
    ("events", "incomplete"),
    [
        ([*CUT[:4], delta(1, "input_json_delta", partial_json='{"a": 1}'), CUT[5]], False),
        ([*CUT[:4], delta(1, "input_json_delta", partial_json=""), CUT[5]], True),
        ([*CUT[:4], CUT[5]], True),
        ([*CUT[:3], block_start(1, type="tool_use", id="t", name="n", input={"a": 1}), CUT[5]], False),
        ([*CUT[:4], delta(1, "input_json_delta", partial_json="[1"), CUT[5]], True),
        ([*CUT[:4], delta(1, "input_json_delta", partial_json="nonsense"), CUT[5]], True),
    ],
)
def test_which_calls_max_tokens_cut(read: Read, events: list[dict[str, Any]], incomplete: bool) -> None:
    """A last call whose input is a JSON object is whole; one of which nothing came is not, for nobody knows what was to come."""
    message = message_of(frames(*events, message_delta("max_tokens"), STOP), read)
    block = message.content[-1]
    assert isinstance(block, ToolUseBlock)
    assert block.incomplete is incomplete
    assert isinstance(block.input, dict)
    assert len(message.tool_calls) == (0 if incomplete else 1)


@WAYS
@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (CUT, "tool_use"),
        (CUT, "end_turn"),
        (CUT, "model_context_window_exceeded"),
        ([*CUT, block_start(2, type="text", text=""), block_stop(2)], "max_tokens"),
    ],
)
def test_any_other_input_that_is_not_whole_stays_an_error(
    read: Read, events: list[dict[str, Any]], reason: str
) -> None:
    """With another stop reason, or with more behind the call, the stream broke the protocol; the partial call is marked."""
    with pytest.raises(e.StreamProtocolError, match="not complete JSON") as caught:
        message_of(frames(*events, message_delta(reason), STOP), read)
    assert caught.value.partial is not None
    assert caught.value.partial.tool_calls == []


def test_an_open_call_of_a_partial_message_is_marked() -> None:
    """A stream that is cut anywhere inside a tool call offers no call to run."""
    for count in (4, 5):
        reader = StreamReader()
        list(reader.feed(frames(*CUT[:count])))
        with pytest.raises(e.StreamTruncated) as caught:
            reader.close()
        assert caught.value.partial is not None
        assert caught.value.partial.tool_calls == []
        assert caught.value.partial.content[-1].to_param()["input"] == ({} if count == 4 else {"a": "x"})


def test_a_call_that_max_tokens_cut_is_taken_without_the_end_mark_too() -> None:
    """A lenient reader gives the same message where only the end mark is missing."""
    message = message_of(frames(*CUT, message_delta("max_tokens")), strict=False)
    assert message.tool_calls == []
    with pytest.raises(e.StreamTruncated) as caught:
        message_of(frames(*CUT, message_delta("max_tokens")))
    assert caught.value.logically_complete
