"""Divides a history that outgrew the context window: what the service sums up, and what stays as it is.

Strategy: the summary is asked for with the oldest turns alone, as many as leave room for it in the window; what follows them stays.
Contract: no call is parted from its result. What is summed up ends with the user, or with an answer that calls no tool.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final

from keybearer.conversation.accept import Turn, blocks_of, role_of, turn_of
from keybearer.conversation.estimate import estimate_tokens, turn_sizes
from keybearer.errors import PromptTooLong, UsageError

__all__ = ["split_refused"]

ROOM: Final = 0.9
"""How much of the window the turns may fill that are summed up; the summary is written into the rest."""


def split_refused(turns: Sequence[Any], error: PromptTooLong) -> tuple[list[Any], list[Any]]:
    """Divide a history that the service found too long.

    Args:
        turns: The history: whatever `messages=` takes.
        error: The refusal, which may say how long the prompt was and how long it may be; half is summed up otherwise.

    Returns:
        The turns to sum up, and those that stay: the values that were given.

    Raises:
        UsageError: Its first turns alone are too long to be summed up.
    """
    kept = [turn_of(each) for each in turns]
    share = 0.5
    if error.tokens and error.limit and error.limit < error.tokens:
        share = ROOM * error.limit / error.tokens
    room = share * estimate_tokens(kept).total
    sizes, before = turn_sizes(kept)
    ends = list(itertools.accumulate(sizes, initial=float(before)))
    fit = [end for end in range(1, len(kept)) if ends[end] <= room and _may_end(kept, end)]
    if not fit:
        raise UsageError(
            "The history cannot be summed up: its first turns alone are longer than the context window.",
            hint="Shorten them, such as the results of tools, or use on_context_full='trim'.",
        )
    return list(turns[: fit[-1]]), list(turns[fit[-1] :])


def _may_end(turns: list[Turn], end: int) -> bool:
    """Return whether a conversation may be divided before a turn: not between calls and their results, or within a turn."""
    last, following = turns[end - 1], turns[end]
    if role_of(last) == role_of(following):
        return False
    return role_of(last) == "user" or not any(block.get("type") == "tool_use" for block in blocks_of(last))
