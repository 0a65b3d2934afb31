"""Finds the tools that a clause of the prompt asks for.

A tool is *named* by `use X`, `the X tool`, or a name of several words as it stands.
It is *meant* when the clause has the words for its subject (`weather` for `get_weather`), begins with its verb (`read a.txt` for
`Read` and `read_file`), or asks for its sum; then it is called if the clause gives what it needs.
Nothing is called for a clause that says not to.
"""

# ruff: noqa: RUF001  # typographic signs are what people paste

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.effects import LEAD, effect_of
from keybearer.simulator.engine.roles import about_words, name_words, short_name
from keybearer.simulator.engine.segments import Clause

__all__ = ["Mention", "how_wanted"]

Mention = Literal["named", "subject", "verb", "sum", ""]

FAMILIES: Final = {
    "read": "read|open|show|view|cat|look at|print|load",
    "write": "write|create|save|put|store|make",
    "edit": "edit|replace|change|modify|update|substitute",
    "run": "run|execute",
    "search": "search|grep|look for",
    "find": "find|list|locate",
    "fetch": "fetch|get|download|retrieve|open|load",
    "delete": "delete|remove|erase",
    "list": "list|show",
    "move": "move|rename",
    "copy": "copy|duplicate",
    "greet": "greet|welcome|say hello to",
    "send": "send",
}
"""A tool's verb to the words that ask for it."""
VERB_OF: Final = {
    "Bash": "run",
    "Glob": "find",
    "Grep": "search",
    "WebFetch": "fetch",
    "MultiEdit": "edit",
    "create_file": "write",
    "shell": "run",
}
"""Tools whose names do not say their verb."""
FORBIDDEN: Final = lazy(
    r"\b(?:do not|don['’]t|never|not to|without|instead of|rather than|"
    r"avoid|must not|mustn['’]t|should not|shouldn['’]t|no need to|need not)\b",
    re.IGNORECASE,
)
OPERATIONS: Final[tuple[tuple[re.Pattern[str], frozenset[str]], ...]] = tuple(
    (lazy(pattern, re.IGNORECASE), frozenset(names.split()))
    for pattern, names in (
        (r"\d\s*\+\s*\d|\bplus\b|\badd(?:ed)?\b|\bsum\b|\btotal of\b", "add sum plus addition"),
        (r"\d\s*[*×x]\s*\d|\btimes\b|\bmultipl\w+|\bproduct of\b", "multiply times product multiplication mul"),
        (r"\d\s*[/÷]\s*\d|\bdivided?\b|\bquotient\b", "divide division quotient div"),  # the sign is meant
        (
            r"\d\s+[-−]\s*\d|\bminus\b|\bsubtract\w*|\bdifference (?:of|between)\b",
            "subtract minus subtraction sub difference",
        ),
        (r"\bsquare root\b|\bsqrt\b", "sqrt root"),
        (r"\d\s*(?:\*\*|\^)\s*\d|\bto the power\b|\bsquared\b|\bcubed\b", "power pow exponent"),
    )
)
"""What asks for a sum, and the words by which a tool for it is named."""


def how_wanted(tool: Mapping[str, Any], clause: Clause) -> Mention:
    """Return how a clause asks for a tool.

    Args:
        tool: The tool; of one that is not loaded yet, its name alone.
        clause: The clause.

    Returns:
        The way, the surest first; empty if it does not.
    """
    name = str(tool.get("name", ""))
    if not name:
        return ""
    found = _how(tool, name, clause)
    return "" if found and _is_forbidden(name, clause) else found


def _how(tool: Mapping[str, Any], name: str, clause: Clause) -> Mention:
    own, text = short_name(name), clause.text
    if _is_named(name, clause) or (own != name and _is_named(own, clause)):
        return "named"
    words = name_words(own)
    verb = VERB_OF.get(own) or next((word for word in words if word in FAMILIES), None)
    asked = re.match(rf"^\s*(?:\d+[.)]\s*|[-*]\s+)?{LEAD}(?P<verb>[a-z]+)", clause.masked, re.IGNORECASE)
    if verb and re.match(rf"^\s*(?:\d+[.)]\s*|[-*]\s+)?{LEAD}(?:{FAMILIES[verb]})\b", clause.masked, re.IGNORECASE):
        return "verb"
    if len(words) == 1 and asked and asked["verb"].lower() == words[0]:
        return "verb"
    if any(pattern.search(text) and names & set(words) for pattern, names in OPERATIONS):
        return "sum"
    about = about_words(name)
    spoken = set(re.findall(r"[a-z0-9]+", clause.masked.lower()))
    if (
        about
        and all(word in spoken or word + "s" in spoken for word in about)
        and (len(words) > 1 or effect_of(tool) == "none")
    ):
        return "subject"
    return ""


def _is_named(name: str, clause: Clause) -> bool:
    quoted = re.escape(name)
    several = len(name_words(name)) > 1
    flags = re.NOFLAG if name != name.lower() and not several else re.IGNORECASE
    if re.search(
        rf"(?:\b(?i:use|call|run|invoke|using|with|via)\s+(?i:the\s+)?[`'\"]?{quoted}\b(?!\.\w)|`{quoted}`|\b{quoted}\s+(?i:tool)\b)",
        clause.text,
        flags,
    ):
        return True
    return several and re.search(rf"(?<![\w/.-]){quoted}(?![\w/]|\.\w)", clause.text) is not None


def _is_forbidden(name: str, clause: Clause) -> bool:
    """Return whether the clause says not to, before the tool's name or its own verb."""
    match = FORBIDDEN.search(clause.masked)
    if match is None:
        return False
    at = clause.text.find(name)
    return match.start() <= (at if at >= 0 else len(clause.text))
