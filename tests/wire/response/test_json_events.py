"""Events whose data is JSON: values out, at every split of the bytes."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.errors import StreamAPIError, StreamOverloaded, StreamProtocolError, StreamTruncated
from keybearer.wire.response.json_events import JSONEvents
from keybearer.wire.response.limits import StreamLimits

STREAM = (
    b'event: ping\ndata: {}\n\nevent: agent.message\ndata: {"type":"agent.message",\ndata: "n":1}\n\n'
    b': comment\n\nevent: empty\n\ndata: {"text":"\xc3\xbc"}\n\n'
)
VALUES = [{"type": "agent.message", "n": 1}, {"text": "ü"}]


def read(*chunks: bytes, limits: StreamLimits | None = None) -> list[Any]:
    """Feed chunks and the end."""
    events = JSONEvents({"request-id": "req_1"}, limits)
    return [value for chunk in (*chunks, b"") for value in events.feed(chunk)]


def test_values_are_the_same_wherever_the_bytes_are_split() -> None:
    """Pings and events without data are passed over."""
    for at in range(1, len(STREAM)):
        assert read(STREAM[:at], STREAM[at:]) == VALUES
    assert read() == []


def test_an_error_event_is_raised_in_its_class() -> None:
    """Also in the middle, with how much came before it."""
    failed = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Busy."}}\n\n'
    with pytest.raises(StreamOverloaded, match="Busy") as caught:
        read(STREAM + failed)
    assert (caught.value.events, caught.value.request_id) == (2, "req_1")
    with pytest.raises(StreamAPIError, match="gone"):
        read(b"event: error\ndata: gone\n\n")


def test_what_ends_inside_an_event_was_cut() -> None:
    """What ends between two has ended."""
    with pytest.raises(StreamTruncated, match="ended inside event 3") as caught:
        read(STREAM + b'data: {"a":')
    assert caught.value.events == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>Not found</html>\n", "no event stream. It begins: <html>"),
        (b"data: {\n\n", "The data of event 1 is not JSON: {"),
    ],
)
def test_what_is_no_event_stream_is_an_error(body: bytes, words: str) -> None:
    """It is shown."""
    with pytest.raises(StreamProtocolError, match=words):
        read(body)


def test_an_event_has_a_limit() -> None:
    """A stream cannot fill the memory with one event."""
    with pytest.raises(StreamProtocolError, match="larger than 64 bytes"):
        read(b"data: " + b"x" * 100, limits=StreamLimits(event_bytes=64))
