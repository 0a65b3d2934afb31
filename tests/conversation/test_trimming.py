"""Trimming: what is left is a history that the service takes, and as long as it may be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer import Conversation, Message, PromptTooLong, UsageError
from keybearer.conversation.trimming import trim_refused, trim_turns
from support.histories import TOOLS, answer, goes_on_thinking, histories, refusals, thought

WORDS = "word " * 60


def call(name: str) -> dict[str, Any]:
    """Return a tool call."""
    return {"type": "tool_use", "id": name, "name": "read", "input": {}}


def loop(steps: int, *, thinks: bool = False) -> Conversation:
    """Return a task and the steps of an agent at it, each with 100 tokens of result."""
    conversation = Conversation(tools=TOOLS).user("Read all files.")
    for step in range(steps):
        thinking = [thought("Where to begin?")] if thinks and step == 0 else []
        conversation = conversation.append(answer([*thinking, call(f"t{step}")], name=f"msg_{step}"))
        conversation = conversation.tool_results({f"t{step}": WORDS})
    return conversation


@given(histories(), st.integers(1, 3000), st.integers(0, 4), st.integers(1, 3000) | st.none())
@settings(max_examples=30)
def test_what_is_left_is_taken(turns: list[Any], max_tokens: int, keep: int, down_to: int | None) -> None:
    """A history that the service takes is taken after any trim, is short enough, and its turns are those of before, in order."""
    whole = Conversation(turns, tools=TOOLS)
    assert refusals(whole) == []
    try:
        left = whole.trim(max_tokens, keep=keep, down_to=down_to)
    except UsageError:
        return
    assert refusals(left) == []
    assert goes_on_thinking(left) or not goes_on_thinking(whole)
    rest = iter(whole)
    assert all(any(turn is each for each in rest) for turn in left)
    assert left.messages[:keep] == whole.messages[: min(keep, len(left))]
    assert left[-1] is whole[-1]
    assert [turn for turn in left if turn_role(turn) == "system"] == [t for t in whole if turn_role(t) == "system"]
    assert left.tokens().total <= max_tokens
    assert left.trim(max_tokens, keep=keep) is left


def turn_role(turn: Any) -> str:
    """Return a turn's role."""
    return str(turn["role"] if isinstance(turn, dict) else turn.role)


@given(histories(most=3))
@settings(max_examples=30)
def test_the_shortest_that_is_left_is_the_last_exchange(turns: list[Any]) -> None:
    """What cannot be trimmed further says how long it is, and with so many tokens it can be trimmed."""
    whole = Conversation(turns)
    with pytest.raises(
        UsageError, match=r"cannot be trimmed to 1 tokens: what must stay of it has about ([\d,]+)"
    ) as error:
        whole.trim(1)
    shortest = int(str(error.value).split("about ")[1].split(".")[0].replace(",", ""))
    assert refusals(whole.trim(shortest)) == []


def test_whole_exchanges_go_first() -> None:
    """The oldest questions go with their answers, and no more of them than must."""
    conversation = Conversation()
    for number in range(6):
        conversation = conversation.user(f"{number} {WORDS}").assistant("Yes.")
    conversation = conversation.user("And now?")
    left = conversation.trim(380)
    assert [turn["content"][:1] for turn in left if isinstance(turn, dict) and turn["role"] == "user"] == [
        "4",
        "5",
        "A",
    ] or [turn["content"][:1] for turn in left if isinstance(turn, dict) and turn["role"] == "user"] == [
        "3",
        "4",
        "5",
        "A",
    ]


def test_a_loop_keeps_its_task() -> None:
    """Of one long loop the oldest steps go, each call with its result; the task stays."""
    left = loop(10).trim(500)
    assert left[0] == {"role": "user", "content": "Read all files."}
    assert len(left) % 2 == 1
    assert 3 <= len(left) < 21
    assert refusals(left) == []


def test_a_loop_that_thought_goes_on_thinking() -> None:
    """When only the first step has thinking it stays as well: without it the service would turn thinking off."""
    left = loop(10, thinks=True).trim(500)
    assert [block.type for block in left[1].content] == ["thinking", "tool_use"]  # type: ignore[union-attr] # an answer
    assert left[3].content[0].id != "t1"  # type: ignore[union-attr] # an answer
    assert refusals(left) == []


def test_a_summary_stays_first() -> None:
    """A compaction block, which stands for what came before, is never taken out."""
    summary = {"role": "assistant", "content": [{"type": "compaction", "content": "All was well."}]}
    turns: list[Any] = [summary, {"role": "user", "content": WORDS}, answer([{"type": "text", "text": WORDS}])]
    left = trim_turns(Conversation([*turns, {"role": "user", "content": "Now?"}]).messages, max_tokens=60).turns
    assert [turn["content"] for turn in left if isinstance(turn, dict)] == [summary["content"], "Now?"]


def test_a_trim_can_make_room_for_many_turns() -> None:
    """With `down_to`, a history that is too long is made so short, and one that fits is left alone."""
    whole = loop(20)
    assert whole.trim(whole.tokens().total, down_to=10) is whole
    near, far = whole.trim(1500), whole.trim(1500, down_to=600)
    assert len(far) < len(near)
    assert far.tokens().total <= 600


def test_usage_before_a_trim_is_not_that_of_what_is_left() -> None:
    """After a trim the old figures, which count the turns that went, are not believed; those of later answers are."""
    conversation = Conversation()
    for number in range(5):
        conversation = conversation.user(WORDS).append(
            answer([{"type": "text", "text": "Yes."}], usage=(100 * (number + 1), 5), name=f"msg_{number}")
        )
    assert conversation.tokens() == (505, 0)
    left = conversation.user("And now?").trim(300)
    assert left.tokens().measured == 0
    assert left.tokens().total <= 300
    later = left.append(answer([{"type": "text", "text": "Yes."}], usage=(240, 5)))
    assert later.tokens() == (245, 0)
    assert Conversation.loads(left.dumps()).tokens() == left.tokens()


@pytest.mark.parametrize(("fields", "least", "most"), [({"tokens": 300_000, "limit": 200_000}, 10, 15), ({}, 5, 11)])
def test_a_refused_history_is_shortened_by_as_much(fields: dict[str, int], least: int, most: int) -> None:
    """A loop that is refused goes on with at most the part of its turns that fits, and with room for more."""
    whole = [turn.to_param() if isinstance(turn, Message) else turn for turn in loop(20)]
    left = trim_refused(whole, PromptTooLong("too long", **fields))
    assert least <= len(left) <= most
    assert left[0] is whole[0]
    assert left[-1] is whole[-1]
    assert refusals(Conversation(left, tools=TOOLS)) == []


def test_a_long_history_is_trimmed_in_one_pass() -> None:
    """Each choice is weighed by sums that were made once: 20,000 turns are no matter."""
    whole = Conversation([{"role": "user" if n % 2 == 0 else "assistant", "content": "a"} for n in range(20_001)])
    assert len(whole.trim(900)) % 2 == 1
