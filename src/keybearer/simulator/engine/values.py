"""Finds values in a text, by kind: places, names, addresses, numbers, dates, expressions. Each finder lists what it finds, in order.

Finders look at the words only: what a value is for is decided by `hints`.
"""

# ruff: noqa: RUF001  # typographic quotation marks are what people paste

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.segments import quotes_of

__all__ = ["FINDERS", "FORMATS", "address", "kind_of", "names", "numbers_in", "places", "topic"]

PLACE: Final = lazy(
    r"\b(?i:in|for|at|to|near|from|of|about)\s+((?:[A-Z][\w'’-]*|of|de|la|and|or|,|\s)*[A-Z][\w'’-]*)", re.UNICODE
)
LOWER_PLACE: Final = lazy(
    r"\b(?:in|for|at|near)\s+(?!the\b|a\b|an\b|my\b|this\b)([a-z][\w'’-]*(?: (?:[a-z][\w'’-]*))?)"
)
NO_PLACE: Final = lazy(
    r"\s*\b(?:celsius|fahrenheit|kelvin|detail|general|today|tomorrow|tonight|now|right|please|english|and|or|me|it)\b.*"
)
EXPRESSION: Final = lazy(r"[\d(][\d\s.()+*/%^-]*[+*/%^-][\d\s.()+*/%^-]*[\d)]")
EMAIL: Final = lazy(r"[\w.+-]+@[\w-]+\.\w+(?:\.\w+)*")
URL: Final = lazy(r"https?://[^\s\"'<>)`]+[^\s\"'<>)`.,;!?]")
DATE: Final = lazy(r"\d{4}-\d{2}-\d{2}")
IDENTIFIER: Final = lazy(r"#([\w-]+)|\b((?=[\w-]*\d)[A-Za-z]*-?[\w-]*\d[\w-]*)\b")
GLOB: Final = lazy(r"[\w./*-]*\*[\w./*{},-]*")
NUMBER: Final = lazy(r"(?<![\w.,])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w]*\d)")
SUBJECT: Final = lazy(r"\b(?:for|about|of|on|named|called)\s+(?:the\s+)?((?:[^.?!,;\n]|\.(?=\w)){2,80})", re.IGNORECASE)
ADDRESS: Final = lazy(
    r"(\d+[A-Za-z]?\s(?:[A-Z][\w.'-]*\s){1,4}?(?:Street|St|Road|Rd|Avenue|Ave|Lane|Way|Square|Drive|Boulevard|Court)\b\.?|"
    r"[A-Z]\w+(?:straße|strasse|gata|veien|gade)\s\d+\w?)(?:,\s*([A-Z][\w -]*?))?(?:,\s*([A-Z][\w ]*))?(?=[.,;!?\n]|$)"
)
NAME: Final = lazy(r"[A-Z][\w'’-]*(?: (?:(?:van|von|de|of|the) )?[A-Z][\w'’-]*)*")
ORDER_OR_QUESTION: Final = (
    "extract greet describe tell what when where who whom whose why how which is are was were do does did can could would will please "
    "the a an this that these those use call run read write edit create save search find fetch list show give get put send add "
    "calculate compute check look make generate summarise summarize say i i'm my we you your he she it they if and or but then first "
    "next finally new hello hi hey dear mr mrs ms dr plan remember reply answer record register book order invite introduce meet "
    "translate classify analyse analyze parse name user customer input text task question"
)
NO_NAMES: Final = frozenset(ORDER_OR_QUESTION.split())
ORDER: Final = lazy(
    r"^\W*(?:(?:please|can you|could you|i want|i need|new task|task)\b\W*)*(?:to\s+)?"
    r"(?:generate|create|write|make|describe|give me|tell me about|plan|design|show me|suggest|extract|draft|invent|recommend)\s+"
    r"(?:me\s+)?(?:(?:an?|the|some)\s+)?(?P<topic>(?:[^.?!:\n]|\.(?=\w)){2,80})",
    re.IGNORECASE,
)
SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
SMALL_NUMBERS: Final = {word: number for number, word in enumerate(SMALL.split())}
TENS: Final = {
    word: number * 10
    for number, word in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 3)
}
NUMBER_WORDS: Final = {**SMALL_NUMBERS, "twenty": 20, **TENS, "hundred": 100, "thousand": 1000}
WORD_NUMBER: Final = lazy(
    rf"\b(?:(?P<ten>twenty|{'|'.join(TENS)})(?:[- ](?P<one>{'|'.join(list(SMALL_NUMBERS)[1:10])}))?|"
    rf"(?P<word>{'|'.join(NUMBER_WORDS)}))\b",
    re.IGNORECASE,
)
VAGUE: Final = frozenset({"one"})
"""Number words that are oftener something else."""


def places(text: str) -> list[str]:
    """Find the names of places in a text.

    Args:
        text: Such as `What is the weather in Paris and New York?`

    Returns:
        Such as `["Paris", "New York"]`; a word in small letters after `in`, `for`, `at` or `near` when there is no name.
    """
    found: list[str] = []
    for match in PLACE.finditer(text):
        found += [name.strip() for name in re.split(r",|\band\b|\bor\b", match[1]) if name.strip()]
    if not found:
        lower = (NO_PLACE.sub("", match[1]).strip() for match in LOWER_PLACE.finditer(text))
        found = [name for name in lower if name][:1]
    return list(dict.fromkeys(found))


def numbers_in(text: str) -> list[float]:
    """Find the numbers of a text, in digits and in words, in order."""
    found = [(match.start(), float(match[0].replace(",", ""))) for match in NUMBER.finditer(text)]
    for match in WORD_NUMBER.finditer(text):
        if match["ten"]:
            ten = NUMBER_WORDS[match["ten"].lower()]
            found.append((match.start(), float(ten + (NUMBER_WORDS[match["one"].lower()] if match["one"] else 0))))
        elif match["word"].lower() not in VAGUE:
            found.append((match.start(), float(NUMBER_WORDS[match["word"].lower()])))
    return [number for _, number in sorted(found)]


def names(text: str) -> list[str]:
    """Find what has a name: words that begin with a capital and are no order, question or pronoun."""
    found: list[str] = []
    for match in NAME.finditer(text):
        words = match[0].split()
        while words and words[0].lower().removesuffix("'s") in NO_NAMES:
            words.pop(0)
        name = " ".join(words).removesuffix("'s").removesuffix("’s")
        if name and name.lower() not in NO_NAMES:
            found.append(name)
    return list(dict.fromkeys(found))


def address(text: str, part: int) -> list[str]:
    """Find the parts of postal addresses.

    Args:
        text: Such as `12 Main Street, Oslo, Norway`.
        part: 1 is the street, 2 the city, 3 the country.

    Returns:
        That part of each address that has it.
    """
    return [match[part].strip() for match in ADDRESS.finditer(text) if match[part]]


def topic(text: str) -> str | None:
    """Return what an order is about: `lasagna recipe` of the order to generate a lasagna recipe."""
    match = ORDER.match(text)
    return match["topic"].strip().removeprefix("the ") if match else None


def _all(pattern: re.Pattern[str]) -> Callable[[str], list[str]]:
    def find(text: str) -> list[str]:
        return [(match[match.lastindex] if match.lastindex else match[0]).strip() for match in pattern.finditer(text)]

    return find


def _paths(text: str) -> list[str]:
    from keybearer.simulator.engine.segments import split_clauses

    return list(dict.fromkeys(span.text for clause in split_clauses(text) for span in clause.paths))


def _searched(text: str) -> list[str]:
    match = re.search(
        r"\b(?:search|look|google|find|query)\b[^.?!\n]*?\b(?:for|up|about)\s+([^?!\n]{2,200}?)[.?!]*$",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return [quotes_of(match[1])[0].text if quotes_of(match[1]) else match[1].strip()] if match else []


def _cities(text: str) -> list[str]:
    return address(text, 2) or places(text)


FINDERS: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], list[str]]], ...]] = (
    ("command", lazy(r"^(?:commands?|cmds?|script|code|shell command|sql|statement|source code|bash)$"), lambda _: []),
    ("email", lazy(r"e?mail|recipient|^to$"), _all(EMAIL)),
    ("url", lazy(r"\bur[li]\b|link|website|href"), _all(URL)),
    ("date", lazy(r"\bdate\b|\bday\b|deadline"), _all(DATE)),
    ("path", lazy(r"\bpath\b|\bfile\b|filename|\bdir\b|directory|folder"), _paths),
    ("expression", lazy(r"expr|formula|equation|calculation"), _all(EXPRESSION)),
    ("street", lazy(r"street|^address$"), lambda text: address(text, 1)),
    ("country", lazy(r"country"), lambda text: address(text, 3) or places(text)),
    ("place", lazy(r"\bcity\b|location|place|town|destination|origin|\bregion\b"), _cities),
    ("identifier", lazy(r"\bid\b|\bidentifier\b|\b(?:order|ticket|issue|account)\s?(?:number|no)\b|\bsku\b"), _all(IDENTIFIER)),
    ("pattern", lazy(r"\bglob\b|\bpattern\b"), _all(GLOB)),
    ("name", lazy(r"\b(?:name|person|user|customer|author|recipient|who|contact|attendee)\b"), names),
    ("query", lazy(r"\bquery\b|keyword|\bsearch\b|\bterms?\b"), _searched),
)  # fmt: skip
"""A kind of value, the pattern of an argument's name, and the finder of its values; the first match counts.

A command is never found in a text: only what the prompt gives as one is chosen.
"""

FORMATS: Final = {"email": EMAIL, "uri": URL, "date": DATE}
"""A schema's `format` to the pattern of its values."""


def kind_of(name: str) -> str | None:
    """Return the kind of value that an argument of this name takes, if it is known."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").lower()
    return next((kind for kind, pattern, _ in FINDERS if pattern.search(spaced)), None)
