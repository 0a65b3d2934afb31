"""The runs of `bench/spending.py`, the same for each library: their prompts, their answers, and how they end."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

MODEL: Final = "claude-haiku-5-5"
AT_ONCE: Final = 32


class Kind(NamedTuple):
    """A kind of run.

    Attributes:
        share: How many of a hundred are of it.
        bytes: The length of its prompt.
        max_tokens: The longest answer.
    """

    share: int
    bytes: int
    max_tokens: int


KINDS: Final = (Kind(77, 40, 500), Kind(15, 60_000, 1_000), Kind(8, 400_100, 1_000))
"""Short, long, and beyond 100,000 tokens as the simulator counts them, four bytes each."""


def prompt_of(number: int) -> tuple[str, int]:
    """Return the prompt of a run and its `max_tokens`."""
    random = Random(number)  # noqa: S311 - no secret
    [kind] = random.choices(KINDS, [each.share for each in KINDS])
    words = f"Write {random.randint(20, 400)} words. "
    return words + "x" * max(0, kind.bytes - len(words)), kind.max_tokens


def ending_of(number: int) -> str:
    """Return how a run ends: `plain`, `streamed`, or `left` after a few events."""
    return Random(-number).choices(("plain", "streamed", "left"), (25, 60, 15))[0]  # noqa: S311 - no secret
