"""A run whose history outgrows the context window: summed up by the service, trimmed, or ended."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer import Client, tool
from keybearer.errors import InvalidRequest, PromptTooLong
from keybearer.simulator import Simulator
from keybearer.tools.compaction import compaction_params, is_summary
from keybearer.tools.result import RunUsage
from keybearer.tools.state import RunState
from keybearer.types.content import content_block
from keybearer.types.usage import Usage
from support.tool_runs import answer, call, run

LONG = PromptTooLong("Too long.")
SUMMARY = {"type": "compaction", "content": "All so far.", "signature": "c2ln"}


@tool
def note(text: str) -> str:
    """Note a text."""
    return f"noted {text}"


def halves(turns: list[Any], _: PromptTooLong) -> tuple[list[Any], list[Any]]:
    """Sum up all but the last two turns."""
    return turns[:-2], turns[-2:]


def test_a_request_for_a_summary_has_nothing_that_only_shapes_an_answer() -> None:
    """The service refuses it beside `compaction`; all else stays."""
    params = {
        "model": "m",
        "tools": [1],
        "thread": {},
        "stop_sequences": ["x"],
        "context_management": {},
        "output_config": {"effort": "low", "format": {}},
        "tool_choice": {"type": "any"},
    }
    assert compaction_params(params) == {
        "model": "m",
        "tools": [1],
        "output_config": {"effort": "low"},
        "compaction": {"type": "summarize"},
    }
    assert compaction_params({"tool_choice": {"type": "none"}})["tool_choice"] == {"type": "none"}


def test_a_block_without_content_is_no_summary() -> None:
    """It says that the compaction failed."""
    assert is_summary(content_block(SUMMARY))
    assert not is_summary(content_block({**SUMMARY, "content": None}))
    assert not is_summary(content_block({"type": "text", "text": "x"}))


def test_the_summary_takes_the_place_of_the_oldest_turns() -> None:
    """What stays follows it; its usage is added up, in the saved run too; the run goes on."""
    used = {"iterations": [{"type": "compaction", "input_tokens": 900, "output_tokens": 80}, {"type": "message"}]}
    summed = answer(SUMMARY, stop="compaction", usage={"input_tokens": 0, "output_tokens": 0, **used})
    replies: list[Any] = [answer(call("note", text="1")), answer(call("note", text="2")), LONG, summed, answer("Done.")]
    result, asked = run(replies, [note], on_context_full="compact", split=halves)
    assert result.ended == "end_turn"
    assert asked[3]["compaction"] == {"type": "summarize"}
    assert [turn["role"] for turn in asked[3]["messages"]] == ["user", "assistant", "user"]
    went_on = asked[4]["messages"]
    assert went_on[0] == {"role": "assistant", "content": [SUMMARY]}
    assert went_on[1:] == asked[2]["messages"][-2:]
    assert "compaction" not in asked[4]
    assert (result.usage.requests, result.usage.total_tokens) == (4, 3 * 15 + 980)
    again = RunState.load(result.dump())
    assert RunUsage.of(again.compactions).total_tokens == 980
    assert again.messages == result.messages


def test_a_compaction_that_fails_ends_the_run() -> None:
    """The history stays as it was, and the usage counts."""
    failed = answer({**SUMMARY, "content": None}, stop="compaction")
    replies: list[Any] = [answer(call("note", text="1")), LONG, failed]
    result, asked = run(replies, [note], on_context_full="compact", split=halves)
    assert (result.ended, len(asked), result.usage.requests) == ("context_full", 3, 2)
    assert len(result.messages) == 3


@pytest.mark.parametrize("how", ["trim", "compact"])
def test_an_answer_that_the_window_cut_is_gone_on_with(how: str) -> None:
    """A call that was cut is never run; the model reads that it was cut."""
    cut = answer("I note", call("note", text="1"), call("note", te=""), stop="model_context_window_exceeded")
    result, asked = run([cut, answer("Done.")], [note], on_context_full=how, split=halves)
    assert (result.ended, len(asked)) == ("end_turn", 2)
    assert [block["type"] for block in asked[1]["messages"][1]["content"]] == ["text", "tool_use"]
    assert asked[1]["messages"][2]["content"][0]["content"] == "noted 1"
    assert "cut at its maximum length" in asked[1]["messages"][2]["content"][1]["text"]
    stopped, _ = run([cut], [note])
    assert (stopped.ended, len(stopped.steps[0].outcomes)) == ("context_full", 1)


def test_usage_counts_the_compactions_within_a_reply() -> None:
    """The figures at the top leave them out. Source: `BetaUsage.iterations`."""
    usage = Usage.of(
        {
            "input_tokens": 10,
            "output_tokens": 5,
            "iterations": [
                {"type": "compaction", "input_tokens": 100, "output_tokens": 20, "cache_read_input_tokens": 7},
                {"type": "message", "input_tokens": 10, "output_tokens": 5},
            ],
        }
    )
    total = RunUsage.of([usage, Usage.of({"input_tokens": 1, "output_tokens": 1})])
    assert (total.requests, total.input_tokens, total.output_tokens, total.cache_read_input_tokens) == (2, 111, 26, 7)


WINDOWS = {
    "trim": ("claude-haiku-4-5", 200_000),
    "stop": ("claude-haiku-4-5", 200_000),
    "compact": ("claude-opus-4-6", 1_000_000),
}


@pytest.mark.parametrize(("how", "ended"), [("compact", "end_turn"), ("trim", "end_turn"), ("stop", "context_full")])
def test_against_the_simulator(sim: Simulator, how: Any, ended: str) -> None:
    """Three large results outgrow the window; the run goes on as it was asked to."""
    model, window = WINDOWS[how]
    page = "word " * (window // 2)

    @tool(read_only=True)
    def read_page(number: int) -> str:
        """Read a page of the book."""
        return f"Page {number}: {page}"

    for number in (1, 2, 3):
        sim.script({"tool_use": [{"name": "read_page", "input": {"number": number}}]})
    if how != "compact":
        sim.script("Read.")
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        result = client.messages.run(
            model=model,
            max_tokens=3000,
            messages=[{"role": "user", "content": "Read the book."}],
            tools=[read_page],
            on_context_full=how,
        )
    assert result.ended == ended
    assert [len(step.outcomes) for step in result.steps][:2] == [1, 1]
    if how == "compact":
        assert result.messages[0]["content"][0]["type"] == "compaction"
        assert result.messages[0]["content"][0]["signature"]


def test_a_model_that_cannot_compact_says_so(sim: Simulator) -> None:
    """The service's own words reach the caller, with what the run had come to."""

    @tool
    def read_page(number: int) -> str:
        """Read a page of the book."""
        return f"{number}: " + "word " * 250_000

    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        with pytest.raises(InvalidRequest, match="compaction") as caught:
            client.messages.run(
                model="claude-haiku-4-5",
                max_tokens=3000,
                messages=[{"role": "user", "content": "Use read_page with number 1."}],
                tools=[read_page],
                on_context_full="compact",
            )
    assert len(caught.value.run.steps) == 1
