"""`lint`: the same problems as the rules', with an estimate that is made for whoever reads it."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from keybearer import Conversation, lint
from keybearer.wire.request import lint as rules

CLIFF = "claude-haiku-5-5"


def body(text: Any, **more: Any) -> dict[str, Any]:
    """Return a request for the model with the cliff."""
    return {"model": CLIFF, "max_tokens": 10, "messages": [{"role": "user", "content": text}]} | more


@pytest.mark.parametrize(
    "request_body", [body("Hi"), body(""), body("Hi", temperature=1), {}, body(5), {"messages": 5}]
)
def test_an_estimate_changes_no_problem(request_body: dict[str, Any]) -> None:
    """What is found is what the rules find, before and after the estimate is read."""
    found, expected = lint(request_body), rules.lint(request_body)
    assert found == expected
    assert copy.copy(found).estimate == found.estimate
    assert found == expected


@pytest.mark.parametrize(("tokens", "warned"), [(90_000, False), (100_002, True)])
def test_a_cliff_is_said_with_a_guess(tokens: int, warned: bool) -> None:
    """A token is three bytes beside eight of the block; what is said of the cliff says that it is a guess."""
    estimate = lint(body("abc" * (tokens - 8))).estimate
    assert estimate is not None
    assert (estimate.input_tokens, estimate.counted) == (tokens, False)
    assert estimate.warnings == (("about 2 tokens over 100,000: 5 times the price",) if warned else ())
    assert str(estimate).startswith(f"about {tokens:,} tokens in, at most 10 out: from $")


def test_a_conversation_has_an_estimate_of_its_own_turns() -> None:
    """The arguments of a call may have a conversation for their messages, with its system prompt."""
    talk = Conversation(system="s" * 300).user("a" * 300)
    estimate = lint({"model": "claude-opus-5-5", "max_tokens": 10, "messages": talk}).estimate
    assert estimate is not None
    assert estimate.input_tokens == talk.tokens().total
    assert estimate.most.usd == Decimal("0.000004") * 209 + Decimal("0.00002") * 10


@pytest.mark.parametrize("wrong", [{}, {"messages": 5}, {"messages": [5]}, body(5)])
def test_what_cannot_be_read_has_no_estimate(wrong: dict[str, Any]) -> None:
    """A request whose turns are none has no figure, rather than a wrong one."""
    assert lint(wrong).estimate is None


def test_an_answer_without_a_bound_makes_the_most_unknown() -> None:
    """Without max_tokens only the least is known."""
    estimate = lint({"model": CLIFF, "messages": [{"role": "user", "content": "Hi"}], "tools": 5}).estimate
    assert estimate is not None
    assert estimate.most.unknown == ("output: no max_tokens bounds it",)
    assert estimate.least.usd
