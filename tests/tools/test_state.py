"""A run as records: what they come to, and that they give it back."""

from __future__ import annotations

import json

import pytest

from keybearer.errors import UsageError
from keybearer.tools import state as records
from keybearer.tools.calls import CallOutcome, Ending
from keybearer.tools.state import RunState
from keybearer.tools.tool import ToolCall
from support.tool_runs import answer, call

HISTORY = [{"role": "user", "content": "Go."}]
CALL = ToolCall("toolu_a", "search", {"q": "x"}, 1)


def begun() -> RunState:
    """Return a run with a reply that calls two tools."""
    state = RunState()
    state.apply(records.begin(HISTORY))
    message = answer(
        "Let me look.", call("search", "toolu_a", q="x"), call("search", "toolu_b", q="y"), odd={"kept": [1]}
    )
    state.apply(records.reply(message, ["toolu_a", "toolu_b"]))
    return state


def test_a_run_goes_through_its_lines_whole() -> None:
    """Fields that nobody knows come back too, and so do started calls, outcomes and the end."""
    state = begun()
    state.apply(records.started(CALL))
    state.apply(
        records.finished(
            CallOutcome(CALL, [{"type": "text", "text": "é"}], is_error=True, ending=Ending.FAILED, seconds=1.25)
        )
    )
    state.apply(records.ended("max_turns"))
    again = RunState.load(state.dump())
    assert again.records == state.records
    assert again.messages == state.messages
    assert again.ended == "max_turns"
    assert again.turns[0].message.to_dict()["odd"] == {"kept": [1]}
    assert again.turns[0].started == {"toolu_a"}
    assert again.turns[0].outcomes == state.turns[0].outcomes
    assert [each.id for each in again.turns[0].open_calls] == ["toolu_b"]


def test_every_cut_of_the_lines_gives_a_run() -> None:
    """A process may be killed at any byte: what was written whole is there, with or without its line's end, and no more."""
    state = begun()
    state.apply(records.started(CALL))
    text = state.dump().encode()
    for cut in range(len(text) + 1):
        whole = text[: cut + 1].count(b"\n")
        assert RunState.load(text[:cut]).records == state.records[:whole]


@pytest.mark.parametrize(
    "line", ["{}", "[]", "null", '{"run": 2, "messages": []}', '{"finished": "toolu_x"}', "not json"]
)
def test_a_line_that_is_none_is_named(line: str) -> None:
    """A file that was changed is not guessed at."""
    with pytest.raises(UsageError, match="Line 3 is no record of a run"):
        RunState.load(begun().dump() + line + "\n")


def test_the_history_has_the_results_in_the_order_of_the_calls() -> None:
    """They came in another order."""
    state = begun()
    for id_ in ("toolu_b", "toolu_a"):
        state.apply(records.finished(CallOutcome(CALL._replace(id=id_), id_)))
    assert [block["tool_use_id"] for block in state.messages[-1]["content"]] == ["toolu_a", "toolu_b"]
    assert json.loads(state.dump().splitlines()[-1])["finished"] == "toolu_a"


def test_a_reply_that_was_cut_is_replaced_by_the_whole_with_what_came_of_it() -> None:
    """The call that had started in the stream keeps its outcome."""
    state = RunState()
    state.apply(records.begin(HISTORY))
    whole = answer(call("search", "toolu_a", q="x"), call("search", "toolu_b", q="y"))
    part = answer(whole.content[0].to_dict(), id=whole.id)
    state.apply(records.reply(part, ["toolu_a"], cut=True))
    state.apply(records.started(CALL))
    state.apply(records.finished(CallOutcome(CALL, "found")))
    state.apply(records.reply(whole, ["toolu_a", "toolu_b"], again=True))
    (turn,) = state.turns
    assert turn.outcomes["toolu_a"].content == "found"
    assert [each.turn for each in turn.calls] == [1, 1]
    assert RunState.load(state.dump()).messages == state.messages


def test_another_history_takes_the_place_of_all_that_stands() -> None:
    """What comes later is added to it."""
    state = begun()
    state.apply(records.history([{"role": "user", "content": "In short: go."}]))
    assert state.messages == [{"role": "user", "content": "In short: go."}]
    state.apply(records.reply(answer("Done."), []))
    assert [turn["role"] for turn in state.messages] == ["user", "assistant"]
    assert state.first_messages == HISTORY
