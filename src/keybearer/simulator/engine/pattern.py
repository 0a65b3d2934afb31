"""A short, deterministic text that matches a regular expression, checked against the expression before it is returned.

Strategy: walk the parse tree, take the first option of each choice, and repeat as often as required. Look-around, word
boundaries and conditions are ignored; the final check shows whether they mattered.

Limits: Python's dialect. A schema's is ECMA-262, which is the same for common patterns.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from re import _parser as parser  # type: ignore[attr-defined] # the tree of an expression has no public way; see docs/why.md
from typing import Any, Final

from keybearer.simulator.core.patterns import compiled, unwarned

__all__ = ["matching"]

OFTEN: Final = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
"""The counts that are tried for an open repetition, until the length fits."""

STEPS: Final = (0, 7)
"""The steps between the characters that are taken from a class: 0 gives the plainest text, others mix letters and digits, which
a look-ahead may require."""

MOST: Final = 1000
"""The longest text that is tried, in characters."""

LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ -.!~\t\né"


class _Walk:
    def __init__(self, often: int, step: int) -> None:
        self.often = often
        self.step = step
        self.chosen = 0
        self.groups: dict[int, str] = {}

    def text(self, tree: Iterable[tuple[Any, Any]]) -> str:
        return "".join(self.one(kind, value) for kind, value in tree)

    def one(self, kind: Any, value: Any) -> str:
        maker = MAKERS.get(kind)
        return maker(self, value) if maker else ""

    def literal(self, value: int) -> str:
        return chr(value)

    def other_than(self, value: int) -> str:
        return next(each for each in LETTERS if ord(each) != value)

    def any(self, _value: None) -> str:
        return "a"

    def choice(self, value: list[tuple[Any, Any]]) -> str:
        negated = value[0][0] is parser.NEGATE
        parts = value[1:] if negated else value
        kind, first = parts[0]
        if self.step == 0 and not negated and kind in {parser.LITERAL, parser.RANGE}:
            return chr(first if kind is parser.LITERAL else first[0])
        fit = [each for each in LETTERS if any(map(_holds(each), parts)) != negated]
        self.chosen += self.step
        return fit[self.chosen % len(fit)] if fit else ""

    def repeat(self, value: tuple[int, Any, Any]) -> str:
        least, most, tree = value
        count = max(least, min(self.often, MOST if most is parser.MAXREPEAT else int(most)))
        return "".join(self.text(tree) for _ in range(min(count, MOST)))

    def group(self, value: tuple[int | None, int, int, Any]) -> str:
        made = self.text(value[3])
        if value[0] is not None:
            self.groups[value[0]] = made
        return made

    def branch(self, value: tuple[None, list[Any]]) -> str:
        return self.text(value[1][0])

    def atomic(self, value: Any) -> str:
        return self.text(value)

    def again(self, value: int) -> str:
        return self.groups.get(value, "")


def _holds(each: str) -> Callable[[tuple[Any, Any]], bool]:
    def holds(part: tuple[Any, Any]) -> bool:
        kind, value = part
        if kind is parser.LITERAL:
            return bool(ord(each) == value)
        if kind is parser.RANGE:
            return bool(value[0] <= ord(each) <= value[1])
        return re.match(CATEGORIES[value], each) is not None

    return holds


CATEGORIES: Final = {
    parser.CATEGORY_DIGIT: r"\d", parser.CATEGORY_NOT_DIGIT: r"\D", parser.CATEGORY_SPACE: r"\s",
    parser.CATEGORY_NOT_SPACE: r"\S", parser.CATEGORY_WORD: r"\w", parser.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip

MAKERS: Final[dict[Any, Callable[[_Walk, Any], str]]] = {
    parser.LITERAL: _Walk.literal,
    parser.NOT_LITERAL: _Walk.other_than,
    parser.ANY: _Walk.any,
    parser.IN: _Walk.choice,
    parser.MAX_REPEAT: _Walk.repeat,
    parser.MIN_REPEAT: _Walk.repeat,
    parser.POSSESSIVE_REPEAT: _Walk.repeat,
    parser.SUBPATTERN: _Walk.group,
    parser.BRANCH: _Walk.branch,
    parser.ATOMIC_GROUP: _Walk.atomic,
    parser.GROUPREF: _Walk.again,
}
"""Kind of node to its maker; other kinds make no text."""


def matching(pattern: str, shortest: float = 0, longest: float = MOST) -> str | None:
    r"""Return a text that matches a pattern, with a length between two bounds; None if none was found.

    Args:
        pattern: A regular expression, matched anywhere in the text, as a schema's `pattern` is.
        shortest: The fewest characters.
        longest: The most.

    Example:
        >>> matching(r"^[A-Z]{3}-\d+$")
        'AAA-0'
    """
    known = compiled(pattern)
    if known is None:
        return None
    with unwarned():
        tree = parser.parse(pattern)
    for often, step in itertools.product(OFTEN, STEPS):
        made = _Walk(often, step).text(tree)
        for text in (made, made.ljust(int(shortest), "x"), made.rjust(int(shortest), "x")):
            if shortest <= len(text) <= min(longest, MOST) and known.search(text):
                return text
    return None
