"""Takes turns out of a history until it fits, so that the service takes what is left.

Strategy: the places where a history may be cut are listed, the one that keeps the most first, and the first that fits is taken.
A cut is before a user's turn that answers no tool call. If even the last such turn with all that follows it is too long, which is
an agent's long loop, the turn stays as the task, and the oldest steps after it go.

Contract: what is left begins as the history did, with the user, or with a compaction block; no call is parted from its result; blocks
stay as they came, and so do the system turns in between. If the loop was begun with thinking, so is what is left of it: the service
would turn thinking off otherwise.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from keybearer.conversation.accept import Turn, blocks_of, role_of, turn_of
from keybearer.conversation.estimate import NOTHING, TakenOut, estimate_tokens, turn_sizes
from keybearer.errors import PromptTooLong, UsageError

__all__ = ["Trimmed", "trim_refused", "trim_turns"]

_THINKING: Final = frozenset({"thinking", "redacted_thinking"})

_ROUNDING: Final = 1e-6
"""How much a sum of shares may be over what they are shares of."""

_Kept: TypeAlias = tuple[tuple[int, int], ...]
"""The ranges of the turns that stay, in order: first index and end."""


class Trimmed(NamedTuple):
    """A history that was trimmed.

    Attributes:
        turns: The turns that stay, in order: the values that were given.
        taken_out: What was trimmed off, for the next estimate.
    """

    turns: list[Turn]
    taken_out: TakenOut


class _Span(NamedTuple):
    """Messages of one role in a row, which the service takes as one turn; system messages count to the span before them.

    Attributes:
        start: The index of the first one.
        end: The index after the last one.
        role: `user` or `assistant`.
        kinds: The types of its blocks, in order.
    """

    start: int
    end: int
    role: str
    kinds: tuple[str, ...]

    @property
    def begins(self) -> bool:
        """Whether the user begins something new here."""
        return self.role == "user" and "tool_result" not in self.kinds

    @property
    def thinks(self) -> bool:
        """Whether it begins with thinking."""
        return bool(_THINKING.intersection(self.kinds[:1]))


def trim_turns(
    turns: Sequence[Turn],
    *,
    max_tokens: int,
    keep: int = 0,
    down_to: int | None = None,
    fixed: Mapping[str, Any] | None = None,
    taken_out: TakenOut = NOTHING,
) -> Trimmed:
    """Return a history without its oldest turns, as far as it is too long.

    Args:
        turns: The history, which the service would take.
        max_tokens: The most tokens that it may have, with what goes before it.
        keep: How many of its first turns stay, such as a task, or a prefix that is cached; a turn that belongs to them stays too.
        down_to: How short to make a history that is too long; None for `max_tokens`. With a lower figure the next trims are farther
            apart, and each of them costs the cache of all turns that stay.
        fixed: What goes before it: `system` and `tools`.
        taken_out: What was trimmed off it before.

    Raises:
        UsageError: It cannot be made so short.
    """
    total = estimate_tokens(turns, fixed=fixed, taken_out=taken_out).total
    if total <= max_tokens:
        return Trimmed(list(turns), taken_out)
    sizes, before = turn_sizes(turns, fixed=fixed, taken_out=taken_out)
    target = max_tokens if down_to is None else min(down_to, max_tokens)
    systems = [role_of(turn) == "system" for turn in turns]
    all_sums = list(itertools.accumulate(sizes, initial=0.0))
    of_systems = (size if system else 0.0 for size, system in zip(sizes, systems, strict=True))
    system_sums = list(itertools.accumulate(of_systems, initial=0.0))

    def size_of(kept: _Kept) -> int:
        others = system_sums[-1] - sum(system_sums[end] - system_sums[start] for start, end in kept)
        size = before + others + sum(all_sums[end] - all_sums[start] for start, end in kept)
        return math.ceil(size - _ROUNDING)

    shortest: tuple[int, _Kept] = (total, ((0, len(turns)),))
    for kept in _choices(_spans(turns), keep, len(turns)):
        shortest = min(shortest, (size_of(kept), kept))
        if shortest[0] <= target:
            break
    if shortest[0] > max_tokens:
        raise UsageError(
            f"The history cannot be trimmed to {max_tokens:,} tokens: what must stay of it has about {shortest[0]:,}.",
            hint="Raise max_tokens, keep fewer turns, or shorten the last turns themselves.",
        )
    stays = [False] * len(turns)
    for start, end in shortest[1]:
        stays[start:end] = [True] * (end - start)
    left = [turn for turn, kept, system in zip(turns, stays, systems, strict=True) if kept or system]
    return Trimmed(left, TakenOut(len(left), estimate_tokens(left, fixed=fixed).total - shortest[0]))


def trim_refused(turns: Sequence[Any], error: PromptTooLong) -> list[Any]:
    """Return a history that the service found too long without its oldest turns, for a loop that goes on by itself.

    Args:
        turns: The history: whatever `messages=` takes.
        error: The refusal, which may say how long the prompt was and how long it may be; half of the history stays otherwise.

    Returns:
        The turns that stay, in order: the values that were given. There is room for as many again, so that not every later step is
        refused.

    Raises:
        UsageError: It cannot be made shorter by that much.
    """
    kept = [turn_of(each) for each in turns]
    total = estimate_tokens(kept).total
    room = total // 2
    if error.tokens and error.limit and error.limit < error.tokens:
        room = total * error.limit // error.tokens
    left = {id(each) for each in trim_turns(kept, max_tokens=room, down_to=room // 2).turns}
    return [turn for turn, each in zip(turns, kept, strict=True) if id(each) in left]


def _choices(spans: list[_Span], keep: int, count: int) -> Iterator[_Kept]:
    """Yield what may stay, the most first."""
    head = _head(spans, keep)
    opening: _Kept = ((0, spans[head].start if head < len(spans) else count),) if head else ()
    # After results, which the next question would join, the answer before that question stays as well.
    before = int(bool(head) and spans[head - 1].role == "user" and not spans[head - 1].begins)
    last = -1
    for number in range(head, len(spans)):
        if spans[number].begins:
            last = number
            yield (*opening, (spans[number - before].start, count))
    # Within what followed the last of the user's own turns, the oldest steps go.
    begin = head if last < 0 else last + 1
    if not 0 < begin < len(spans) or spans[begin - 1].role != "user":
        return
    task: _Kept = opening if last < 0 else (*opening, (spans[last - before].start, spans[last].end))
    for number in range(begin + 2, len(spans), 2):
        if spans[number].thinks or not spans[begin].thinks:
            yield (*task, (spans[number].start, count))
        elif number > begin + 2:
            yield (*task, (spans[begin].start, spans[begin + 1].end), (spans[number].start, count))


def _head(spans: list[_Span], keep: int) -> int:
    """Return how many spans the first turns make; a summary that stands for what came before is one of them."""
    head = sum(span.start < keep for span in spans)
    if spans and spans[0].kinds[:1] == ("compaction",):
        head = max(head, 1)
    while 0 < head < len(spans) and spans[head - 1].role == "assistant" and not spans[head].begins:
        head += 1  # the results of its calls
    return head


def _spans(turns: Sequence[Turn]) -> list[_Span]:
    spans: list[_Span] = []
    for index, turn in enumerate(turns):
        role = role_of(turn)
        kinds = tuple(str(block.get("type")) for block in blocks_of(turn))
        if role == "system":
            if spans:
                spans[-1] = spans[-1]._replace(end=index + 1)
        elif spans and spans[-1].role == role:
            spans[-1] = spans[-1]._replace(end=index + 1, kinds=spans[-1].kinds + kinds)
        else:
            spans.append(_Span(index, index + 1, role, kinds))
    return spans
