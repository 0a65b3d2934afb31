"""Values in a prompt for a tool's arguments: quoted strings, numbers, places, dates, paths, expressions.

Guesses are consumed in order, so two numbers in a prompt become two different arguments. Every guess depends only on
the prompt and the argument's name.
"""

# ruff: noqa: RUF001  # typographic quotation marks are what people paste

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["Hints", "places"]

QUOTED: Final = re.compile(r"[\"“”'‘’`]([^\"“”'‘’`\n]{1,200})[\"“”'‘’`](?!\w)")
NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d)")
PLACE: Final = re.compile(
    r"\b(?i:in|for|at|to|near|from|of|about)\s+((?:[A-Z][\w'’-]*|of|de|la|and|or|,|\s)*[A-Z][\w'’-]*)", re.UNICODE
)
EXPRESSION: Final = re.compile(r"[\d(][\d\s.()+*/%^-]*[+*/%^-][\d\s.()+*/%^-]*[\d)]")
EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
URL: Final = re.compile(r"https?://[^\s\"'<>)]+")
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
PATH: Final = re.compile(r"(?<!\w)(?:\.{0,2}/)?[\w.-]+(?:/[\w.-]+)+|\b[\w-]+\.[a-z]{1,5}\b")
SUBJECT: Final = re.compile(r"\b(?:for|about|of|on|named|called)\s+(?:the\s+)?([^.?!,;\n]{2,80})", re.IGNORECASE)
LONGEST: Final = 200
LONGEST_READ: Final = 4_000
"""How many characters of a prompt are searched: the patterns backtrack, and an agent's prompt may be a megabyte."""


def places(text: str) -> list[str]:
    """Find the names of places in a text.

    Args:
        text: Such as `What is the weather in Paris and New York?`

    Returns:
        Such as `["Paris", "New York"]`.
    """
    found: list[str] = []
    for match in PLACE.finditer(text[:LONGEST_READ]):
        found += [name.strip() for name in re.split(r",|\band\b|\bor\b", match[1]) if name.strip()]
    return list(dict.fromkeys(found))


def _first(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def find(text: str) -> str | None:
        match = pattern.search(text)
        return (match[1] if pattern.groups else match[0]).strip() if match else None

    return find


FINDERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...]] = (
    (re.compile(r"e?mail"), _first(EMAIL)),
    (re.compile(r"ur[li]|link|website"), _first(URL)),
    (re.compile(r"date|day"), _first(DATE)),
    (re.compile(r"path|file|dir"), _first(PATH)),
    (re.compile(r"expr|formula|equation|calculation"), _first(EXPRESSION)),
    (re.compile(r"city|location|place|town|country|destination|origin"), lambda text: next(iter(places(text)), None)),
    (re.compile(r"query|question|text|message|prompt|input|content|body|task"), lambda text: text[:LONGEST]),
)  # fmt: skip
"""Pattern of an argument's name to the finder of its value; the first match counts."""


FORMATS: Final = {"email": EMAIL, "uri": URL, "date": DATE}
"""A schema's `format` to the finder of its value."""


class Hints:
    """The guesses of one prompt.

    Args:
        text: The prompt.
        place: The value of an argument that is a place; the first place of the prompt when omitted.
    """

    def __init__(self, text: str, *, place: str | None = None) -> None:
        self._text = text = text[:LONGEST_READ]
        self._place = place
        self._quoted = [match[1] for match in QUOTED.finditer(text)]
        self._numbers = [float(match[0]) for match in NUMBER.finditer(text)]

    def number(self) -> float | None:
        """Take the next number of the prompt."""
        return self._numbers.pop(0) if self._numbers else None

    def string(self, name: str) -> str | None:
        """Guess a string.

        Args:
            name: The argument's name and description.

        Returns:
            The guess, or None when nothing in the prompt fits.
        """
        for pattern, find in FINDERS[:-1]:
            if pattern.search(name.lower()):
                if "city" in pattern.pattern and self._place:
                    return self._place
                if found := find(self._text):
                    return found
        if self._quoted:
            return self._quoted.pop(0)
        pattern, find = FINDERS[-1]
        if pattern.search(name.lower()):
            return find(self._text)
        return _first(SUBJECT)(self._text)

    def formatted(self, name: str) -> str | None:
        """Find a value of a JSON schema's `format`; None if the prompt has none, or for an unknown format."""
        pattern = FORMATS.get(name)
        return _first(pattern)(self._text) if pattern else None

    def choice(self, options: list[object]) -> object:
        """Return the option that the prompt names, else the first."""
        lowered = self._text.lower()
        return next((option for option in options if str(option).lower() in lowered), options[0])
