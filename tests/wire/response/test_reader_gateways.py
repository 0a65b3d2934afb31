"""A stream through a gateway: what it adds, leaves out, or says in place of events, read on both ways."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer import errors as e
from keybearer.types import events as ev
from keybearer.wire.response.reader import StreamReader
from support.reading import END, TEXT, WAYS, Read, message_of, pieces
from support.sse import START, STOP, block_stop, delta, frame, frames, message_delta, text_message

# ── what gateways do ─────────────────────────────────────────────────────────

EXTRAS = {
    "a done mark before the end": b"data: [DONE]\n\n",
    "a ping without data": b"event: ping\ndata:\n\n",
    "an empty event": b"data:\n\n",
    "an empty event with a space": b"data: \n\n",
    "a comment": b": keep-alive\n\n",
}


@WAYS
@pytest.mark.parametrize("extra", EXTRAS.values(), ids=EXTRAS)
def test_what_says_nothing_is_read_over(read: Read, extra: bytes) -> None:
    """What gateways send beside events changes nothing, wherever it stands and however the bytes are cut."""
    events = [frame(event) for event in text_message("all ", "here")]
    for place in range(len(events)):
        data = b"".join([*events[:place], extra, *events[place:]])
        for size in (None, 1, 5):
            assert message_of(data, read, size).text == "all here"


@pytest.mark.parametrize("size", [None, 1, 13])
def test_another_api_s_end_mark_in_place_of_ours_is_accepted_only_when_asked(size: int | None) -> None:
    """`[DONE]` in place of `message_stop` is an end for a lenient reader after a stop reason, and else an error that names it."""
    data = frames(*text_message("hi")[:-1]) + b"data: [DONE]\n\n"
    assert message_of(data, size=size, strict=False).text == "hi"
    with pytest.raises(e.StreamTruncated, match=r"another API's end mark, \[DONE\]") as caught:
        message_of(data, size=size)
    assert caught.value.logically_complete
    assert "strict_streams=False accepts that" in caught.value.hint
    with pytest.raises(e.StreamTruncated, match=r"\[DONE\]") as caught:
        message_of(frames(*text_message("hi")[:4]) + b"data: [DONE]\n\n", size=size, strict=False)
    assert caught.value.hint.startswith("What came is in error.partial. If a proxy translates this stream")


ERRORS: dict[str, tuple[bytes, type[e.StreamError], str]] = {
    "an object without a type": (
        b'data: {"error":{"message":"litellm: upstream 529 Overloaded","type":"overloaded_error"}}\n\n',
        e.StreamOverloaded,
        "litellm: upstream 529 Overloaded",
    ),
    "a text": (b'data: {"error": "no more credits"}\n\n', e.StreamServerError, "no more credits"),
    "a message and a code": (
        b'data: {"error": {"message": "Provider returned error", "code": 502}}\n\n',
        e.StreamServerError,
        r"\(502\): Provider returned error",
    ),
    "a message": (b'data: {"message": "worker died"}\n\n', e.StreamServerError, "worker died"),
    "a detail": (b'data: {"detail": "worker died"}\n\n', e.StreamServerError, "worker died"),
    "an error event of text": (b"event: error\ndata: worker died\n\n", e.StreamServerError, "worker died"),
    "an error event of other words": (b'event: error\ndata: {"message": "died"}\n\n', e.StreamServerError, "died"),
    "a typed error of other words": (b'data: {"type": "error", "message": "died"}\n\n', e.StreamServerError, "died"),
}


@WAYS
@pytest.mark.parametrize(("error", "cls", "words"), ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("size", [None, 1])
def test_an_error_of_a_gateway_is_one_wherever_it_comes(
    read: Read, error: bytes, cls: type[e.StreamError], words: str, size: int | None
) -> None:
    """An error in another form than the API's ends the stream with its words, also where an orderly end follows."""
    head, end = frames(*TEXT, delta(0, "text_delta", text="half")), frames(*END)
    for data in (head + error, head + error + end, error):
        with pytest.raises(cls, match=words) as caught:
            message_of(data, read, size)
        assert (caught.value.partial is None) == (data == error)


BODIES: dict[str, tuple[bytes, type[e.StreamError], str]] = {
    "the API's error": (
        b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
        e.StreamOverloaded,
        "Overloaded",
    ),
    "a pretty-printed error": (
        b'{\n  "error": {\n    "type": "rate_limit_error",\n    "message": "slow down"\n  }\n}\n',
        e.StreamRateLimited,
        "slow down",
    ),
    "a page": (
        b"<html>\n<title>Just a moment...</title>\n\n</html>\n",
        e.StreamProtocolError,
        "no events.*Just a moment",
    ),
    "a gateway's text": (b"upstream connect error", e.StreamProtocolError, "no events.*upstream connect error"),
    "a message": (b'{"type": "message", "content": []}', e.StreamProtocolError, "no events.*it begins: '{.type"),
}


@pytest.mark.parametrize(("body", "cls", "words"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("size", [None, 1, 9])
@pytest.mark.parametrize("primed", [False, True])
def test_a_body_of_another_kind_is_reported_with_its_words(
    body: bytes, cls: type[e.StreamError], words: str, size: int | None, primed: bool
) -> None:
    """JSON, HTML or text under the type of an event stream is no cut stream: the error has what came."""
    reader = StreamReader()
    for piece in pieces(body, size):
        assert not reader.read_preamble(piece) if primed else not list(reader.feed(piece))
    with pytest.raises(cls, match=words):
        reader.read_preamble(b"") if primed else reader.close()


def test_a_body_behind_the_events_is_reported() -> None:
    """A page or an error that a proxy appends to a stream that it could not go on with is in the error."""
    head = frames(*TEXT, delta(0, "text_delta", text="half"))
    with pytest.raises(e.StreamTruncated, match="what is no event: '<html>502 Bad Gateway") as caught:
        message_of(head + b"<html>502 Bad Gateway</html>")
    assert caught.value.partial is not None
    with pytest.raises(e.StreamOverloaded, match="busy"):
        message_of(head + b'{"error": {"type": "overloaded_error", "message": "busy"}}')


def test_a_cut_event_is_not_taken_for_a_body() -> None:
    """A stream cut inside its first event, at any byte, is a cut stream."""
    data = b"\xef\xbb\xbf" + frame(START)
    for cut in range(len(data)):
        with pytest.raises(e.StreamTruncated, match="no event at all came"):
            message_of(data[:cut])


@WAYS
def test_unknown_events_pass_through_wherever_they_come(read: Read) -> None:
    """An event of the future before the start, or after the stop reason, is given and changes nothing."""
    odd = {"type": "session_opened", "id": 1}
    events = text_message("hi")
    for place in range(len(events)):
        reader = StreamReader()
        given = list(read(reader, frames(*events[:place], odd, *events[place:])))
        assert [event.to_dict() for event in given if isinstance(event, ev.UnknownEvent)] == [odd]
        assert reader.message is not None
        assert reader.message.text == "hi"


@WAYS
@pytest.mark.parametrize("size", [None, 1])
@pytest.mark.parametrize("data", ['"text"', "[1]", "no JSON at all", "3"])
def test_an_unknown_event_may_have_any_data(read: Read, data: str, size: int | None) -> None:
    """What a future event has that is no JSON object passes through as its text; a known event must be readable."""
    head = f"event: brand_new\ndata: {data}\n\n".encode()
    reader = StreamReader()
    given = [each for piece in pieces(head + frames(*text_message("hi")), size) for each in read(reader, piece)]
    assert given[0].to_dict() == {"type": "brand_new", "data": data}
    assert reader.done
    with pytest.raises(e.StreamProtocolError, match="cannot be read"):
        message_of(f"event: message_start\ndata: {data}\n\n".encode(), read, size)


# ── what is left out or null ─────────────────────────────────────────────────


@WAYS
@pytest.mark.parametrize("size", [None, 1])
@pytest.mark.parametrize("late", [{}, {"usage": None}, {"usage": {}}, {"usage": {"output_tokens": None}}])
def test_a_figure_that_does_not_come_keeps_what_is_known(read: Read, size: int | None, late: dict[str, Any]) -> None:
    """A `message_delta` that says nothing of the usage takes nothing from what the start said."""
    start = {
        "type": "message_start",
        "message": START["message"] | {"usage": {"input_tokens": 500, "output_tokens": 1}},
    }
    stop = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}} | late
    usage = message_of(frames(start, *TEXT[1:], block_stop(0), stop, STOP), read, size).usage
    assert (usage.input_tokens, usage.output_tokens, usage.total_input_tokens) == (500, 1, 500)


@WAYS
def test_what_nobody_said_is_not_known(read: Read) -> None:
    """Without usage, id, model, role and content in the start, the message has no figures, and goes back all the same."""
    stop = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    start = {
        "type": "message_start",
        "message": {"type": "message", "id": None, "model": None, "role": None, "content": None},
    }
    for begun in (start, {"type": "message_start", "message": {}}):
        message = message_of(
            frames(begun, *TEXT[1:], delta(0, "text_delta", text="a"), block_stop(0), stop, STOP), read
        )
        assert (message.usage.input_tokens, message.usage.output_tokens, message.usage.total_input_tokens) == (
            None,
        ) * 3
        assert (message.id, message.model) == ("", "")
        assert message.to_param() == {"role": "assistant", "content": [{"type": "text", "text": "a"}]}


@WAYS
def test_a_null_takes_nothing_back(read: Read) -> None:
    """A second `message_delta` with nulls, a delta whose text is null and one that is missing keep what was known."""
    message = message_of(
        frames(
            *TEXT,
            delta(0, "text_delta", text="a"),
            delta(0, "text_delta", text=None),
            block_stop(0),
            message_delta("end_turn", container={"id": "c"}),
            {"type": "message_delta", "delta": {"stop_reason": None}, "container": None, "usage": {"output_tokens": 9}},
            {"type": "message_delta", "usage": {"input_tokens": 3}},
            STOP,
        ),
        read,
    )
    assert (message.text, message.stop_reason, message.to_dict()["container"]) == ("a", "end_turn", {"id": "c"})
    assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 9)
