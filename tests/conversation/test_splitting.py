"""A history that is too long, divided: what is summed up, and what stays."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from keybearer.conversation.splitting import split_refused
from keybearer.errors import PromptTooLong, UsageError


def refused(tokens: int | None = None, limit: int | None = None) -> PromptTooLong:
    """Return the refusal."""
    error = PromptTooLong("prompt is too long")
    error.tokens, error.limit = tokens, limit
    return error


def user(text: str) -> dict[str, Any]:
    """Return a question."""
    return {"role": "user", "content": text}


def step(number: int, size: int = 300) -> list[dict[str, Any]]:
    """Return a call and its result."""
    call = {"type": "tool_use", "id": f"toolu_{number}", "name": "read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "x" * size}
    return [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]


LOOP = [user("Go."), *itertools.chain.from_iterable(step(number) for number in range(10))]


@pytest.mark.parametrize("limit", range(200, 1001, 50))
def test_no_call_is_parted_from_its_result(limit: int) -> None:
    """Whatever the window's size, what is summed up ends with the user; nothing is lost, and the values are those given."""
    old, rest = split_refused(LOOP, refused(1010, limit))
    assert [*old, *rest] == LOOP
    assert all(one is other for one, other in zip([*old, *rest], LOOP, strict=True))
    assert (old[-1]["role"], rest[0]["role"]) == ("user", "assistant")


def test_as_much_as_fits_is_summed_up() -> None:
    """With room for the summary; half where the service did not say how long it is."""
    assert len(split_refused(LOOP, refused(1000, 990))[0]) > len(split_refused(LOOP, refused(1000, 500))[0])
    old, rest = split_refused(LOOP, refused())
    assert abs(len(old) - len(rest)) <= 3


def test_an_answer_without_calls_may_end_it() -> None:
    """Questions and answers are divided before a question too."""
    talk = [user("a" * 300), {"role": "assistant", "content": "b" * 300}, user("c" * 900)]
    old, rest = split_refused(talk, refused(1000, 600))
    assert (len(old), len(rest)) == (2, 1)


def test_turns_of_one_role_stay_together() -> None:
    """The service reads them as one."""
    talk = [user("a" * 30), user("b" * 30), {"role": "assistant", "content": "c" * 300}, user("d" * 300)]
    assert len(split_refused(talk, refused(1000, 500))[0]) == 2


def test_a_beginning_that_is_too_long_itself_is_said() -> None:
    """Nothing that could be summed up fits."""
    with pytest.raises(UsageError, match="first turns alone"):
        split_refused([user("a" * 10_000), *step(1)], refused(1000, 500))
