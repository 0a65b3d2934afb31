"""What a run cost: its replies, the streams that were cut, and the runs inside its tools."""

from __future__ import annotations

from decimal import Decimal

from keybearer import tool
from keybearer.errors import StreamTruncated
from keybearer.tools.state import RunState
from support.tool_runs import answer, call, run

ONE = Decimal("0.000035")
"""A reply of 10 tokens in and 5 out, by claude-haiku-4-5."""


def test_a_runs_cost_is_the_sum_of_its_replies() -> None:
    """Each reply is in the sum, those before the last too."""

    @tool
    def look() -> str:
        """Look."""
        return "seen"

    result, _ = run([answer(call("look")), answer("Done.")], [look])
    assert result.cost.usd == 2 * ONE


def test_the_runs_inside_tools_are_added() -> None:
    """A run that a tool makes is in the cost of the run around it."""

    @tool
    def delegate() -> str:
        """Delegate."""
        return run([answer("Inner.")])[0].text

    result, _ = run([answer(call("delegate")), answer("Done.")], [delegate])
    assert result.cost.usd == 3 * ONE


def test_a_reply_that_was_cut_and_asked_for_again_is_in_the_least() -> None:
    """What came of a stream that was cut was billed; how much more was, nobody knows."""
    cut = StreamTruncated("cut", partial=answer("Hal", stop=None).model_copy(update={"stop_reason": None}))
    result, asked = run([cut, answer("Whole.")])
    assert len(asked) == 2
    assert result.cost.usd is None
    assert result.cost.known == 2 * ONE


def test_a_run_that_goes_on_has_what_was_spent_before() -> None:
    """What runs inside tools and cut streams cost is in the records, so a resumed run has it, in dollars and in tokens."""

    @tool
    def delegate() -> str:
        """Delegate."""
        return run([answer("Inner.")])[0].text

    cut = StreamTruncated("cut", partial=answer("Hal", stop=None))
    result, _ = run([cut, answer(call("delegate")), answer("Done.")], [delegate])
    again, _ = run([], [delegate], state=RunState.load(result.dump()))
    assert again.cost == result.cost
    assert again.cost.known == 4 * ONE
    assert again.usage == result.usage
