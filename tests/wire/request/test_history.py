"""What is remembered of a conversation: it is used only while it is what the caller sends, and changes nothing of what is sent."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer import Client, Conversation
from keybearer.errors import LintError
from keybearer.types.http import Headers, Reply, Request
from keybearer.wire.json import PlainList, dumps, loads
from keybearer.wire.request import history
from keybearer.wire.request.history import History
from keybearer.wire.response import parse
from support.whole import examples


class Recorder:
    """A transport that keeps the bodies that it is given, and answers each with a tool's call."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200

    def send(self, request: Request) -> Reply:
        self.bodies.append(request.body)
        self.headers.append(request.headers)
        if self.status != 200:
            error = {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}}
            return Reply(status=self.status, headers=Headers([("content-type", "application/json")]), body=dumps(error))
        return Reply(
            status=200, headers=Headers([("content-type", "application/json")]), body=dumps(answer(len(self.bodies)))
        )

    def close(self) -> None:
        pass


def answer(number: int) -> dict[str, Any]:
    """Return an answer with a field that no version knows, and a tool's call."""
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "text", "text": f"Line {number}.", "born": {"tomorrow": number}},
            {"type": "tool_use", "id": f"toolu_{number}", "name": "read", "input": {"line": number}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def exchange(number: int) -> list[Any]:
    """Return an answer's turn with its own values, and the turn with the tool's result."""
    return [
        {"role": "assistant", "content": parse.message(answer(number)).content},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": [text(number)]}],
        },
    ]


def text(number: int) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": f"What line {number} says"}


def conversation(length: int) -> list[Any]:
    """Return a question and as many exchanges after it."""
    return [{"role": "user", "content": "Read."}, *(turn for number in range(length) for turn in exchange(number))]


def client() -> tuple[Client, Recorder]:
    """Return a client and what it sends."""
    recorder = Recorder()
    return Client(api_key="sk-ant-test", model="m", transport=recorder), recorder


def known(made: Client) -> list[int]:
    """Return how many turns the client remembers of each conversation."""
    return [len(each.turns) for each in made.messages._api.history._known]


def test_what_goes_on_is_sent_whole_and_only_its_end_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tenth request of a conversation has every turn, byte for byte as without a memory; of them six were looked at."""
    made, recorder = client()
    written: list[int] = []
    real = history.prepend_cached

    def counted(before: Any, turns: list[Any]) -> list[Any]:
        written.append(len(turns))
        return real(before, turns)

    monkeypatch.setattr("keybearer.api.messages.prepend_cached", counted)
    for length in range(2, 11):
        made.messages.create(max_tokens=5, messages=beginning(length))
    fresh, seen = client()
    fresh.messages.create(max_tokens=5, messages=beginning(10))
    assert recorder.bodies[-1] == seen.bodies[0]
    assert len(loads(recorder.bodies[-1])["messages"]) == 21
    assert loads(recorder.bodies[-1])["messages"][1]["content"][0]["born"] == {"tomorrow": 0}
    assert written == [5, 6, 6, 6, 6, 6, 6, 6, 6, 21]
    assert known(made) == [17]


def test_a_conversation_is_known_as_its_list_is() -> None:
    """A `Conversation` that goes on is sent as its turns are, byte for byte, and is remembered as far."""
    made, recorder = client()
    plain, seen = client()
    talk = Conversation(max_tokens=5, messages=beginning(2))
    for length in range(2, 11):
        made.messages.create(messages=talk)
        plain.messages.create(max_tokens=5, messages=beginning(length))
        talk = talk.extend(exchange(length))
    assert recorder.bodies == seen.bodies
    assert known(made) == known(plain) == [17]


_ONCE = conversation(12)


def beginning(length: int) -> list[Any]:
    """Return the beginning of one conversation whose turns are the same objects each time, as a program has them."""
    return _ONCE[: 1 + 2 * length]


def _text(turns: list[Any]) -> None:
    turns[2]["content"][0]["content"][0]["text"] = "another"


def _new_key(turns: list[Any]) -> None:
    turns[2]["content"][0]["is_error"] = True


def _dropped(turns: list[Any]) -> None:
    del turns[1:3]


def _role(turns: list[Any]) -> None:
    turns[0]["content"] = [{"type": "text", "text": "Read.", "cache_control": {"type": "ephemeral"}}]


def _inside_an_answer(turns: list[Any]) -> None:
    turns[3]["content"][1].input["line"] = "changed in place"


def _beside_an_answer_s_fields(turns: list[Any]) -> None:
    turns[3]["content"][0].extra["born"]["tomorrow"] = "never"


def _another_answer(turns: list[Any]) -> None:
    source = answer(1) | {"content": [{**answer(1)["content"][0], "born": 5}, answer(1)["content"][1]]}
    turns[3] = {"role": "assistant", "content": parse.message(source).content}


CHANGES: list[Callable[[list[Any]], None]] = [
    _text, _new_key, _dropped, _role, _inside_an_answer, _beside_an_answer_s_fields, _another_answer,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_anywhere_in_what_was_sent_is_sent(change: Callable[[list[Any]], None]) -> None:
    """An earlier turn that is changed, in place too and inside an answer's values too, goes out as it is now."""
    made, recorder = client()
    turns = conversation(6)
    made.messages.create(max_tokens=5, messages=turns)
    assert known(made) == [9]
    change(turns)
    made.messages.create(max_tokens=5, messages=turns)
    fresh, seen = client()
    fresh.messages.create(max_tokens=5, messages=turns)
    assert recorder.bodies[1] == seen.bodies[0]
    assert recorder.bodies[1] != recorder.bodies[0]


@pytest.mark.parametrize(
    ("before", "after"), [(True, 1), (1, True), (0, False), (False, 0), (1, 1.0), (2.0, 2), (0.0, -0.0), ([True], [1])]
)
@pytest.mark.parametrize("where", ["dict", "answer", "again"])
def test_a_value_that_python_takes_for_another_is_sent_as_it_is(before: Any, after: Any, where: str) -> None:
    """`1` is not `True` in JSON: in a turn, changed in place in an answer, and in an answer that was read again."""

    def turn(value: Any) -> Any:
        given = answer(1)
        given["content"][1]["input"] = {"line": value}
        return given["content"] if where == "dict" else parse.message(given).content

    made, recorder = client()
    turns = conversation(6)
    turns[3] = {"role": "assistant", "content": turn(before)}
    made.messages.create(max_tokens=5, messages=turns)
    assert known(made) == [9]
    if where == "answer":
        turns[3]["content"][1].input["line"] = after
    else:
        turns[3] = {"role": "assistant", "content": turn(after)}
    made.messages.create(max_tokens=5, messages=turns)
    fresh, seen = client()
    fresh.messages.create(max_tokens=5, messages=turns)
    assert recorder.bodies[1] == seen.bodies[0]
    assert recorder.bodies[1] != recorder.bodies[0]


LEAF = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4) | st.floats(allow_nan=False, width=16)
EDIT = st.tuples(st.integers(0, 12), st.sampled_from(["text", "drop", "twice", "swap", "leaf", "empty"]), LEAF)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.tuples(st.integers(2, 6), st.lists(EDIT, max_size=2)), min_size=1, max_size=5))
def test_any_row_of_requests_is_sent_as_without_a_memory(rows: list[tuple[int, list[Any]]]) -> None:
    """However a conversation grows, shrinks and is edited, each request's body or refusal is that of a client that knows nothing."""
    made, recorder = client()
    turns = conversation(6)
    for length, edits in rows:
        for at, kind, leaf in edits:
            _edit(turns, at % len(turns), kind, leaf)
        sent = turns[: 1 + 2 * length]
        fresh, seen = client()
        outcomes = [_outcome(each, copy.copy(sent)) for each in (made, fresh)]
        assert outcomes[0] == outcomes[1]
        if outcomes[0] is None:
            assert _floats(recorder.bodies[-1]) == _floats(seen.bodies[-1])


def _floats(body: bytes) -> bytes:
    """Write the edits' whole numbers one way: where 2 became 2.0, the earlier text may be sent."""
    return re.sub(rb'("new":-?[1-9])\.0', rb"\1", body)


def _edit(turns: list[Any], at: int, kind: str, leaf: Any) -> None:
    turn = turns[at]
    if kind == "text":
        turn["content"] = f"now {leaf}"
    elif kind == "drop" and len(turns) > 3:
        del turns[at]
    elif kind == "twice":
        turns.insert(at, copy.deepcopy(turn))
    elif kind == "swap":
        turns[at], turns[0] = turns[0], turns[at]
    elif kind == "leaf" and isinstance(turn["content"], list) and isinstance(turn["content"][0], dict):
        turn["content"][0]["new"] = leaf
    elif kind == "empty":
        turn["content"] = ""


def _outcome(made: Client, turns: list[Any]) -> str | None:
    try:
        made.messages.create(max_tokens=5, messages=turns)
    except LintError as error:
        return str(error)
    return None


def test_whole_messages_as_turns_are_remembered_too() -> None:
    """An answer that is put into the history as it is goes out as without a memory, and a change inside it shows."""
    made, recorder = client()
    turns: list[Any] = [{"role": "user", "content": "Read."}]
    for number in range(6):
        turns += [parse.message(answer(number)), exchange(number)[1]]
    made.messages.create(max_tokens=5, messages=turns)
    assert known(made) == [9]
    made.messages.create(max_tokens=5, messages=turns)
    assert recorder.bodies[0] == recorder.bodies[1]
    turns[1].content[1].input["line"] = "changed in place"
    made.messages.create(max_tokens=5, messages=turns)
    assert b"changed in place" in recorder.bodies[2]


def test_what_the_service_refused_is_not_remembered() -> None:
    """Only what was taken is known; a refused conversation is looked at anew, whole."""
    made, recorder = client()
    recorder.status = 400
    with pytest.raises(Exception, match="no"):
        made.messages.create(max_tokens=5, messages=conversation(6))
    assert known(made) == []


@pytest.mark.parametrize("options", [{"betas": ["x"]}, {"extra_headers": {"anthropic-version": "2023-06-01"}}])
def test_another_version_or_tag_is_another_conversation(options: dict[str, Any]) -> None:
    """What was checked for one version and its tags says nothing of another."""
    made, _ = client()
    made.messages.create(max_tokens=5, messages=conversation(6))
    made.messages.create(max_tokens=5, messages=conversation(6), **options)
    assert known(made) == [9, 9]


def test_rules_that_count_over_the_whole_conversation_are_kept() -> None:
    """A fifth breakpoint and a call's id that is there twice are found, though what they go with was remembered."""
    made, _ = client()
    turns = conversation(6)
    mark = {"cache_control": {"type": "ephemeral"}}
    for at in (2, 4, 6):
        turns[at]["content"][0] |= mark
    made.messages.create(max_tokens=5, messages=turns)
    assert known(made) == [9]
    more = [*turns, *exchange(6)]
    more[-1]["content"][0] |= mark
    made.messages.create(max_tokens=5, messages=more)
    with pytest.raises(LintError, match="breakpoint 5 of 5"):
        made.messages.create(max_tokens=5, messages=more, system=[text(0) | mark])
    with pytest.raises(LintError, match="'toolu_1' is there twice"):
        made.messages.create(max_tokens=5, messages=[*turns, *exchange(1)])


def test_a_remembered_file_keeps_its_beta_tag() -> None:
    """A file that only a remembered turn names still asks for the tag of the Files API."""
    made, recorder = client()
    turns = conversation(6)
    turns[0]["content"] = [{"type": "document", "source": {"type": "file", "file_id": "file_1"}}]
    made.messages.create(max_tokens=5, messages=turns)
    made.messages.create(max_tokens=5, messages=[*turns, *exchange(6)])
    assert [headers["anthropic-beta"] for headers in recorder.headers] == ["files-api-2025-04-14"] * 2


def test_what_could_change_unseen_is_not_remembered() -> None:
    """A bytearray, or a value that the caller made, may change without showing: nothing from there on is remembered."""
    made, _ = client()
    turns = conversation(6)
    turns[2]["content"][0]["content"] = [{"type": "image", "source": {"type": "base64", "data": bytearray(b"x")}}]
    made.messages.create(max_tokens=5, messages=turns, validate=False)
    assert known(made) == []


def test_half_a_surrogate_goes_out_with_what_is_remembered() -> None:
    """A lone surrogate is refused by its place in the whole, or written as an escape beside remembered turns."""
    made, recorder = client()
    turns = conversation(6)
    made.messages.create(max_tokens=5, messages=turns)
    half = {"role": "user", "content": "\ud800"}
    with pytest.raises(LintError, match=r"messages\[15\].content: its text has half a character"):
        made.messages.create(max_tokens=5, messages=[*turns, *exchange(6), half])
    made.messages.create(max_tokens=5, messages=[*turns, *exchange(6), half], validate=False)
    assert len(loads(recorder.bodies[-1])["messages"]) == 16
    assert recorder.bodies[-1].endswith(b'"content":"\\ud800"}]}')


def test_the_memory_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest conversations are forgotten, and one that is too large is not remembered."""
    made, _ = client()
    for number in range(20):
        made.messages.create(max_tokens=5, messages=[{"role": "user", "content": str(number)}, *conversation(4)[1:]])
    assert len(known(made)) == 16
    monkeypatch.setattr(history, "MOST_BYTES", 100)
    made.messages.create(max_tokens=5, messages=conversation(6))
    assert known(made) == []


def test_a_conversation_that_goes_on_is_remembered_once() -> None:
    """A longer beginning takes the place of the shorter one."""
    kept = History()
    made, _ = client()
    for length in (4, 5, 6):
        made.messages.create(max_tokens=5, messages=beginning(length))
    assert known(made) == [9]
    assert kept.find(beginning(6), ("", ""), marked=False) is None


def test_a_run_sends_what_a_client_without_a_memory_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its turns are taken as they are, its tools are encoded once, and each body is byte for byte what it would be anyway."""
    turns: list[Any] = PlainList(loads(dumps(conversation(9))))
    tools: list[Any] = PlainList([{"name": "read", "description": "Read.", "input_schema": {"type": "object"}}])
    made, recorder = client()
    for length in (9, 11, 13, 15):
        made.messages.create(max_tokens=5, messages=PlainList(turns[:length]), tools=tools)
    assert known(made) == [15]
    monkeypatch.delattr(history._Copied, "add")
    made.messages.create(max_tokens=5, messages=PlainList(turns[:17]), tools=tools)
    assert known(made) == [17]
    monkeypatch.undo()
    fresh, other = client()
    fresh.messages.create(max_tokens=5, messages=list(turns[:17]), tools=list(tools), validate=False)
    assert recorder.bodies[-1] == other.bodies[-1]


def test_the_turns_of_a_run_are_known_by_themselves_alone() -> None:
    """Equal turns of somebody else, in which Python takes a number for another, are not taken for a run's."""
    turns = loads(dumps([*conversation(4), {"role": "user", "content": "And?"}]))
    made, recorder = client()
    made.messages.create(max_tokens=5, messages=PlainList(turns), validate=False)
    changed = loads(dumps(turns))
    changed[1]["content"][1]["input"]["line"] = False
    made.messages.create(max_tokens=5, messages=PlainList(changed), validate=False)
    assert loads(recorder.bodies[-1])["messages"][1]["content"][1]["input"] == {"line": False}


@pytest.mark.parametrize(
    "last",
    [
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_9", "content": "late"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}]},
    ],
)
def test_what_goes_on_wrongly_after_all_turns_of_a_run_is_found(last: dict[str, Any]) -> None:
    """A result in a turn that is merged with the last one, and a call whose id an earlier one has: the whole is looked at."""
    turns: list[Any] = PlainList(loads(dumps(conversation(9))))
    made, _ = client()
    made.messages.create(max_tokens=5, messages=turns)
    assert known(made) == [19]
    with pytest.raises(LintError, match="which the turn before did not call|is there twice"):
        made.messages.create(max_tokens=5, messages=PlainList([*turns, last]))


def test_breakpoints_are_placed_where_all_turns_of_a_run_are_known() -> None:
    """The last two user turns get theirs, byte for byte as without a memory; the last exchanges are then left out of it."""
    turns: list[Any] = PlainList(loads(dumps(conversation(9))))
    made, recorder = client()
    made.messages.create(max_tokens=5, messages=PlainList(turns[:17]))
    made.messages.create(max_tokens=5, messages=turns, cache="auto")
    assert known(made) == [15, 17]
    fresh, other = client()
    fresh.messages.create(max_tokens=5, messages=list(turns), cache="auto")
    assert recorder.bodies[-1] == other.bodies[-1]
    assert recorder.bodies[-1].count(b'"cache_control"') == 2


def test_wrong_tools_that_change_are_seen_in_what_goes_on() -> None:
    """The tools of a known conversation are looked at again when they are others."""
    turns: list[Any] = PlainList(loads(dumps(conversation(9))))
    good, bad = {"name": "read", "input_schema": {"type": "object"}}, {"name": "no good", "input_schema": {}}
    made, _ = client()
    made.messages.create(max_tokens=5, messages=PlainList(turns[:15]), tools=PlainList([good]))
    with pytest.raises(LintError, match="'no good' is not"):
        made.messages.create(max_tokens=5, messages=turns, tools=PlainList([good, bad]))
