"""Events to a message, and every way in which a stream can lie."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from keybearer import errors as e
from keybearer.types import events as ev
from keybearer.types.content import TextBlock, ThinkingBlock, ToolUseBlock, UnknownBlock
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.response.accumulate import MessageAccumulator
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.reader import StreamReader
from support.sse import RICH, START, STOP, block_start, block_stop, delta, frame, frames, message_delta, text_message


def accumulate(*events: dict[str, Any], **options: Any) -> MessageAccumulator:
    """Feed events to a new accumulator."""
    accumulator = MessageAccumulator(Headers([("request-id", "req_1")]), **options)
    for event in EventDecoder().feed(frames(*events)):
        accumulator.feed(event)
    return accumulator


def whole(*events: dict[str, Any]) -> Message:
    """Accumulate a complete stream."""
    accumulator = accumulate(*events)
    accumulator.close()
    assert accumulator.message is not None
    return accumulator.message


def test_a_message_of_every_kind_of_block() -> None:
    """Thinking, text with a citation, and a tool call come out whole, with the last usage."""
    message = whole(*RICH)
    assert message.content[0] == ThinkingBlock(thinking="Let me see … ü", signature="c2lnbmF0dXJl")
    assert isinstance(message.content[1], TextBlock)
    assert message.content[1].text == "Grüße, 世界 🌍!\n"
    assert message.content[1].to_dict()["citations"] == [
        {"type": "char_location", "cited_text": "W", "document_index": 0, "new": [1]}
    ]
    assert message.content[2] == ToolUseBlock(
        id="toolu_1", name="get_weather", input={"city": "Lisbon", "days": [1, 2]}
    )
    assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == ("tool_use", 10, 42)
    assert message.request_id == "req_1"


def test_what_goes_back_is_what_came() -> None:
    """`to_param` of a streamed message has each block as a plain reply would have had it."""
    assert whole(*RICH).to_param() == {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Let me see … ü", "signature": "c2lnbmF0dXJl"},
            {
                "type": "text",
                "text": "Grüße, 世界 🌍!\n",
                "citations": [{"type": "char_location", "cited_text": "W", "document_index": 0, "new": [1]}],
            },
            {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Lisbon", "days": [1, 2]}},
        ],
    }


def test_unknown_blocks_and_deltas_are_folded_by_kind() -> None:
    """Text is added to text, lists to lists, anything else is set; nothing is dropped."""
    message = whole(
        START,
        block_start(0, type="zork", text="a", items=[1], n=1),
        delta(0, "zork_delta", text="b", items=[2], n=2, fresh={"x": 1}),
        delta(0, "zork_delta", text="c", items=[3]),
        block_stop(0),
        message_delta("end_turn", context_management={"applied": []}),
        STOP,
    )
    [block] = message.content
    assert isinstance(block, UnknownBlock)
    assert block.to_dict() == {"type": "zork", "text": "abc", "items": [1, 2, 3], "n": 2, "fresh": {"x": 1}}
    assert message.extra["context_management"] == {"applied": []}


def test_an_unknown_block_that_streams_json_gets_its_input() -> None:
    """A tool call of a kind from the future is read like the kinds that are known."""
    [block] = whole(
        START,
        block_start(0, type="robot_tool_use", id="r1", input={}),
        delta(0, "input_json_delta", partial_json='{"a"'),
        delta(0, "input_json_delta", partial_json=": 1}"),
        block_stop(0),
        message_delta("tool_use"),
        STOP,
    ).content
    assert block.to_dict()["input"] == {"a": 1}


def test_usage_is_cumulative() -> None:
    """A later figure replaces an earlier one; a null does not."""
    message = whole(
        START,
        message_delta("end_turn", 5) | {"usage": {"output_tokens": 5, "input_tokens": 11}},
        message_delta("end_turn", 9) | {"usage": {"output_tokens": 9, "input_tokens": None}},
        STOP,
    )
    assert (message.usage.input_tokens, message.usage.output_tokens) == (11, 9)


def test_cut_at_every_event_is_truncated_with_the_partial_message() -> None:
    """A stream that ends after any event but the last is an error that carries what came."""
    for count in range(len(RICH)):
        accumulator = accumulate(*RICH[:count])
        with pytest.raises(e.StreamTruncated) as caught:
            accumulator.close()
        assert caught.value.events == count
        assert (caught.value.partial is None) == (count == 0)
        assert caught.value.logically_complete == (count == len(RICH) - 1)


def test_cut_at_every_byte_is_never_an_answer() -> None:
    """Bytes cut anywhere before the end of the last event never give a message, and nothing untyped is raised."""
    data = frames(*RICH)
    for cut in range(len(data)):
        reader = StreamReader()
        for event in reader.feed(data[:cut]):
            assert not isinstance(event, ev.MessageStopEvent)
        assert not reader.done
        with pytest.raises(e.StreamTruncated):
            reader.close()
    reader = StreamReader()
    assert isinstance(list(reader.feed(data))[-1], ev.MessageStopEvent)
    reader.close()


def test_a_missing_end_mark_is_accepted_only_when_asked() -> None:
    """`strict=False` takes an orderly end after a stop reason, and nothing less."""
    accumulator = accumulate(*RICH[:-1], strict=False)
    accumulator.close()
    assert accumulator.done
    short = accumulate(*RICH[:-2], strict=False)
    with pytest.raises(e.StreamTruncated):
        short.close()
    open_block = accumulate(START, block_start(0, type="text", text=""), message_delta("end_turn"), strict=False)
    with pytest.raises(e.StreamTruncated):
        open_block.close()


@pytest.mark.parametrize(
    ("events", "match"),
    [
        ([block_start(0, type="text", text="")], "before message_start"),
        ([message_delta("end_turn")], "before message_start"),
        ([STOP], "before message_start"),
        ([START, START], "second message_start"),
        ([START, delta(0, "text_delta", text="a")], "not open"),
        ([START, block_stop(0)], "not open"),
        ([START, block_start(1, type="text", text="")], "block 1 began where block 0"),
        ([START, block_start(0, type="text", text=""), block_start(0, type="text", text="")], "block 0 began"),
        ([START, block_start(0, type="text", text=""), block_stop(0), delta(0, "text_delta", text="a")], "not open"),
        ([START, block_start(0, type="text", text=""), block_stop(0), block_stop(0)], "not open"),
        ([START, block_start(0, type="text", text=""), delta(0, "thinking_delta", thinking="a")], "a text block"),
        ([START, block_start(0, type="text", text=""), delta(0, "input_json_delta", partial_json="{")], "a text block"),
        ([START, block_start(0, type="text", text=""), delta(0, "signature_delta", signature="s")], "a text block"),
        (
            [START, block_start(0, type="tool_use", id="t", name="n", input={}), delta(0, "text_delta", text="a")],
            "a tool_use block",
        ),
        ([START, block_start(0, type="text", text=""), message_delta("end_turn"), STOP], "while block 0 was open"),
        ([*text_message("a"), delta(0, "text_delta", text="b")], "not open"),
        ([*text_message("a"), block_start(1, type="text", text="")], "after message_stop"),
    ],
)
def test_what_the_protocol_does_not_allow_is_an_error(events: list[dict[str, Any]], match: str) -> None:
    """An event out of its place raises a StreamProtocolError that carries what came."""
    with pytest.raises(e.StreamProtocolError, match=match) as caught:
        accumulate(*events)
    assert caught.value.events == len(events)


@pytest.mark.parametrize("text", ['{"a": 1', "[1]", "nonsense", '{"a": 1}}'])
def test_tool_input_that_is_not_a_json_object_is_never_given_as_complete(text: str) -> None:
    """A tool call whose input does not parse ends in an error, whose partial message has what was readable."""
    reader = StreamReader()
    events: list[ev.Event] = []
    with pytest.raises(e.StreamProtocolError, match="not complete JSON") as caught:
        events.extend(
            reader.feed(
                frames(
                    START,
                    block_start(0, type="tool_use", id="t", name="n", input={}),
                    delta(0, "input_json_delta", partial_json=text),
                    block_stop(0),
                    message_delta("tool_use"),
                    STOP,
                )
            )
        )
    assert not any(isinstance(event, ev.ContentBlockStopEvent) for event in events)
    assert caught.value.partial is not None
    [block] = caught.value.partial.content
    assert isinstance(block, ToolUseBlock)
    assert (block.incomplete, block.partial_json) == (True, text)
    assert caught.value.partial.tool_calls == []


@pytest.mark.parametrize(
    ("kind", "cls", "status"),
    [
        ("overloaded_error", e.Overloaded, 529),
        ("api_error", e.ServerError, 500),
        ("rate_limit_error", e.RateLimited, 429),
        ("invalid_request_error", e.InvalidRequest, 400),
        ("authentication_error", e.CredentialInvalid, 401),
        ("billing_error", e.QuotaExceeded, 402),
        ("zork_error", e.ServerError, 500),
    ],
)
def test_an_error_in_the_stream_is_its_http_counterpart_with_status_200(
    kind: str, cls: type[e.APIError], status: int
) -> None:
    """`event: error` raises the class of its type, a StreamAPIError as well, with the partial message."""
    error = {"type": "error", "error": {"type": kind, "message": "No."}, "request_id": "req_9"}
    with pytest.raises(e.StreamAPIError, match="No\\.") as caught:
        accumulate(*RICH[:4], error)
    assert isinstance(caught.value, cls)
    assert (caught.value.http_status, caught.value.status, caught.value.type) == (200, status, kind)
    assert caught.value.partial is not None
    assert caught.value.partial.content[0].thinking == "Let me see … ü"  # type: ignore[union-attr] # a thinking block
    assert caught.value.body == error


def test_limits() -> None:
    """A message over the limits of text or blocks is an error."""
    with pytest.raises(e.StreamProtocolError, match="longer than 5 characters"):
        accumulate(*text_message("abc", "def"), limits=StreamLimits(text_bytes=5))
    with pytest.raises(e.StreamProtocolError, match="more than 1 blocks"):
        accumulate(
            START,
            block_start(0, type="text", text=""),
            block_start(1, type="text", text=""),
            limits=StreamLimits(blocks=1),
        )


def test_a_delta_costs_the_same_however_much_came() -> None:
    """Feeding a delta joins nothing: the pieces are kept, and joined once at the end."""
    accumulator = accumulate(START, block_start(0, type="text", text=""))
    for _ in range(1000):
        accumulator.feed(ev.ContentBlockDeltaEvent(0, ev.TextDelta("abc")))
    assert accumulator.blocks[0].pieces == ["abc"] * 1000
    assert "text" not in accumulator.blocks[0].source or accumulator.blocks[0].source["text"] == ""


def test_helper_events_and_their_snapshots() -> None:
    """Text, thinking, input JSON, signature and citations come as helper events with what came so far."""
    seen = [event for event in StreamReader().feed(frames(*RICH)) if not isinstance(event, ev.ContentBlockDeltaEvent)]
    texts = [event for event in seen if isinstance(event, ev.TextEvent)]
    assert [(t.text, t.snapshot) for t in texts] == [("Grüße, ", "Grüße, "), ("世界 🌍!\n", "Grüße, 世界 🌍!\n")]
    inputs = [event for event in seen if isinstance(event, ev.InputJsonEvent)]
    assert [event.snapshot for event in inputs] == [
        None,
        {"city": "Lis"},
        {"city": "Lisbon", "days": [1]},
        {"city": "Lisbon", "days": [1, 2]},
    ]
    assert [event.signature for event in seen if isinstance(event, ev.SignatureEvent)] == ["c2lnbmF0dXJl"]
    assert [len(event.snapshot) for event in seen if isinstance(event, ev.CitationEvent)] == [1]
    stops = [event for event in seen if isinstance(event, ev.ContentBlockStopEvent)]
    assert [stop.content_block.type for stop in stops] == ["thinking", "text", "tool_use"]


def test_the_current_message_is_readable_while_it_streams() -> None:
    """The message so far can be asked for after every event."""
    reader = StreamReader()
    lengths = []
    for event in RICH:
        list(reader.feed(frame(event)))
        assert reader.message is not None
        lengths.append(len(reader.message.content))
    assert lengths == [0, *[1] * 6, *[2] * 5, *[3] * 9]


def test_copies_are_equal_and_errors_survive_pickling() -> None:
    """A message is sent as its copy is; a stream error keeps its partial message in a pickle."""
    message = whole(*text_message("a"))
    assert copy.copy(message).to_param() == message.to_param()
    accumulator = accumulate(*RICH[:4])
    with pytest.raises(e.StreamTruncated) as caught:
        accumulator.close()
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert (again.message, again.events, again.partial.content) == (
        caught.value.message,
        4,
        caught.value.partial.content if caught.value.partial else None,
    )


def test_a_citations_snapshot_is_made_when_it_is_read_and_is_of_its_time() -> None:
    """Each citation event tells the citations so far, also when it is read after the end, as does a started list."""
    for started in (None, [{"type": "char_location", "cited_text": "0"}]):
        first = block_start(0, type="text", text="", citations=started)
        cited = [
            delta(0, "citations_delta", citation={"type": "char_location", "cited_text": str(at)}) for at in range(1, 4)
        ]
        data = frames(START, first, *cited, block_stop(0), message_delta("end_turn"), STOP)
        events = [event for event in StreamReader().feed(data) if isinstance(event, ev.CitationEvent)]
        before = ["0"] if started else []
        texts = [[getattr(each, "cited_text", "") for each in event.snapshot] for event in events]
        assert texts == [[*before, "1"], [*before, "1", "2"], [*before, "1", "2", "3"]]
        assert repr(events[0]).startswith("CitationEvent(citation=CharLocation(")


@pytest.mark.parametrize("read", ["feed", "feed_raw"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_comes_after_the_end_is_not_read(read: str, size: int) -> None:
    """An error, an event or rubbish after `message_stop` changes nothing, however the bytes are cut."""
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "late"}}
    data = frames(*text_message("hi"), error, STOP) + b"event: x\ndata: {bad\n\n"
    for primed in (True, False):
        reader = StreamReader()
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        while primed and not reader.read_preamble(chunks.pop(0)):
            pass
        for chunk in [b"", *chunks]:
            list(getattr(reader, read)(chunk))
        reader.close()
        assert reader.message is not None
        assert reader.message.text == "hi"


@pytest.mark.parametrize("more", [{"born": "x" * 60}, {"born": [{"y": "x" * 60}]}])
def test_unknown_deltas_count_against_the_limit_of_a_message(more: dict[str, Any]) -> None:
    """What the rarer deltas bring is part of what a message may hold."""
    limits = StreamLimits(text_bytes=200)
    events = [START, block_start(0, type="text", text=""), *[delta(0, "born_delta", **more)] * 2]
    accumulate(*events, limits=limits)
    with pytest.raises(e.StreamProtocolError, match="longer than 200"):
        accumulate(*events, *events[-2:], limits=limits)


def test_an_end_that_does_not_say_why_is_no_end() -> None:
    """A `message_stop` with no stop reason before it is reported as a broken stream; only a lenient reader takes it."""
    events = [
        START,
        block_start(0, type="text", text=""),
        delta(0, "text_delta", text="half an ans"),
        block_stop(0),
        STOP,
    ]
    with pytest.raises(e.StreamProtocolError, match="nothing said why the message ended") as caught:
        list(StreamReader().feed(frames(*events)))
    assert caught.value.partial is not None
    assert caught.value.partial.text == "half an ans"
    lenient = StreamReader(strict=False)
    list(lenient.feed(frames(*events)))
    assert lenient.done
