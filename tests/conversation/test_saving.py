"""Saved conversations: whole, a line a turn; a damaged line is named, and a cut one can be left out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types.beta import beta_content_block_param
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer import Conversation, ConversationError, Headers, Message, UsageError
from support.histories import answer
from support.wheel_answers import ANSWERS, BLOCKS, of_class
from support.wheel_requests import Samples

REPLY = Headers((("request-id", "req_1"), ("date", "Thu, 26 Nov 2026 08:00:00 GMT"), ("server", "x")))


def back(conversation: Conversation) -> Conversation:
    """Save a conversation and read it again."""
    return Conversation.loads(conversation.dumps())


@given(ANSWERS)
@settings(max_examples=25)
def test_an_answer_comes_back_whole(source: dict[str, Any]) -> None:
    """Every field of any answer that the wheel has a class for comes back: usage, stop reason, signatures, what nobody knows."""
    message = Message.from_dict(source).with_headers(REPLY)
    (again,) = back(Conversation([message]))
    assert isinstance(again, Message)
    assert again == message
    assert again.to_dict() == source
    assert (again.request_id, again.headers.get("date"), again.headers.get("server")) == ("req_1", REPLY["date"], None)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_every_block_of_an_answer_comes_back(block: Any) -> None:
    """Each class of block, and what is sent of it, is the same before and after."""

    @given(of_class(block))
    @settings(max_examples=10)
    def comes_back(source: dict[str, Any]) -> None:
        talk = Conversation([answer([source])])
        assert back(talk) == talk
        assert back(talk).last_answer.to_param() == {"role": "assistant", "content": [source]}  # type: ignore[union-attr] # it has one

    comes_back()


def test_every_block_of_a_request_comes_back() -> None:
    """Each block that the wheel's types allow in a turn is the same before and after."""
    sample = Samples({})
    blocks = [value for _, value in sample.variants(beta_content_block_param.BetaContentBlockParam)]
    assert len(blocks) > 100
    talk = Conversation([{"role": "user", "content": blocks}])
    assert back(talk) == talk
    assert back(talk)[0] == {"role": "user", "content": blocks}


def test_settings_and_odd_values_come_back() -> None:
    """Settings, lone surrogates, large numbers and an incomplete call's marks; bytes become what is sent of them."""
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {}, "incomplete": True, "partial_json": '{"a'}
    talk = Conversation(system=[{"type": "text", "text": "s"}], model="m", betas=["b"], thread=True, cache="auto")
    talk = (
        talk.user("half \ud800 and \u2028")
        .append(answer([call]))
        .user(" and ", {"type": "x", "big": 2**70, "n": 1e300})
    )
    assert back(talk) == talk
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b"\x89PNG"}}
    assert back(talk.user(image))[-1]["content"][0]["source"]["data"] == "iVBORw=="  # type: ignore[index] # a dict


def test_the_format_is_lines_of_the_services_own_objects() -> None:
    """The first line has the version; a turn is a line with what is sent, an answer one with what came and its reply."""
    message = answer([{"type": "text", "text": "Hi."}]).with_headers(REPLY)
    lines = [json.loads(line) for line in Conversation(model="m").user("Hello").append(message).dumps().splitlines()]
    assert lines[0] == {"keybearer_conversation": 1, "defaults": {"model": "m"}, "thread": False, "taken_out": [0, 0]}
    assert lines[1] == {"turn": {"role": "user", "content": "Hello"}}
    assert lines[2] == {"answer": message.to_dict(), "reply": {"request-id": "req_1", "date": REPLY["date"]}}


TEXT = Conversation(system="s").user("one").assistant("two").dumps()


@given(st.integers(0, len(TEXT) - 1))
def test_a_cut_last_line_can_be_left_out(end: int) -> None:
    """Wherever the text ends, each whole line is read; the cut one is named, and is left out when that is asked for."""
    whole = Conversation.loads(TEXT)
    lines = TEXT[:end].count("\n")
    problem, read = "", None
    try:
        read = Conversation.loads(TEXT[:end])
    except ConversationError as error:
        problem = f"{error.problem} {error.line}"
    if problem.startswith("cut"):
        assert problem == f"cut {lines + 1}"
        read = Conversation.loads(TEXT[:end], recover=True)
        assert len(read) == lines - 1
    if read is None:
        assert (problem[:7], lines) == ("not_one", 0)
    else:
        assert read == whole.fork(at=len(read))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "Line 2 of the conversation is no JSON object. Mend the line"),
        ("[1]", "is no JSON object"),
        ('{"else": 1}', "is neither a turn nor an answer: else"),
        ('{"turn": {"role": "user"}, "more": 1}', "is neither a turn nor an answer: turn, more"),
        ('{"turn": {}}', "has a turn without a role"),
        ('{"answer": {}, "reply": {"request-id": 5}}', "has a reply that is not one"),
        ('{"keybearer_conversation": 1, "defaults": []}', "has defaults of a wrong type"),
        ('{"keybearer_conversation": 1, "new": []}', "has a setting that format 1 does not have: new"),
        ('{"keybearer_conversation": true}', "has no version"),
        ('{"keybearer_conversation": 2, "new": []}', "is of a newer format than 1. Install a newer version"),
    ],
)
def test_a_damaged_line_is_named(line: str, words: str) -> None:
    """The error has the number of the line, with recover as well: only a cut end is left out."""
    first, *others = TEXT.splitlines(keepends=True)
    for recover in (False, True):
        with pytest.raises(ConversationError, match=words) as error:
            Conversation.loads("".join([first, line + "\n", *others]), recover=recover)
        assert (error.value.line, error.value.problem) == (2, "newer" if "newer" in words else "damaged")


@pytest.mark.parametrize("text", ["", "hello", '{"type": "summary"}\n', "\n", "[]"])
def test_what_is_no_conversation_is_refused(text: str) -> None:
    """A file of another kind is reported as such, with where it can be read."""
    with pytest.raises(ConversationError, match=r"read by keybearer\.repair") as error:
        Conversation.loads(text)
    assert error.value.problem == "not_one"


def test_a_later_line_of_settings_counts() -> None:
    """A file that grew has the settings of its last such line."""
    changed = Conversation(model="m").dumps()
    assert Conversation.loads(TEXT + changed).defaults == {"model": "m"}
    assert len(Conversation.loads(TEXT.encode() + changed.encode())) == 2


def test_what_json_has_no_form_for_is_reported() -> None:
    """A number that is not finite is an error with the turn's number, and nothing is written."""
    talk = Conversation().user("one").append({"role": "user", "content": [{"type": "x", "n": float("nan")}]})
    with pytest.raises(UsageError, match="cannot be saved: its turn 1 has a value that JSON has no form for"):
        talk.dumps()
