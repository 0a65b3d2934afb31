"""Bodies that the real service sent, held against the official SDK's reading of the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from keybearer.errors import StreamTruncated
from keybearer.types import events as ev
from keybearer.types.content import UnknownBlock
from keybearer.types.messages import Message
from keybearer.wire.json import dumps, loads
from keybearer.wire.response import parse
from keybearer.wire.response.events import EventDecoder
from keybearer.wire.response.reader import StreamReader
from support.whole import sampled

RECORDED = Path(__file__).parent.parent / "data" / "recorded"
STREAMS = sorted(RECORDED.glob("*.sse"))
REPLIES = sorted(RECORDED.glob("*.json"))


def read(data: bytes, size: int | None = None) -> Message:
    """Read a whole stream, fed in pieces of a size."""
    reader = StreamReader()
    size = size or len(data)
    for at in range(0, len(data), size):
        list(reader.feed(data[at : at + size]))
    reader.close()
    assert reader.message is not None
    return reader.message


def by_the_sdk(data: bytes) -> dict[str, Any]:
    """Read a stream with the official SDK's own accumulator."""

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=data)

    with anthropic.Anthropic(
        api_key="sk-ant-test", http_client=httpx2.Client(transport=httpx2.MockTransport(answer))
    ) as client:
        with client.beta.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
            return stream.get_final_message().to_dict(mode="json", exclude_unset=True)


def without(value: Any, *names: str) -> Any:
    """Return a JSON value without nulls and some fields: what the SDK adds or leaves out by itself."""
    if isinstance(value, dict):
        return {k: without(v, *names) for k, v in value.items() if v is not None and k not in names}
    return [without(each, *names) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_gives_the_message_that_the_sdk_gives(path: Path) -> None:
    """Content, stop reason and usage are those of the official SDK's accumulator."""
    data = path.read_bytes()
    ours, theirs = read(data), by_the_sdk(data)
    got, wanted = without(ours.to_dict()), without(theirs, "parsed_output")
    assert got["content"] == wanted["content"]
    assert (got["id"], got["stop_reason"], got["model"]) == (wanted["id"], wanted["stop_reason"], wanted["model"])
    assert got["usage"]["output_tokens"] == wanted["usage"]["output_tokens"]
    assert not any(isinstance(block, UnknownBlock) for block in ours.content)


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_reads_the_same_however_it_is_cut(path: Path) -> None:
    """Chunk sizes from one byte up change nothing; CRLF line ends change nothing."""
    data = path.read_bytes()
    whole = read(data).to_dict()
    for size in sampled((1, 2, 3, 7, 64, 1000), 2):
        assert read(data, size).to_dict() == whole
    assert read(data.replace(b"\n", b"\r\n"), 5).to_dict() == whole


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_cut_after_any_event_is_an_error(path: Path) -> None:
    """Up to the last event nothing counts as a message; the partial message is there from the first event on."""
    events = path.read_bytes().split(b"\n\n")[:-1]
    reader = StreamReader()
    for event in events[:-1]:
        list(reader.feed(event + b"\n\n"))
        assert not reader.done
        assert reader.message is not None
    with pytest.raises(StreamTruncated):
        reader.close()


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_every_recorded_event_is_known_and_keeps_every_field(path: Path) -> None:
    """No recorded event is of an unknown type, and each one's JSON is whole."""
    data = path.read_bytes()
    sent = [loads(part.split(b"data: ", 1)[1]) for part in data.split(b"\n\n") if part.strip()]
    events = list(EventDecoder().feed(data))
    assert [event.to_dict() for event in events] == sent
    assert not any(isinstance(event, ev.UnknownEvent) for event in events)


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_a_recorded_reply_comes_back_as_it_came(path: Path) -> None:
    """A plain reply's message and its blocks are equal to its JSON, and every block is of a known type."""
    source = loads(path.read_bytes())
    message = parse.message(source)
    assert message.to_dict() == source
    assert loads(dumps(message.to_param())) == {"role": "assistant", "content": source["content"]}
    assert not any(isinstance(block, UnknownBlock) for block in message.content)
