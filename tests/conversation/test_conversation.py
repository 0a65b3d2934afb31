"""A conversation as a value: what it takes, what it gives a call, and that nothing changes it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import anthropic.types
import pytest

from keybearer import Client, Conversation, Message, UsageError, lint
from keybearer.simulator import Simulator
from support.histories import TOOLS, answer

CALL = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a"}}


def test_methods_return_another_one() -> None:
    """No method changes the conversation that it is called on."""
    empty = Conversation(system="Be brief.")
    asked = empty.user("Hello")
    assert (len(empty), len(asked), len(asked.assistant("Hi.")), len(asked)) == (0, 1, 2, 1)
    assert asked.replace(system=None).defaults == {}
    assert asked.defaults == {"system": "Be brief."}


def test_what_the_caller_changes_afterwards_changes_no_conversation() -> None:
    """Turns and settings that are made of lists and dicts are copied."""
    block = {"type": "text", "text": "before"}
    tools = copy.deepcopy(TOOLS)
    conversation = Conversation([{"role": "user", "content": [block]}], tools=tools)
    block["text"] = "after"
    tools[0]["name"] = "other"
    assert conversation[0] == {"role": "user", "content": [{"type": "text", "text": "before"}]}
    assert conversation.defaults["tools"][0]["name"] == "read"


def test_an_answer_stays_the_message_that_it_is() -> None:
    """A message is kept itself; a dict of one, and one of the official SDK, become one."""
    message = answer([{"type": "text", "text": "Hi.", "new": 1}], usage=(3, 4))
    conversation = Conversation().user("Hello").append(message)
    assert conversation[1] is message is conversation.last_answer
    assert Conversation().append(message.to_dict())[0] == message
    official = anthropic.types.Message.model_validate(message.to_dict())
    official._request_id = "req_1"
    kept = Conversation().append(official)[0]  # type: ignore[arg-type] # an object of another library
    assert isinstance(kept, Message)
    assert (kept.text, kept.usage.input_tokens, kept.request_id) == ("Hi.", 3, "req_1")


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ("Hello", r"this is the text 'Hello'.*conversation\.user"),
        (3, "of type int"),
        ({"role": "tool", "content": "x"}, "with role 'tool'"),
        ({"content": "x"}, "with role None"),
    ],
)
def test_what_is_no_turn_is_refused(turn: Any, words: str) -> None:
    """The error says what it is and what to write."""
    with pytest.raises(UsageError, match=words):
        Conversation().append(turn)


def test_settings_are_the_calls_own() -> None:
    """A setting that a call does not have is refused, and so is one that may hold a credential."""
    with pytest.raises(TypeError, match="no setting 'mcp_servers'"):
        Conversation(mcp_servers=[])  # type: ignore[call-arg] # the refusal is the test
    filled = Conversation(model="a", max_tokens=5, cache="auto").user("Hi").fill_params({"model": "b", "system": None})
    assert filled == {"model": "b", "max_tokens": 5, "cache": "auto", "messages": [{"role": "user", "content": "Hi"}]}


def test_results_answer_the_calls_before_them() -> None:
    """Results are taken by id, all at once or one by one; one that answers no open call is refused."""
    asked = Conversation().user("Read.").append(answer([CALL, {**CALL, "id": "toolu_2"}]))
    both = asked.tool_results({"toolu_1": "one", "toolu_2": [{"type": "text", "text": "two"}]})
    apart = asked.tool_results([{"type": "tool_result", "tool_use_id": "toolu_2", "content": "x", "is_error": True}])
    assert [block["tool_use_id"] for block in both[2]["content"]] == ["toolu_1", "toolu_2"]  # type: ignore[index] # a dict
    assert lint({"model": "m", "max_tokens": 1, "messages": apart.tool_results({"toolu_1": "one"})}) == []
    for wrong in (apart.tool_results, both.tool_results, asked.user("No.").assistant("Well.").tool_results):
        with pytest.raises(UsageError, match="No call of the turn before has the id 'toolu_2'"):
            wrong({"toolu_2": "again"})
    with pytest.raises(UsageError, match=r"is of type dict; it takes a text or a list of blocks. Write .*json\.dumps"):
        asked.tool_results({"toolu_1": {"a": 1}})


def test_a_fork_goes_its_own_way() -> None:
    """A fork shares the turns, and what is added to it is not in the other."""
    whole = Conversation(system="s").user("1").assistant("2").user("3")
    fork = whole.fork(at=1).assistant("other")
    assert [turn["content"] for turn in fork.messages if isinstance(turn, dict)] == ["1", "other"]
    assert (fork[0] is whole[0], len(whole), len(whole.fork(at=-1)), whole.fork() == whole) == (True, 3, 2, True)


def test_it_is_a_value() -> None:
    """It is equal to its pickle and its copy, not to one with other settings, and shows no turn in its repr."""
    one = Conversation(system="secret plan").user("private words")
    assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one)  # noqa: S301 - our own bytes
    assert one != one.replace(system="other")
    assert repr(one) == "<Conversation: 1 turns, system>"
    assert bool(Conversation())


def test_a_call_takes_it_as_messages(sim: Simulator) -> None:
    """create, stream and count_tokens send its turns with its settings; what the call names itself comes first."""
    talk = Conversation(system="Be brief.", model="claude-haiku-4-5", max_tokens=50).user("Reply with exactly: one")
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        message = client.messages.create(messages=talk)
        with client.messages.stream(
            messages=talk.append(message).user("Reply with exactly: two"), system="Else."
        ) as stream:
            second = stream.get_final_message()
        count = client.messages.count_tokens(messages=talk)
    assert (message.text, second.text) == ("one", "two")
    first, streamed, counted = [entry.json for entry in sim.requests]
    assert (first["system"], first["model"], first["max_tokens"]) == ("Be brief.", "claude-haiku-4-5", 50)
    assert (streamed["system"], len(streamed["messages"])) == ("Else.", 3)
    assert counted["messages"] == first["messages"]
    assert count.input_tokens == message.usage.input_tokens
