"""Answers in text: a table of functions, of which the first that applies gives the answer.

Each is a pure function of the prompt that returns text or None. They make a demonstration readable, and let a test ask
for exactly the text, length or number it needs. None of them is clever.
"""

# ruff: noqa: RUF001  # the multiplication sign and quotation marks are meant

from __future__ import annotations

import ast
import base64
import binascii
import operator
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.prompt import Prompt, ToolOutcome
from keybearer.simulator.engine.roles import is_final, is_search
from keybearer.simulator.engine.segments import LONGEST_READ, excerpt
from keybearer.simulator.service.images import read_image
from keybearer.simulator.service.pdf import pdf_pages

__all__ = ["best_sentence", "document_text", "say", "sentences", "work_of"]

LONGEST_ECHO: Final = 400
LONGEST_COUNT: Final = 100_000
LONGEST_ABOUT: Final = 60
MOST_OUTCOMES: Final = 20
"""How many results an answer goes through, the latest."""
LONG_CONTEXT: Final = 400
LONG_TEXT: Final = 8_000
"""From this length on, a text is searched around the question's words only."""
MOST_OCCURRENCES: Final = 20
LONGEST_SENTENCE: Final = 1_000
SENTENCE_ENDS: Final = ("\n", ". ", "! ", "? ")
SHORT: Final = 200
"""The most characters of a greeting or a sum."""
COMMON_WORDS: Final = (
    "the a an and or of to in is are was were be it this that what which who how why when where does do did for on "
    "with as at by from me my you your about tell say says please can could would i we they there here text document "
    "name give"
)
COMMON: Final = frozenset(COMMON_WORDS.split())
STORY: Final = (
    "The lighthouse keeper trimmed the lamp and counted the ships as they went by in the dark, each one a small light "
    "with somewhere to be. In the morning the harbour was quiet and the gulls had the day to themselves."
)
FILLER: Final = STORY.split()


def sentences(text: str) -> list[str]:
    """Split a text into sentences and lines."""
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", text) if part.strip()]


def _keywords(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if word not in COMMON and len(word) > 1}


def _near(text: str, words: set[str]) -> list[str]:
    """Return the sentences of a long text around the first occurrences of some words, in its order."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter whose small form is longer
        return sentences(text)
    found: dict[int, str] = {}
    for word in words:
        at = lowered.find(word)
        for _ in range(MOST_OCCURRENCES):
            if at < 0:
                break
            start = max(text.rfind(mark, max(0, at - LONGEST_SENTENCE), at) + len(mark) for mark in SENTENCE_ENDS)
            ends = [end for mark in SENTENCE_ENDS if (end := text.find(mark, at, at + LONGEST_SENTENCE)) >= 0]
            end = min(ends) + 1 if ends else at + LONGEST_SENTENCE
            found[start] = text[start:end].strip()
            at = lowered.find(word, max(end, at + 1))
    return [found[start] for start in sorted(found)]


def best_sentence(text: str, question: str) -> str | None:
    """Return the first sentence that shares the most words with a question; None if none shares any."""
    wanted = _keywords(excerpt(question))
    candidates = sentences(text) if len(text) < LONG_TEXT else _near(text, wanted)
    best = max(candidates, key=lambda sentence: len(wanted & _keywords(sentence)), default=None)
    return best if best is not None and wanted & _keywords(best) else None


def _quote(text: str, longest: int = LONGEST_ECHO) -> str:
    text = text[: 2 * longest]
    text = " ".join(text.split())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def _outcome(outcome: ToolOutcome) -> str:
    given = [" ".join(str(value).split()) for value in outcome.input.values() if isinstance(value, str | int | float)]
    about = ", ".join([value for value in given if len(value) <= LONGEST_ABOUT] or given[:1])
    result = _quote(outcome.text, 2_000) or "nothing"
    ending = "" if result.endswith((".", "!", "?", "…")) else "."
    if outcome.is_error:
        return f"{outcome.name} could not help{f' with {_quote(about, 80)}' if about else ''}: {result}{ending}"
    return f"I asked {outcome.name}{f' about {_quote(about, 80)}' if about else ''}, and it says: {result}{ending}"


def work_of(prompt: Prompt) -> list[ToolOutcome]:
    """Return the results of the work: not of searches for tools, nor of the tools that end it."""
    found = [outcome for outcome in prompt.done if not is_search(outcome.name) and not is_final(outcome.name)]
    return (found or prompt.done)[-MOST_OUTCOMES:]


def _from_tools(prompt: Prompt) -> str | None:
    return " ".join(map(_outcome, work_of(prompt))) if prompt.outcomes else None


EXACTLY: Final = tuple(
    lazy(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:reply|respond|answer)\s+(?:with\s+)?(?:exactly|only|just)(?:\s+with)?\s*:?\s*(?=\S)",
        r"\brepeat after me:?\s*(?=\S)",
    )
)
"""What the rest of the prompt is to be repeated after."""
SAYING: Final = lazy(r"\bsay\s+[\"“'](.+?)[\"”'](?!\w)", re.IGNORECASE | re.DOTALL)


def _windows(text: str) -> list[tuple[int, int]]:
    """Return the parts of a text that are searched: the beginning and the end of a long one."""
    half = LONGEST_READ // 2
    return [(0, len(text))] if len(text) <= LONGEST_READ else [(0, half), (len(text) - half, len(text))]


def _has(prompt: Prompt, *words: str) -> bool:
    """Return whether the searched part of a prompt has any of some words, in small letters: quicker than a pattern."""
    text = prompt.small_letters
    for word in words:  # noqa: SIM110  # half the time of `any`
        if word in text:
            return True
    return False


def _exactly(prompt: Prompt) -> str | None:
    if not _has(prompt, "exactly", "only", "just", "repeat after", "say"):
        return None
    for start, end in _windows(prompt.text):
        ends = [match.end() for pattern in EXACTLY if (match := pattern.search(prompt.text, start, end))]
        found = [prompt.text[at:] for at in ends]
        found += [match[1] for match in [SAYING.search(prompt.text, start, end)] if match]
        if said := next(filter(None, (each.strip().strip("\"“”'") for each in found)), None):
            return said
    return None


def _count(prompt: Prompt) -> str | None:
    if not _has(prompt, "count"):
        return None
    match = re.search(r"\bcount\s+(?:from\s+1\s+)?(?:up\s+)?to\s+(\d{1,6})\b", excerpt(prompt.text), re.IGNORECASE)
    return " ".join(str(number + 1) for number in range(min(int(match[1]), LONGEST_COUNT))) if match else None


def _words(prompt: Prompt) -> str | None:
    if not _has(prompt, "words"):
        return None
    match = re.search(
        r"\bwrite\s+(?:me\s+)?(?:about\s+|exactly\s+)?(\d{1,6})\s+words\b", excerpt(prompt.text), re.IGNORECASE
    )
    if not match:
        return None
    return " ".join(FILLER[index % len(FILLER)] for index in range(min(int(match[1]), LONGEST_COUNT)))


OPERATORS: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _evaluate(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_evaluate(left), _evaluate(right))
    raise ValueError("not arithmetic")


def _arithmetic(prompt: Prompt) -> str | None:
    if len(prompt.text) > SHORT:
        return None
    match = re.fullmatch(
        r"(?:what(?:'s| is)|calculate|compute)?\s*([\d\s.()+*/x×÷-]{3,80}?)\s*[=?.]*", prompt.text, re.IGNORECASE
    )
    if not match or not re.search(r"\d\s*[+*/x×÷-]\s*[\d(-]", match[1]):
        return None
    sum_ = match[1].strip()
    try:
        value = _evaluate(ast.parse(sum_.replace("x", "*").replace("×", "*").replace("÷", "/"), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return f"{sum_} = {int(value) if float(value).is_integer() else round(value, 6)}."


def _summary(prompt: Prompt) -> str | None:
    if not _has(prompt, "summ", "sum up", "tl;dr", "tldr", "in short"):
        return None
    if not re.search(r"\b(?:summari[sz]e|summary|sum up|tl;?dr|in short)\b", excerpt(prompt.text), re.IGNORECASE):
        return None
    asked = re.sub(
        r"^[^\n:.]*\b(?:summari[sz]e|summary|sum up|tl;?dr)\b[^\n:.]*[:.\n]?",
        "",
        prompt.text,
        count=1,
        flags=re.IGNORECASE,
    ).strip()
    text = (
        asked
        if len(asked) > len("it, this, that")
        else "\n".join([prompt.context, *map(document_text, prompt.documents)])
    )
    parts = sentences(text)
    if not parts:
        return None
    weight = Counter(word for part in parts for word in _keywords(part))
    ranked = sorted(parts, key=lambda part: -sum(weight[word] for word in _keywords(part)) / (len(part.split()) + 4))
    chosen = [part for part in parts if part in ranked[:2]]
    return f"In short: {_quote(' '.join(chosen))} ({len(text.split())} words in {len(parts)} sentences.)"


def _image(prompt: Prompt) -> str | None:
    if not prompt.images:
        return None
    described = []
    for block in prompt.images:
        source = block.get("source") or {}
        if source.get("type") != "base64":
            described.append(f"an image by {source.get('type')}, which this simulator does not fetch")
            continue
        try:
            data = base64.b64decode(source.get("data", ""))
        except (binascii.Error, ValueError):
            data = b""
        image = read_image(data)
        kind = image.media_type.removeprefix("image/").upper() if image else "unreadable"
        size = f"{image.width} × {image.height} pixels" if image else "of unknown size"
        described.append(f"a {kind} image, {size} ({len(data):,} bytes)")
    listed = "; ".join(described)
    return f"I see {listed}." if len(described) == 1 else f"I see {len(described)} images: {listed}."


def document_text(block: dict[str, Any]) -> str:
    """Return the plain text of a document or search-result block."""
    source = block.get("source")
    if block.get("type") == "search_result":
        parts = block.get("content")
    elif isinstance(source, dict) and source.get("type") == "text":
        return str(source.get("data", ""))
    elif isinstance(source, dict) and source.get("type") == "base64":
        return "\n".join(pdf_pages(source)).strip()
    else:
        parts = source.get("content") if isinstance(source, dict) else None
    if isinstance(parts, str):
        return parts
    return "\n".join(str(part.get("text", "")) for part in parts or [] if isinstance(part, dict))


def _look_up(prompt: Prompt) -> str | None:
    context = "\n".join([prompt.context, *map(document_text, prompt.documents)])
    if len(context) < LONG_CONTEXT and not prompt.documents:
        return None
    found = best_sentence(context, prompt.text)
    return f"The text says: “{_quote(found)}”" if found else None


GREETING: Final = lazy(
    r"\W*(?:hi|hello|hey|good (?:morning|evening|day)|hello,? (?:world|there|claude))\W*", re.IGNORECASE
)


def _greeting(prompt: Prompt) -> str | None:
    if len(prompt.text) > SHORT:
        return None
    if GREETING.fullmatch(prompt.text):
        return (
            "Hello! I am the keybearer simulator: not a model, but I answer in a model's voice. What can I do for you?"
        )
    return None


def _echo(prompt: Prompt) -> str | None:
    return f"You said: “{_quote(prompt.text)}”" if prompt.text else "You sent no words, so I have none to give back."


RULES: Final[tuple[Callable[[Prompt], str | None], ...]] = (
    _from_tools,
    _exactly,
    _greeting,
    _count,
    _words,
    _arithmetic,
    _image,
    _summary,
    _look_up,
    _echo,
)


def say(prompt: Prompt, notes: Sequence[str] = ()) -> str:
    """Answer in text.

    Args:
        prompt: The prompt.
        notes: Sentences for the end of an answer that says what was done, or that nothing was.

    Returns:
        The text of the first function that applies.
    """
    rule, text = next((rule, text) for rule in RULES if (text := rule(prompt)) is not None)
    return " ".join([text, *notes]) if rule in {_from_tools, _echo} else text
