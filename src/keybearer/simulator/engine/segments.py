"""The pieces of a prompt: quoted text, paths, commands, and the clauses that each ask for one thing.

Strategy: quoted text is masked by a filler of the same length, so that nothing inside it splits a clause or looks like an order, and
positions in the mask are positions in the prompt. What was pasted (fences, tags, quoted lines) is masked too: it gives no orders.
A path is a whole word of the prompt, never part of one; what cannot be read without doubt is no path.
"""

# ruff: noqa: RUF001  # typographic quotation marks are what people paste

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from keybearer.simulator.core.patterns import lazy

__all__ = ["LONGEST_READ", "Clause", "Span", "excerpt", "is_path", "paths_of", "quotes_of", "split_clauses"]

LONGEST_READ: Final = 4_000
"""How many characters of a prompt are searched: half from its beginning, half from its end."""

FILLER: Final = "\0"
QUOTES: Final = lazy(
    r"`(?P<tick>[^`\n]+)`"
    r"|\"(?P<double>[^\"\n]+)\"|“(?P<curly>[^”\n]+)”"
    r"|(?<![\w'])'(?P<single>(?:[^'\n]|(?<=\w)'(?=\w))+)'(?!\w)|‘(?P<curled>(?:[^’\n]|(?<=\w)’(?=\w))+)’(?!\w)"
)
PASTED: Final = lazy(
    r"```.*?(?:```|\Z)|<(pasted_content|document|file|context)\b.*?(?:</\1>|\Z)|^>.*$", re.DOTALL | re.MULTILINE
)
COLON_COMMAND: Final = lazy(
    r"\b(?:run|execute|(?:bash|shell)(?: tool)?|command)\b(?:(?!\b(?:not|never)\b)[^:\n`'\"\0]){0,60}:[ \t]+(?P<rest>[^\s`'\"“‘].*)$",
    re.IGNORECASE | re.MULTILINE,
)
"""A command after a colon, which ends with its line."""
DOUBTFUL_END: Final = lazy(
    r"[.!?]\s+[A-Z]|[,;.]\s*(?:and\s+)?then\b|\band (?:tell|say|report|show|then)\b|\bthen\b", re.IGNORECASE
)
SAFE_CUTS: Final = ("\n", ". ", "! ", "? ")
WORD: Final = lazy(r"\S+")
PLAIN_PATH: Final = lazy(r"(?:[A-Za-z]:[\\/])?[\w./~+@%=\\-]+")
ENDING: Final = lazy(r"[^/.\\][^/\\]*\.[A-Za-z]\w{0,9}$|(?:^|[/\\])\.\w[\w.-]*$")
BARE_FILES: Final = frozenset({"Makefile", "Dockerfile", "LICENSE", "README", "CHANGELOG", "Procfile", "Justfile"})
ACTIONS: Final = (
    "read|write|run|use|call|invoke|edit|create|save|search|find|fetch|list|show|tell|report|open|execute|delete|remove|append|add|"
    "update|replace|change|modify|insert|overwrite|make|grep|look|check|compute|calculate|multiply|divide|subtract|"
    "summari[sz]e|give|print|copy|move|rename|plan|get|send|put|store|view|cat|load|download|convert|greet"
)


class Span(NamedTuple):
    """A piece of the prompt with its place."""

    text: str
    start: int
    end: int
    mark: str = ""  # of quoted text: `tick`, `double`, `single`, `colon` or ``


class Clause(Struct, frozen=True, dict=True):
    """A part of the prompt that asks for one thing.

    Args:
        text: Its words as they stand.
        masked: The same, quoted text replaced by filler.
        start: Its place in the excerpt.
        rest: From its beginning to the end of its sentence, for a task that is handed on.
        quotes: Its quoted texts, with their places in `text`.
    """

    text: str
    masked: str
    start: int
    rest: str
    quotes: tuple[Span, ...]

    @functools.cached_property
    def paths(self) -> tuple[Span, ...]:
        """The paths that it names, in order."""
        return tuple(paths_of(self.text, self.masked, self.quotes))


@functools.lru_cache(maxsize=8)
def excerpt(text: str) -> str:
    """Return the part of a text that is searched: all of it, or its beginning and its end, cut between sentences."""
    if len(text) <= LONGEST_READ:
        return text
    head, tail = text[: LONGEST_READ // 2], text[-LONGEST_READ // 2 :]
    end = max((head.rfind(mark) + len(mark) for mark in SAFE_CUTS if mark in head), default=0)
    begin = min((tail.find(mark) + len(mark) for mark in SAFE_CUTS if mark in tail), default=len(tail))
    return f"{head[:end]} {FILLER}\n{tail[begin:]}"


def _mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + FILLER * (end - start) + text[end:]
    return text


def _unpaste(text: str) -> str:
    """Replace what was pasted by spaces."""
    return (
        PASTED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
        if re.search(r"```|<|^>", text, re.MULTILINE)
        else text
    )


def quotes_of(text: str) -> list[Span]:
    """Find quoted texts, and commands that stand after a colon.

    Args:
        text: Such as ``run `ls`, or run: ls -l``.

    Returns:
        Each without its quotation marks, in order.
    """
    found = [
        Span(match[match.lastgroup], match.start(), match.end(), match.lastgroup)
        for match in QUOTES.finditer(text)
        if match.lastgroup
    ]
    for match in COLON_COMMAND.finditer(_mask(text, ((span.start, span.end) for span in found))):
        start, end = match.span("rest")
        rest = text[start:end].rstrip()
        if FILLER not in match["rest"][:1] + text[start:end] and not DOUBTFUL_END.search(rest):
            found = [span for span in found if span.end <= start or span.start >= end]
            found.append(Span(rest, start, end, "colon"))
    return sorted(found, key=lambda span: span.start)


def is_path(word: str) -> bool:
    """Return whether a word is a path: it has an ending, begins at a folder, or is a file known by its name."""
    if not PLAIN_PATH.fullmatch(word) or word.strip("./~\\") == "":
        return False
    if word in BARE_FILES or word.startswith(("/", "./", "../", "~/")) or word[1:3] in {":\\", ":/"}:
        return True
    return bool(ENDING.search(word))


def paths_of(text: str, masked: str, quotes: Iterable[Span]) -> list[Span]:
    """Find the paths of a text: plain words, and quoted text that ends like a file.

    Args:
        text: The text.
        masked: The same, quoted text replaced by filler.
        quotes: The quoted texts.

    Returns:
        The paths, in order.
    """
    found = [span for span in quotes if span.mark != "colon" and _is_quoted_path(span.text)]
    for match in WORD.finditer(masked):
        word = match[0]
        lead = len(word) - len(word.lstrip("([{<"))
        word = word.lstrip("([{<").rstrip(".,;:!?)]}>")
        start = match.start() + lead
        if FILLER not in word and is_path(word):
            found.append(Span(text[start : start + len(word)], start, start + len(word)))
    return sorted(found, key=lambda span: span.start)


def _is_quoted_path(text: str) -> bool:
    if is_path(text):
        return True
    return bool(re.fullmatch(r"[\w ./~+@%=()\\-]{1,120}\.[A-Za-z]\w{0,9}", text)) and not text.startswith((" ", "."))


@functools.lru_cache(maxsize=64)
def _boundary(names: tuple[str, ...]) -> re.Pattern[str]:
    tools = "".join(f"|{re.escape(name)}" for name in names)
    return re.compile(
        r"(?P<sentence>(?<=[.!?])\s+|\n+)"
        r"|;\s*|,?\s+(?:and\s+)?then\b,?\s*(?!\s*\0)|,\s*(?:and\s+)?(?:after that|afterwards|next|finally|lastly)\b,?\s*(?!\s*\0)"
        rf"|(?:,\s*(?:and\s+)?|\s+and\s+)(?=(?:{ACTIONS}{tools})\b(?!['’]))",
        re.IGNORECASE,
    )


def split_clauses(text: str, names: Iterable[str] = ()) -> list[Clause]:
    """Split a prompt into clauses.

    Args:
        text: The prompt's words.
        names: The tools' names, which begin clauses as verbs do.

    Returns:
        The clauses, in order.
    """
    text = _unpaste(excerpt(text))
    quotes = quotes_of(text)
    masked = _mask(text, ((span.start, span.end) for span in quotes))
    found = _boundary(tuple(sorted(names))).finditer(masked)
    cuts = [(match.start(), match.end(), match["sentence"] is not None) for match in found]
    cuts = [(0, 0, True), *cuts, (len(text), len(text), True)]
    clauses = []
    for index, (_, start, _) in enumerate(cuts[:-1]):
        end = cuts[index + 1][0]
        stop = next(cut for cut, _, is_end in cuts[index + 1 :] if is_end)
        if not text[start:end].strip():
            continue
        own = tuple(
            Span(span.text, span.start - start, span.end - start, span.mark)
            for span in quotes
            if start <= span.start and span.end <= end
        )
        clauses.append(Clause(text[start:end], masked[start:end], start, text[start:stop].rstrip(), own))
    return clauses
