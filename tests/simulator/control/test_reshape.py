"""Recorded replies in another form: a message as a stream, a stream as a message, and the paths of another folder."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.control.reshape import message_of, moved, split_events, stream_of

CONTENT: list[Any] = [
    {"type": "thinking", "thinking": "Look into /home/a/one first.", "signature": "c2ln"},
    {"type": "text", "text": "I read /home/a/one/notes.txt and no more.", "citations": [{"type": "char_location"}]},
    {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": "/home/a/one/notes.txt", "n": [1, 2]}},
    {"type": "tool_use", "id": "toolu_2", "name": "Now", "input": {}},
]
MESSAGE = json.dumps({"type": "message", "model": "x", "content": CONTENT, "stop_reason": "tool_use"}).encode()


def test_a_message_is_its_stream_and_back() -> None:
    """A message becomes the stream of its blocks, and the stream becomes the message."""
    stream = stream_of(MESSAGE)
    assert stream is not None
    back = message_of(stream)
    assert back is not None
    assert json.loads(back)["content"] == CONTENT
    assert json.loads(back)["stop_reason"] == "tool_use"


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"type":"error"}'])
def test_what_is_no_message_stays(body: bytes) -> None:
    """A body that is no message has no stream."""
    assert stream_of(body) is None


def test_a_stream_without_an_end_is_no_message() -> None:
    """A cut stream, and one that ends in an error, do not become a message."""
    stream = stream_of(MESSAGE)
    assert stream is not None
    assert message_of(b"".join(split_events(stream)[:-1])) is None
    assert message_of(b'event: error\ndata: {"type":"error"}\n\n') is None


def test_paths_move_although_they_are_cut_between_deltas() -> None:
    """In texts, in thinking and in the JSON of calls the folder is the new one; other blocks keep their bytes."""
    stream = stream_of(MESSAGE)
    assert stream is not None
    assert b'/home/a/one/notes.txt\\"' not in stream  # the call's path is cut
    after = moved(stream, "/home/a/one", '/srv/b "two"', is_stream=True)
    back = message_of(after)
    assert back is not None
    assert json.loads(back)["content"] == json.loads(json.dumps(CONTENT).replace("/home/a/one", '/srv/b \\"two\\"'))
    assert split_events(stream)[-1] == split_events(after)[-1]
    assert moved(stream, "/home/z", "/srv", is_stream=True) == stream
    assert (
        json.loads(moved(MESSAGE, "/home/a/one", "/x", is_stream=False))["content"][2]["input"]["file_path"]
        == "/x/notes.txt"
    )


def test_a_reply_comes_in_the_form_that_is_asked_for(tmp_path: Any) -> None:
    """What was recorded plain replays as a stream, and what was recorded as a stream replays plain."""
    asked: Any = {
        "model": "claude-haiku-4-5",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Count to 9"}],
    }
    with Simulator() as model, Simulator(record=tmp_path / "r", upstream=model.base_url) as recorder:
        with anthropic.Anthropic(base_url=recorder.base_url, api_key=model.api_key) as sdk:
            plain = sdk.messages.create(**asked).to_dict()
            with sdk.messages.stream(**{**asked, "max_tokens": 40}) as stream:
                streamed = stream.get_final_message().to_dict()
    with (
        Simulator(replay=tmp_path / "r") as sim,
        anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk,
    ):
        with sdk.messages.stream(**asked) as stream:
            assert stream.get_final_message().to_dict()["content"] == plain["content"]
        again = sdk.messages.create(**{**asked, "max_tokens": 40}).to_dict()
        assert (again["content"], again["stop_reason"]) == (streamed["content"], streamed["stop_reason"])
