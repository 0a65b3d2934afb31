"""Repairing histories from elsewhere: each is taken afterwards, each change is said, and what is well is left alone."""

from __future__ import annotations

import json
from typing import Any

import anthropic.types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer import Conversation, Message, UsageError, repair
from keybearer.conversation.mend_calls import NO_RESULT
from keybearer.conversation.repair import BEGINNING
from keybearer.simulator.service.signing import redact
from support.histories import TEXTS, answer, histories, refusals, thought
from support.rule_cases.blocks import png

USER: dict[str, Any] = {"role": "user", "content": "Go on."}


def call(name: Any, **more: Any) -> dict[str, Any]:
    """Return a tool call."""
    return {"type": "tool_use", "id": name, "name": "read", "input": {}, **more}


def result(name: Any, content: Any = "ok") -> dict[str, Any]:
    """Return a call's result."""
    return {"type": "tool_result", "tool_use_id": name, "content": content}


def user(*blocks: Any) -> dict[str, Any]:
    """Return a turn of the user's."""
    return {"role": "user", "content": list(blocks)}


def said(*blocks: Any) -> dict[str, Any]:
    """Return a turn of the assistant's."""
    return {"role": "assistant", "content": list(blocks)}


def text(words: str, **more: Any) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": words, **more}


CITED = {
    "type": "char_location",
    "cited_text": "c",
    "document_index": 0,
    "document_title": "t",
    "start_char_index": 0,
    "end_char_index": 1,
}
MARK = {"cache_control": {"type": "ephemeral"}}
NAMES = st.sampled_from(["t1", "t2", "t3", "bad:id", "", None])
BLOCKS = st.one_of(
    st.builds(text, TEXTS | st.sampled_from(["", " ", "x \n"])),
    st.builds(call, NAMES),
    st.builds(lambda name, given: call(name, input=given), NAMES, st.sampled_from(['{"a": 1}', "no", None, 5])),
    st.builds(result, NAMES, TEXTS | st.sampled_from(["", None, 5, [text("")], [text("a"), png(9000, 10)]])),
    st.builds(thought, TEXTS),
    st.builds(lambda words: {"type": "thinking", "thinking": words, "signature": ""}, TEXTS),
    st.builds(lambda: {"type": "redacted_thinking", "data": redact("x")}),
    st.builds(lambda words: text(words, **MARK), TEXTS),
    st.sampled_from(
        [
            "bare",
            {"no": "type"},
            {"type": "redacted_thinking"},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
            png(10, 10),
            png(10, 10, "image/jpeg"),
            png(9000, 10),
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "bm8="}},
            {**text("hour"), "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            text("cited", citations=[CITED]),
        ]
    ),
)
TURNS = st.one_of(
    st.builds(
        lambda role, content: {"role": role, "content": content},
        st.sampled_from(["user", "assistant"]),
        st.lists(BLOCKS, max_size=4) | TEXTS | st.sampled_from(["", " ", None]),
    ),
    st.builds(lambda words: {"role": "system", "content": words}, TEXTS),
    st.builds(lambda words: answer([text(words)]), TEXTS),
    st.sampled_from(
        [None, "a bare text", 5, {"role": "human", "content": "x"}, {"content": "x", "id": "7", "role": None}]
    ),
)


@given(st.lists(TURNS, max_size=8))
@settings(max_examples=60)
def test_any_history_is_taken_afterwards(turns: list[Any]) -> None:
    """Whatever stands in a history, the repaired one passes the linter and the simulator's rules, and repairing it changes nothing."""
    conversation, changes = repair([*turns, USER])
    assert refusals(conversation) == []
    again = repair(conversation)
    assert again.changes == ()
    assert again.conversation is conversation
    assert all(change.where.startswith(("messages[", "system")) and change.what for change in changes)


@given(st.lists(TURNS, max_size=6), st.sampled_from(["claude-haiku-4-5", "claude-opus-4-7", "claude-opus-4-8"]))
@settings(max_examples=30)
def test_one_that_is_to_be_sent_can_be(turns: list[Any], model: str) -> None:
    """For each model the history may be sent as it is: no system turns and no prefill where it takes none."""
    conversation, _ = repair([USER, *turns], model=model, to_send=True)
    assert refusals(conversation, model) == []
    assert repair(conversation, model=model, to_send=True).changes == ()


@given(histories())
@settings(max_examples=30)
def test_what_is_well_is_left_alone(turns: list[Any]) -> None:
    """A history that the service takes comes back as the values that it was."""
    conversation, changes = repair(turns)
    assert changes == ()
    assert conversation == Conversation(turns)
    assert [each for each in conversation if isinstance(each, Message)] == [
        each for each in turns if isinstance(each, Message)
    ]


def shown(*turns: Any, **how: Any) -> tuple[list[Any], list[str]]:
    """Repair a history; return its turns as they are sent, and the changes in one line each."""
    conversation, changes = repair(list(turns), **how)
    sent = [turn.to_param() if isinstance(turn, Message) else turn for turn in conversation]
    return sent, [f"{change.where}: {change.what}" for change in changes]


CASES: dict[str, tuple[list[Any], list[Any], str]] = {
    "a call without a result": (
        [USER, said(call("a")), USER],
        [USER, said(call("a")), user({**result("a", NO_RESULT), "is_error": True}, text("Go on."))],
        "messages[1].content[0]: the call 'a' has no result; one that says so was added",
    ),
    "a call at the end": (
        [USER, said(call("a"))],
        [USER, said(call("a")), user({**result("a", NO_RESULT), "is_error": True})],
        "messages[1].content[0]: the call 'a' has no result; one that says so was added",
    ),
    "a result without a call": (
        [user(result("a"), text("b"))],
        [user(text("b"))],
        "messages[0].content[0]: it answers 'a', which no turn calls; it was taken out",
    ),
    "a result that comes late": (
        [USER, said(call("a")), USER, said(text("x")), user(result("a", "late"))],
        [USER, said(call("a")), user(result("a", "late"), text("Go on.")), said(text("x"))],
        "messages[4].content[0]: it answers 'a', which is called elsewhere; it was moved behind that call",
    ),
    "a result after a text": (
        [USER, said(call("a")), user(text("here"), result("a"))],
        [USER, said(call("a")), user(result("a"), text("here"))],
        "messages[2].content[1]: it comes after what is no tool_result; it was moved to the front of its turn",
    ),
    "an id twice": (
        [USER, said(call("a")), user(result("a")), said(call("a")), user(result("a", "2"))],
        [USER, said(call("a")), user(result("a")), said(call("a_2")), user(result("a_2", "2"))],
        "messages[3].content[0]: its id 'a' is there twice; it is 'a_2' now",
    ),
    "an id that is refused": (
        [USER, said(call("call|1")), user(result("call|1"))],
        [USER, said(call("call_1")), user(result("call_1"))],
        "messages[1].content[0]: its id 'call|1' has characters that the service refuses; it is 'call_1' now",
    ),
    "thinking without a signature": (
        [USER, said({"type": "thinking", "thinking": "hm"}, text("x")), USER],
        [USER, said(text("x")), USER],
        "messages[1].content[0]: its signature is lost, without which the service refuses it; it was taken out",
    ),
    "thinking at the end": (
        [USER, said(text("x"), thought("y")), USER],
        [USER, said(text("x")), USER],
        "messages[1].content[1]: the turn ends with thinking, which the service refuses; it was taken out",
    ),
    "an empty text": (
        [user(text(""), text("x"))],
        [user(text("x"))],
        "messages[0].content[0]: its text is empty; it was taken out",
    ),
    "the assistant first": (
        [said(text("Hello!")), USER],
        [user(text(BEGINNING)), said(text("Hello!")), USER],
        "messages[0]: the history begins with the assistant; a turn of the user's that says so is before it now",
    ),
    "white space at the end": (
        [USER, said(text("x \n"))],
        [USER, said(text("x"))],
        "messages[1].content[0]: the last turn ends with white space; its end was stripped",
    ),
    "a wrong image type": (
        [user(png(5, 5, "image/jpeg"))],
        [user(png(5, 5))],
        "messages[0].content[0]: it says image/jpeg, but its bytes are image/png; it says so now",
    ),
    "an image that is too large": (
        [user(result("x"), png(9000, 5))],
        [user(text("[An image was taken out here: the image is 9000 x 5, over 8,000 pixels a side.]"))],
        "messages[0].content[1]: the image is 9000 x 5, over 8,000 pixels a side; a note is in its place",
    ),
    "more breakpoints than four": (
        [user(*(text(str(n), **MARK) for n in range(6)))],
        [user(text("0"), text("1"), *(text(str(n), **MARK) for n in range(2, 6)))],
        "messages[0].content[0]: there are more than 4 cache breakpoints; its cache_control was taken out",
    ),
    "fields from elsewhere": (
        [{**USER, "id": "7", "timestamp": "x"}],
        [USER],
        "messages[0]: it has fields that a turn of the API does not have; they were taken out: id, timestamp",
    ),
    "an incomplete call": (
        [USER, said(call("a", incomplete=True, partial_json='{"')), user(result("a"))],
        [USER, said(call("a")), user(result("a"))],
        "messages[1].content[0]: it has a client's own fields; they were taken out: ",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_mend_says_what_it_did(name: str) -> None:
    """The history afterwards, and the change in words with its place."""
    given_turns, wanted, words = CASES[name]
    sent, changes = shown(*given_turns)
    assert sent == wanted
    assert any(change.startswith(words) for change in changes), changes


def test_chat_completions_become_turns() -> None:
    """Calls and results in the OpenAI shape become blocks, and a leading system message the system prompt."""
    conversation, changes = repair(
        [
            {"role": "system", "content": "Be brief."},
            USER,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "read", "arguments": '{"a": 1}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "text"},
        ]
    )
    assert conversation.defaults["system"] == [text("Be brief.")]
    assert conversation.messages == (USER, said(call("call_1", input={"a": 1})), user(result("call_1", "text")))
    assert [change.where for change in changes] == [
        "messages[2]",
        "messages[2]",
        "messages[2].content[0]",
        "messages[3]",
        "messages[0]",
    ]


def test_objects_of_the_official_sdk_become_answers() -> None:
    """A message of the SDK keeps its usage and the id of its request; a dict of its blocks is as good as ours."""
    official = anthropic.types.Message.model_validate(answer([call("a")], usage=(3, 4)).to_dict())
    official._request_id = "req_1"
    conversation, changes = repair([USER, official, user(result("a"))])
    kept = conversation[1]
    assert isinstance(kept, Message)
    assert (kept.usage.output_tokens, kept.request_id) == (4, "req_1")
    assert [change.what for change in changes] == [
        "it is an object of type Message; it is kept as what it would be sent as"
    ]
    assert repair([USER, {"role": "assistant", "content": official.content}, user(result("a"))]).changes == ()


def test_a_changed_answer_keeps_its_usage() -> None:
    """An answer that lost a block is still the message that it was, but for that."""
    conversation, changes = repair([USER, answer([text(""), text("x")], usage=(3, 4)), USER])
    kept = conversation[1]
    assert isinstance(kept, Message)
    assert (kept.text, kept.id, kept.usage.input_tokens) == ("x", "msg_1", 3)
    assert len(changes) == 1


def test_images_over_the_models_count() -> None:
    """The oldest images over the model's limit are noted in words, those in results included."""
    turns = [user(*(png(5, 5) for _ in range(60)), text("x")) for _ in range(2)]
    sent, changes = shown(*turns, model="claude-haiku-4-5")
    assert len(changes) == 20
    assert changes[0] == "messages[0].content[0]: there are 120 images, more than 100; a note is in its place"
    assert [block["type"] for block in sent[0]["content"]].count("image") == 40
    assert shown(*turns)[1] == []


def test_a_prefill_is_taken_out_where_it_is_refused() -> None:
    """A history that is to be sent ends with the user for a model without prefill; a pause of the service stays."""
    assert shown(USER, said(text("{")), model="claude-opus-5-5", to_send=True)[0] == [USER]
    assert shown(USER, said(text("{")), model="claude-haiku-4-5", to_send=True)[1] == []
    assert shown(USER, said(text("{")))[1] == []
    paused = said({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}})
    assert shown(USER, paused, to_send=True)[1] == []


def test_json_text_is_read() -> None:
    """A list or lines of turns, and a saved conversation with a cut end; a damaged line is left out and noted."""
    turns = [USER, said(text("x")), USER]
    lines = "\n".join(json.dumps(each) for each in turns)
    assert repair(json.dumps(turns)).conversation == repair(lines).conversation == Conversation(turns)
    assert repair(json.dumps({"model": "m", "messages": turns}).encode()).changes == ()
    assert [change.where for change in repair(lines.replace('"x"', '"x')).changes] == ["line 2", "messages[1]"]
    talk = Conversation(model="m").user("one").assistant("two")
    assert repair(talk.dumps()[:-3]).conversation == talk.fork(at=1)
    for wrong in ("hello", 5, b"\xff"):
        with pytest.raises(UsageError, match="history"):
            repair(wrong)  # type: ignore[arg-type] # the refusal is the test
