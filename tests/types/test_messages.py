"""An answer that is kept and comes back: as a dict, as text, as a turn of the next request."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.types.content import TextBlock, ThinkingBlock, ToolUseBlock
from keybearer.types.http import Headers
from keybearer.types.messages import Message, TokenCount
from keybearer.types.usage import Usage, added
from keybearer.wire.json import dumps, loads
from keybearer.wire.request.build import message_body
from keybearer.wire.response import parse
from support.sse import RICH, frames

SOURCE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [
        {"type": "thinking", "thinking": "t", "signature": "s", "new": 1},
        {"type": "text", "text": "a", "citations": [{"type": "char_location", "cited_text": "c", "odd": None}]},
        {"type": "tool_use", "id": "t", "name": "n", "input": {"x": [1.5, None]}},
        {"type": "brand_new", "deep": {"er": [1]}},
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "stop_details": {"type": "refusal", "category": "c"},
    "container": {"id": "c", "expires_at": None},
    "usage": {"input_tokens": 1, "output_tokens": None, "cache_creation": {"ephemeral_5m_input_tokens": 3}, "born": 1},
    "future": {"a": 1},
}


def streamed() -> Message:
    """Return a message that was streamed."""
    from keybearer.wire.response.reader import StreamReader

    reader = StreamReader()
    list(reader.feed(frames(*RICH)))
    assert reader.message is not None
    return reader.message


@pytest.mark.parametrize(
    "message",
    [
        parse.message(SOURCE),
        streamed(),
        Message(id="m", content=[TextBlock(text="by hand"), ToolUseBlock(id="t", name="n", input={"a": 1})]),
        Message(content=[{"type": "text", "text": "plain"}]),  # type: ignore[list-item] # a block as a dict
        Message(content=[ToolUseBlock(id="t", input={}, incomplete=True, partial_json="{")]),
        parse.message(SOURCE | {"stop_reason": "max_tokens", "content": SOURCE["content"][:3]}),
        Message.from_dict({"content": [{"type": "text", "text": "\ud83d"}]}),
    ],
    ids=["a reply", "a stream", "by hand", "of dicts", "cut by hand", "cut", "half a character"],
)
def test_a_message_comes_back_whole(message: Message) -> None:
    """Through a dict, through text and through a pickle it is equal, its blocks are of their classes, and it goes back as before."""
    for again in (
        Message.from_dict(message.to_dict()),
        Message.from_json(message.to_json()),
        Message.from_json(message.to_json().encode()),
        pickle.loads(pickle.dumps(message)),  # noqa: S301 - our own bytes
    ):
        assert again.to_dict() == message.to_dict()
        assert again.to_param() == message.to_param()
        if not any(isinstance(block, dict) for block in message.content):
            assert again == message
            assert [type(block) for block in again.content] == [type(block) for block in message.content]
    assert "\n" not in message.to_json()


def test_what_is_nested_is_of_its_class() -> None:
    """Usage, details and citations of a reloaded answer have their attributes."""
    message = Message.from_dict(SOURCE)
    assert isinstance(message.content[0], ThinkingBlock)
    assert isinstance(message.content[1], TextBlock)
    assert message.content[1].citations is not None
    assert message.content[1].citations[0].type == "char_location"
    assert isinstance(message.usage, Usage)
    assert message.usage.cache_creation is not None
    assert message.usage.cache_creation.ephemeral_5m_input_tokens == 3
    assert (message.stop_details and message.stop_details.category, message.container and message.container.id) == (
        "c",
        "c",
    )


TURNS: list[Any] = [
    {"role": "user", "content": "hi"},
    parse.message(SOURCE),
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}]},
    {"role": "assistant", "content": parse.message(SOURCE).content[:2]},
    {"role": "user", "content": "and?"},
]


def saved(value: Any) -> Any:
    """Return what json.dumps writes of a value of an answer."""
    return value.to_dict()


def test_a_conversation_that_was_saved_goes_on_as_before() -> None:
    """Turns with answers in them, written as JSON lines and read again, are sent as they were the first time."""
    lines = [json.dumps(turn, default=saved) for turn in TURNS]
    params = {"model": "m", "max_tokens": 1}
    first = dumps(message_body(params | {"messages": TURNS}))
    assert dumps(message_body(params | {"messages": [json.loads(line) for line in lines]})) == first
    assert loads(first)["messages"][1] == {"role": "assistant", "content": SOURCE["content"]}


def test_a_cut_call_that_was_saved_is_sent_without_its_marks() -> None:
    """An incomplete call of a reloaded message goes back with a valid input and no field of ours."""
    cut = parse.message(SOURCE | {"stop_reason": "max_tokens", "content": SOURCE["content"][:3]})
    assert cut.tool_calls == []
    assert cut.to_dict()["content"][2]["incomplete"] is True
    body = message_body({"model": "m", "max_tokens": 1, "messages": [cut.to_dict(), cut, json.loads(cut.to_json())]})
    assert [turn["content"][2] for turn in body["messages"]] == [SOURCE["content"][2]] * 3


@pytest.mark.parametrize(
    ("block", "incomplete", "text", "read"),
    [
        ({"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1}}, True, None, {"a": 1}),
        ({"type": "tool_use", "id": "t", "name": "n", "input": '{"a": "x'}, True, '{"a": "x', {"a": "x"}),
        ({"type": "tool_use", "id": "t", "name": "n", "input": None}, True, None, {}),
        ({"type": "server_tool_use", "id": "t", "name": "n"}, True, None, {}),
    ],
)
def test_the_last_call_of_a_plain_reply_that_max_tokens_cut(
    block: dict[str, Any], incomplete: bool, text: str | None, read: dict[str, Any]
) -> None:
    """A plain reply does not say where a cut input ends, so its last call is marked; one before it, or another reason, is not."""
    last: Any = parse.message(SOURCE | {"stop_reason": "max_tokens", "content": [block]}).content[-1]
    assert (last.incomplete, last.partial_json, last.input) == (incomplete, text, read)
    followed: Any = parse.message(
        SOURCE | {"stop_reason": "max_tokens", "content": [block, {"type": "text", "text": "x"}]}
    )
    assert not followed.content[0].incomplete
    assert not getattr(parse.message(SOURCE | {"content": [block]}).content[0], "incomplete", True)


def test_a_call_made_by_hand_says_nothing_of_marks() -> None:
    """A whole call shows and sends no mark."""
    call = ToolUseBlock(id="t", name="n", input={})
    assert call.to_dict() == call.to_param() == {"id": "t", "name": "n", "input": {}, "type": "tool_use"}
    assert "incomplete" not in repr(call)
    assert "incomplete=True" in repr(ToolUseBlock(id="t", incomplete=True))
    assert ToolUseBlock(id="t", incomplete=True).to_param() == {"id": "t", "name": "", "input": {}, "type": "tool_use"}


@pytest.mark.parametrize(
    "name", ["id", "model", "role", "content", "usage", "stop_reason", "stop_details", "container"]
)
def test_a_null_is_as_if_it_had_not_come(name: str) -> None:
    """A field that is null has its class's default, and is given back as the null that it was."""
    message = parse.message(SOURCE | {name: None, "stop_reason": None if name == "stop_reason" else "end_turn"})
    assert getattr(message, name) == getattr(Message(), name)
    assert message.to_dict()[name] is None
    assert message.to_param()["role"] == "assistant"


def test_figures_that_are_null_or_left_out_are_not_known() -> None:
    """None is what a gateway did not say; a sum without its first part is None too."""
    assert Usage() == Usage.from_dict({}) == Usage.from_dict({"input_tokens": None, "cache_creation": None})
    assert (Usage().input_tokens, Usage().output_tokens, Usage().total_input_tokens) == (None, None, None)
    assert Usage(input_tokens=2, cache_read_input_tokens=3).total_input_tokens == 5
    assert Usage(cache_read_input_tokens=3).total_input_tokens is None
    assert Usage(input_tokens=0).total_input_tokens == 0
    assert Message().usage == Usage()


@pytest.mark.parametrize("text", ["[1]", "3", '{"a": NaN}', "{", ""])
def test_text_that_is_no_message_is_refused(text: str) -> None:
    """`from_json` takes a JSON object and nothing else."""
    with pytest.raises(ValueError, match=r"."):
        Message.from_json(text)


def test_the_other_way_back_is_named() -> None:
    """A dict given as text, and text given as a dict, are no raw errors of what happens to fail first."""
    with pytest.raises(TypeError, match=r"takes JSON text, and this is a dict; Message.from_dict takes a dict"):
        Message.from_json(SOURCE)  # type: ignore[arg-type] # what is tried
    with pytest.raises(TypeError, match=r"takes a dict, and this is a str; Message.from_json takes JSON text"):
        Message.from_dict(json.dumps(SOURCE))  # type: ignore[arg-type] # what is tried


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_is_refused(number: float) -> None:
    """`from_dict` takes what JSON can hold: what it gives goes out unseen later."""
    with pytest.raises(ValueError, match="which JSON has no form for"):
        Message.from_dict({"content": [{"type": "tool_use", "input": {"x": [number]}}]})


def test_a_count_of_tokens_has_one() -> None:
    """The answer of count_tokens is a number; there is no default for it."""
    assert TokenCount.from_json('{"input_tokens": 7}') == TokenCount(input_tokens=7)
    with pytest.raises(TypeError):
        TokenCount()  # type: ignore[call-arg] # that it is missing is what is tried


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*Message.__struct_fields__, "odd"]), JSON, max_size=6), st.lists(JSON, max_size=3)
)
def test_any_object_comes_back_equal(fields: dict[str, Any], content: list[Any]) -> None:
    """Whatever JSON stands where, a message of it survives its text."""
    message = Message.from_dict(fields | {"content": content})
    assert Message.from_json(message.to_json()) == message


def test_headers_are_put_on_a_copy() -> None:
    """`with_headers` gives an equal message that knows its reply; the message it was asked of stays as it was."""
    message = parse.message(SOURCE)
    with_headers = message.with_headers(Headers([("request-id", "req_1")]))
    assert (with_headers.request_id, message.request_id) == ("req_1", None)
    assert with_headers == message


def test_usage_adds_up_figure_by_figure() -> None:
    """Also what is nested; where one reply lacks a figure that every reply has, the sum is unknown."""
    one = Usage.of({"input_tokens": 3, "output_tokens": 4, "cache_creation": {"ephemeral_5m_input_tokens": 2}})
    other = Usage.of(
        {"input_tokens": 5, "service_tier": "standard", "cache_creation": {"ephemeral_5m_input_tokens": 1}}
    )
    assert added([one, other]).to_dict() == {
        "input_tokens": 8,
        "output_tokens": None,
        "cache_creation": {"ephemeral_5m_input_tokens": 3},
        "service_tier": "standard",
    }
