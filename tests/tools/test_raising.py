"""A run that asks a person to raise its spend limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from keybearer import Deny, Edit, Later, SpendLimit, UsageError
from keybearer.errors import SpendLimitExceeded
from keybearer.flow import Invoke
from keybearer.tools.raising import asked_to_raise, with_limits_of
from keybearer.tools.tool import ToolCall


def ask(limit: SpendLimit, said: Any, *, approve: Any = ...) -> tuple[bool, list[ToolCall]]:
    """Have a limit raised; return whether it was, and what the hook was asked."""
    asked: list[ToolCall] = []

    def hook(call: ToolCall) -> Any:
        asked.append(call)
        return said

    error = SpendLimitExceeded(
        "It is full.", limit=limit, asked=Decimal("0.5"), spent=Decimal(3), asked_tokens=7, spent_tokens=90
    )
    flow = asked_to_raise(error, hook if approve is ... else approve, 4)
    try:
        effect: Any = next(flow)
        assert isinstance(effect, Invoke)
        flow.send(effect.function(*effect.args))
    except StopIteration as end:
        return end.value, asked
    raise AssertionError(flow)


def test_a_person_is_asked_for_twice_the_limit_or_what_is_needed() -> None:
    """The hook is asked as for a call; when it allows it, the limit is the larger of both."""
    limit = SpendLimit(usd=1, tokens=60, may_be_raised=True)
    raised, [call] = ask(limit, True)
    assert raised
    assert call == ToolCall(
        "raise_spend_limit", "raise_spend_limit", {"usd": "3.5", "tokens": 120, "why": "It is full."}, 4
    )
    assert (limit.usd, limit.tokens) == (Decimal("3.5"), 120)


def test_a_person_may_say_another_limit() -> None:
    """An edit has the limit that the person wants; one that names none is refused."""
    limit = SpendLimit(usd=1, may_be_raised=True)
    assert ask(limit, Edit({"usd": 7}))[0]
    assert limit.usd == 7
    with pytest.raises(UsageError, match="names no limit"):
        ask(limit, Edit({"dollars": 7}))


@pytest.mark.parametrize("said", [False, Deny(), Later(), "yes"])
def test_nothing_else_raises_it(said: Any) -> None:
    """Only a clear yes does."""
    limit = SpendLimit(usd=1, may_be_raised=True)
    assert not ask(limit, said)[0]
    assert limit.usd == 1


def test_nobody_is_asked_where_it_may_not_be_raised() -> None:
    """A hook that allows every call does not allow more money unasked; without a hook there is nobody."""
    assert ask(SpendLimit(usd=1), True) == (False, [])
    assert ask(SpendLimit(usd=1, may_be_raised=True), True, approve=None) == (False, [])


def test_a_run_inside_a_tool_is_under_the_limits_of_both() -> None:
    """It has those of the run around it, and its own."""
    one, two = SpendLimit(usd=1), SpendLimit(usd=2)
    assert with_limits_of({"spend_limit": one}, {"spend_limit": [two]})["spend_limit"] == [one, two]
    assert with_limits_of({}, {"model": "m"}) == {"model": "m"}
