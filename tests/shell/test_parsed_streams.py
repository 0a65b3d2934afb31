"""Structured answers that stream: the value so far, and the value or a typed error at the end."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import jiter
import msgspec
import pytest

from keybearer import AsyncClient, Client
from keybearer.errors import AnswerCut, AnswerInvalid, StreamError, UsageError
from keybearer.simulator import Simulator

ASK: Any = {"model": "claude-haiku-4-5", "max_tokens": 300, "messages": [{"role": "user", "content": "Paris"}]}


class Place(msgspec.Struct):
    """A place."""

    name: str
    tags: list[str]


WORDS = '{"name": "Paris", "tags": ["river \\u00e9", "tower"]}'


def test_a_stream_gives_the_value_so_far_and_then_the_value(sim: Simulator) -> None:
    """Each part is what jiter makes of the text so far, as in the official SDK; none changes later, nor in a pickle."""
    sim.script({"text": WORDS})
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        with client.messages.stream(**ASK, output_format=Place) as stream:
            parts = []
            for event in stream:
                if event.type == "text":
                    so_far = jiter.from_json(event.snapshot.encode(), partial_mode="trailing-strings")
                    assert event.parsed_snapshot() == so_far
                    assert pickle.loads(pickle.dumps(event)).parsed_snapshot() == so_far  # noqa: S301 - our own bytes
                    parts.append((event, so_far))
                if event.type == "message_stop":
                    finished: Any = event.message
                    assert finished.parsed_output == Place("Paris", ["river é", "tower"])
            assert all(event.parsed_snapshot() == so_far for event, so_far in parts)
            assert stream.get_final_message().parsed_output == Place("Paris", ["river é", "tower"])
            assert stream.get_final_message() is stream.get_final_message()


def test_a_stream_that_is_awaited_does_the_same(sim: Simulator) -> None:
    """The text alone can be read too."""

    async def main() -> None:
        sim.script({"text": WORDS})
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            async with client.messages.stream(**ASK, output_format=Place) as stream:
                assert "".join([text async for text in stream.text_stream]) == WORDS
                assert (await stream.get_final_message()).parsed_output == Place("Paris", ["river é", "tower"])

    asyncio.run(main())


@pytest.mark.parametrize(
    "read",
    [
        list,
        lambda stream: list(stream.text_stream),
        lambda stream: stream.get_final_message(),
        lambda s: s.until_done(),
    ],
)
def test_whatever_reads_to_the_end_hears_that_the_answer_does_not_fit(sim: Simulator, read: Any) -> None:
    """And hears it again; nobody takes a part for the value."""
    sim.script({"text": '{"name": "Paris"}'})
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        with client.messages.stream(**ASK, output_format=Place) as stream:
            with pytest.raises(AnswerInvalid, match="`tags`: it is required"):
                read(stream)
            with pytest.raises(AnswerInvalid, match="`tags`: it is required"):
                read(stream)


def test_a_cut_answer_and_a_cut_stream_are_distinct(sim: Simulator) -> None:
    """One is the model's, the other the network's."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        sim.script({"text": '{"name": "Par', "stop_reason": "max_tokens"})
        with client.messages.stream(**ASK, output_format=Place) as stream:
            with pytest.raises(AnswerCut):
                stream.get_final_message()
        sim.script({"text": WORDS}, fault="cut; after_events=4")
        with client.messages.stream(**ASK, output_format=Place) as stream:
            with pytest.raises(StreamError):
                stream.get_final_message()


def test_what_cannot_be_asked_for_is_refused_where_the_stream_is_made(sim: Simulator) -> None:
    """Before the block is entered."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        with pytest.raises(UsageError, match="keys are not known"):
            client.messages.stream(**ASK, output_format=dict[str, int])
    assert not sim.requests
