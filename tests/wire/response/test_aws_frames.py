"""AWS's framing: published frames, every cut, every damaged byte."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from keybearer.errors import Overloaded, StreamProtocolError, StreamTruncated
from keybearer.simulator.platforms.frames import frame
from keybearer.types import events as ev
from keybearer.types.http import Headers
from keybearer.wire.response.aws_frames import EXCEPTIONS, FramedEvents, FrameParser
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.reader import StreamReader
from support.sse import RICH, frames
from support.whole import sampled

PUBLISHED: dict[str, tuple[bytes, dict[str, Any], bytes]] = {
    "empty": (b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2H\xeb}\x98\xc8\xff", {}, b""),
    "int8": (b"\x00\x00\x00\x17\x00\x00\x00\x07)\x86\x01X\x04byte\x02\xff\xc2\xf8i\xdc", {"byte": -1}, b""),
    "int16": (b"\x00\x00\x00\x19\x00\x00\x00\tq\x0e\x92>\x05short\x03\xff\xff\xb2|\xb6\xcc", {"short": -1}, b""),
    "int32": (
        b"\x00\x00\x00\x1d\x00\x00\x00\r\x83\xe3\xf0\xe7\x07integer\x04\xff\xff\xff\xff\x8b\x8e\x12\xeb",
        {"integer": -1},
        b"",
    ),
    "int64": (
        b"\x00\x00\x00\x1e\x00\x00\x00\x0e]J\xdb\x8d\x04long\x05\xff\xff\xff\xff\xff\xff\xff\xffK\xc22\xda",
        {"long": -1},
        b"",
    ),
    "payload": (b"\x00\x00\x00\x1d\x00\x00\x00\x00\xfdR\x8cZ{'foo':'bar'}\xc3e96", {}, b"{'foo':'bar'}"),
    "text": (
        b"\x00\x00\x00=\x00\x00\x00 \x07\xfd\x83\x96\x0ccontent-type\x07\x00\x10application/json{'foo':'bar'}\x8d\x9c\x08\xb1",
        {"content-type": "application/json"},
        b"{'foo':'bar'}",
    ),
}
"""From `tests/unit/test_eventstream.py` of botocore 1.44.8's sdist."""

FRAMED = Headers([("content-type", "application/vnd.amazon.eventstream")])
CHUNK = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}


def chunk(event: dict[str, Any]) -> bytes:
    """Return the frame of an event."""
    data = base64.b64encode(json.dumps(event).encode()).decode()
    return frame(CHUNK, json.dumps({"bytes": data, "p": "abc"}).encode())


STREAM = b"".join(chunk(each) for each in RICH)


def plain() -> list[ev.RawEvent]:
    """Return the events as the same stream in SSE gives them."""
    return list(EventDecoder().feed(frames(*RICH)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_frames(name: str) -> None:
    """What botocore's own tests read is read alike, byte by byte too."""
    data, headers, payload = PUBLISHED[name]
    parser = FrameParser(1 << 20)
    found = [each for at in range(len(data)) for each in parser.feed(data[at : at + 1])]
    assert found == [(headers, payload)]
    assert parser.pending == b""


def test_cut_at_every_byte() -> None:
    """Two chunks, cut at any byte, decode to the events of the same stream in SSE."""
    expected = plain()
    for cut in sampled(range(len(STREAM)), 29):
        decoder = FramedEvents()
        assert [*decoder.feed(STREAM[:cut]), *decoder.feed(STREAM[cut:])] == expected


def test_byte_by_byte() -> None:
    """One byte at a time gives the same events."""
    decoder = FramedEvents()
    assert [event for at in range(len(STREAM)) for event in decoder.feed(STREAM[at : at + 1])] == plain()


def test_a_damaged_byte_is_found_wherever_it_is() -> None:
    """A flipped bit raises after the frames before it, or holds the frame back: never another event."""
    first, second = chunk({"type": "ping"}), chunk({"type": "message_stop"})
    for at in range(len(second)):
        damaged = second[:at] + bytes([second[at] ^ 0x40]) + second[at + 1 :]
        found: list[ev.RawEvent] = []
        with pytest.raises(StreamProtocolError, match="AWS's framing"):
            found.extend(FramedEvents().feed(first + damaged))
        found.clear()
        events = FramedEvents().feed(first + damaged)
        assert next(events) == ev.PingEvent()


def test_a_frame_over_the_limit_is_refused_by_its_length() -> None:
    """A length over the limit raises before its bytes are collected."""
    decoder = FramedEvents(StreamLimits(event_bytes=1))
    with pytest.raises(StreamProtocolError, match="larger than"):
        list(decoder.feed(frame(CHUNK, b"x" * 200_000)[:12]))


def test_headers_that_go_on_after_their_end_are_refused() -> None:
    """Lengths that cannot be are found: of headers, of a header's value, of the whole."""
    import struct
    import zlib

    def broken(headers: bytes, length: int) -> bytes:
        prelude = struct.pack("!II", 16 + len(headers), length)
        whole = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers
        return whole + struct.pack("!I", zlib.crc32(whole))

    for headers, length in [(b"", 5), (b"\x01a\x07\x00\x09x", 6), (b"\x01a\x63", 3), (b"\x09a", 2)]:
        with pytest.raises(StreamProtocolError):
            list(FramedEvents().feed(broken(headers, length)))


@pytest.mark.parametrize(("name", "kind"), [*EXCEPTIONS.items(), ("somethingNewException", "api_error")])
def test_an_exception_is_the_apis_error(name: str, kind: str) -> None:
    """An exception becomes an `error` event of the API's type, with its own name as the code."""
    data = frame({":message-type": "exception", ":exception-type": name}, b'{"message": "Too many"}')
    (event,) = FramedEvents().feed(data)
    assert isinstance(event, ev.ErrorEvent)
    assert event.to_dict()["error"] == {"type": kind, "message": "Too many", "details": {"error_code": name}}


def test_an_error_frame_has_its_words_in_headers() -> None:
    """`:error-code` and `:error-message` are what the SDK's own test sends."""
    headers = {":message-type": "error", ":error-code": "InternalFailure", ":error-message": "Something went wrong."}
    (event,) = FramedEvents().feed(frame(headers, b""))
    assert event.to_dict()["error"]["message"] == "Something went wrong."
    assert event.to_dict()["error"]["details"] == {"error_code": "InternalFailure"}


def test_what_is_no_event_is_kept_or_refused() -> None:
    """A frame of another type is an unknown event; a chunk without an event raises."""
    (event,) = FramedEvents().feed(frame({":event-type": "initial-response", ":message-type": "event"}, b"{}"))
    assert isinstance(event, ev.UnknownEvent)
    with pytest.raises(StreamProtocolError, match="base64"):
        list(FramedEvents().feed(frame(CHUNK, b'{"bytes": "\xff"}')))


def test_a_reader_reads_the_framing_by_its_media_type() -> None:
    """A stream of the media type is read to its message; one that ends before `message_stop` is not a message."""
    reader = StreamReader(FRAMED)
    assert len(list(reader.feed_raw(STREAM))) == len(RICH)
    assert reader.done
    cut = StreamReader(FRAMED)
    list(cut.feed_raw(STREAM[:-5]))
    with pytest.raises(StreamTruncated):
        cut.close()


def test_an_exception_before_content_is_an_overload() -> None:
    """`serviceUnavailableException` in a stream raises what the API's overload raises, so that it is tried again."""
    data = frame({":message-type": "exception", ":exception-type": "serviceUnavailableException"}, b'{"message": "no"}')
    with pytest.raises(Overloaded):
        StreamReader(FRAMED).read_preamble(data)
