"""Chooses values of a prompt for a tool's arguments and for structured outputs.

A value is *offered* when the prompt labels it (`limit: 5`, `age is 30`), or has one of the kind that the argument's name asks for.
Required arguments also get guesses: the next quoted text, the next number, a value of an earlier result, the subject.
Values are used up in order, so two numbers become two different arguments. Every choice depends only on the texts and the argument.
"""

# ruff: noqa: RUF001  # typographic quotation marks are what people paste

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.segments import excerpt, quotes_of
from keybearer.simulator.engine.values import (
    FINDERS,
    FORMATS,
    NUMBER_WORDS,
    SUBJECT,
    kind_of,
    numbers_in,
    places,
    topic,
)

__all__ = ["Hints", "places"]

LONGEST: Final = 200
WORDY: Final = lazy(
    r"\b(?:text|message|prompt|input|content|contents|body|task|question|query|code|answer|note|advice|title|subject|summary)\b"
)
"""Names of arguments that take free text."""
FIND: Final = {kind: find for kind, _, find in FINDERS}
LABELLED: Final = r"(?:\s*[=:]\s*|\s+(?:is|are|of|as|called|named|to|be)\s+|\s+)"
NEGATIVE: Final = lazy(
    r"\b(?:no|not|n't|never|none|false|los(?:e|er|es|ing|t)|fail(?:s|ed|ure)?|errors?|denied|invalid|refused|wrong|without|cannot)\b|n't\b",
    re.IGNORECASE,
)
PIECES: Final = lazy(r"\s+(?:and|und|as well as)\s+|[;\n]+|,\s+(?=[A-Z])|(?<=[.!?])\s+")


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


class Hints:
    """The values of one text.

    Args:
        text: The prompt, or the clause that asks for a call.
        chosen: Values by kind that go before the text's own: `{"place": "Oslo"}`.
        results: What earlier tools gave, as JSON objects, the latest first.
        answer: The answer in words, for an argument that takes free text.
        hidden: Words that are no values, such as the name of the tool.
        verdict: The text whose tone decides a flag that the text does not speak of.
    """

    def __init__(
        self,
        text: str,
        *,
        chosen: Mapping[str, str] | None = None,
        results: Sequence[Mapping[str, Any]] = (),
        answer: str | None = None,
        hidden: frozenset[str] = frozenset(),
        verdict: str | None = None,
    ) -> None:
        self.text = text = excerpt(text)
        self.chosen = dict(chosen or {})
        self.results = results
        self.answer = answer
        self.hidden = hidden
        self.verdict = verdict
        self._quoted = [span.text for span in quotes_of(text) if span.text not in self.chosen.values()]
        self._numbers = numbers_in(text)
        self._used: set[str] = set()

    def pieces(self) -> Iterator[Hints]:
        """Yield the hints of each part of an enumeration (`John is 25 and Mary is 30`), if there are parts; then of the whole."""
        parts = [part for part in PIECES.split(self.text) if part.strip()]
        if len(parts) > 1:
            for part in parts:
                yield Hints(part, answer=self.answer, hidden=self.hidden)
        yield Hints(self.text, answer=self.answer, hidden=self.hidden)

    def offers(self, schema: Mapping[str, Any], name: str) -> bool:
        """Return whether the text gives a value for an argument, not only a guess.

        Args:
            schema: The argument's schema, without references.
            name: Its name.
        """
        kind = schema.get("type")
        if "const" in schema:
            return False
        if schema.get("enum"):
            return self._named_option(schema["enum"], schema) is not None
        if kind == "boolean":
            return self._spoken(name) is not None
        if kind in ("integer", "number"):  # a type may be a list
            return self._labelled_number(name) is not None or self._result(name) is not None
        if kind == "string":
            return self._offered_string(name, schema) is not None
        return False

    def number(self, name: str = "") -> float | None:
        """Take the number that the text labels so, else the next one, else an earlier result's."""
        labelled = self._labelled_number(name) if name else None
        if labelled is not None:
            if labelled in self._numbers:
                self._numbers.remove(labelled)
            return labelled
        if self._numbers and not (name and self._result(name) is not None):
            return self._numbers.pop(0)
        result = self._result(name)
        return float(result) if isinstance(result, int | float) and not isinstance(result, bool) else None

    def string(self, name: str, schema: Mapping[str, Any] | None = None) -> str | None:
        """Choose a string.

        Args:
            name: The argument's name.
            schema: Its schema, whose description helps where the name says nothing.

        Returns:
            The value, or None when nothing fits.
        """
        found = self._offered_string(name, schema or {})
        if found is None:
            found = self._guess(name)
        if found is not None:
            self._used.add(found)
            if found in self._quoted:
                self._quoted.remove(found)
        return found

    def boolean(self, name: str) -> bool | None:
        """Return whether the text says yes to a flag's name; else whether the verdict is good; None if neither is known."""
        spoken = self._spoken(name)
        if spoken is None and self.verdict is not None:
            return not NEGATIVE.search(self.verdict)
        return spoken

    def formatted(self, name: str) -> str | None:
        """Find a value of a JSON schema's `format`; None if the text has none, or for an unknown format."""
        pattern = FORMATS.get(name)
        match = pattern.search(self.text) if pattern else None
        return match[0] if match else None

    def choice(self, options: list[object], schema: Mapping[str, Any] | None = None) -> object:
        """Return the option that the text names, else the first."""
        named = self._named_option(options, schema or {})
        return options[0] if named is None else named

    def strings(self, name: str) -> list[str]:
        """List all values for the items of a list: those of its kind, else all quoted texts."""
        kind = kind_of(name)
        found = FIND[kind](self.text) if kind else []
        return found or list(self._quoted)

    def has_quotes(self, least: int) -> bool:
        """Return whether so many quoted texts are left."""
        return len(self._quoted) >= least

    def quoted(self) -> str | None:
        """Take the next quoted text."""
        return self._quoted.pop(0) if self._quoted else None

    def has_numbers(self, least: int) -> bool:
        """Return whether so many numbers are left."""
        return len(self._numbers) >= least

    def rest_of_numbers(self) -> list[float]:
        """Take all numbers that are left."""
        taken, self._numbers = self._numbers, []
        return taken

    def _result(self, name: str) -> Any:
        """Return the value of that name in the latest result that has it."""
        for result in self.results:
            if name in result and isinstance(result[name], str | int | float):
                return result[name]
        return None

    def _named_option(self, options: Sequence[object], schema: Mapping[str, Any]) -> object | None:
        """Return the option that the text says, in its own word or in the word that the description has for it."""
        spoken = [option for option in options if isinstance(option, str | int | float) and self._says(str(option))]
        if spoken:
            return max(spoken, key=lambda option: len(str(option)))
        described = str(schema.get("description", ""))
        for option in options:
            match = re.search(rf"['\"`]{re.escape(str(option))}['\"`]\s+(?:for|means|is|=)\s+(\w+)", described)
            if match and self._says(match[1]):
                return option
        return None

    def _says(self, word: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self.text, re.IGNORECASE) is not None

    def _spoken(self, name: str) -> bool | None:
        words = [
            word for word in _spaced(name).split() if word not in {"is", "has", "the", "in", "use", "should", "include"}
        ]
        if not words or not all(self._says(word) for word in words):
            return None
        negated = re.search(
            rf"\b(?:no|not|without|don't|never)\s+(?:\w+\s+)?{re.escape(words[0])}\b", self.text, re.IGNORECASE
        )
        value = re.search(
            rf"\b{re.escape(words[-1])}\W+(?:is\s+|to\s+)?(true|false|yes|no|on|off)\b", self.text, re.IGNORECASE
        )
        return value[1].lower() in {"true", "yes", "on"} if value else not negated

    def _labelled_number(self, name: str) -> float | None:
        label = re.escape(_spaced(name))
        match = re.search(rf"\b{label}{LABELLED}(-?\d+(?:\.\d+)?|\w+)\b", self.text, re.IGNORECASE)
        if match is None and name != _spaced(name):
            match = re.search(rf"\b{re.escape(name)}{LABELLED}(-?\d+(?:\.\d+)?)\b", self.text)
        if match is None:
            return None
        if re.fullmatch(r"-?[\d.]+", match[1]):
            return float(match[1])
        return float(NUMBER_WORDS[match[1].lower()]) if match[1].lower() in NUMBER_WORDS else None

    def _labelled(self, name: str) -> str | None:
        """Return the text after an argument's name: quoted, after `=` or `:`, or a name after `is`."""
        for label in dict.fromkeys((re.escape(name), re.escape(_spaced(name)))):
            head = rf"(?<![\w-]){label}"
            for pattern in (
                rf"{head}{LABELLED}(?=[`\"“'‘])",
                rf"{head}\s*[=:]\s*(?=\S)",
                rf"{head}\s+(?:is|called|named|of|as)\s+(?=[A-Z])",
            ):
                match = re.search(pattern, self.text, re.IGNORECASE if "A-Z" not in pattern else 0)
                if match is None or (len(name) < 2 and "[=:]" not in pattern):
                    continue
                tail = self.text[match.end() :]
                quoted = next((span for span in quotes_of(tail) if span.start == 0), None)
                if quoted:
                    return quoted.text
                plain = re.match(
                    r"[^,;\n]+?(?=\s+and\s|[.!?]?(?:\s|$)|[,;\n])"
                    if "=" in pattern
                    else r"[A-Z][\w'-]*(?: [A-Z][\w'-]*)*",
                    tail,
                )
                if plain:
                    return plain[0].strip()
        return None

    def _offered_string(self, name: str, schema: Mapping[str, Any]) -> str | None:
        if (labelled := self._labelled(name)) is not None:
            return labelled
        kind = kind_of(name) or (
            None if WORDY.search(_spaced(name)) else kind_of(str(schema.get("description", ""))[:80])
        )
        if kind is None:
            return None
        if kind in self.chosen:
            return self.chosen[kind]
        if kind == "name":
            quoted = [each for each in self._quoted if each not in self._used]
            if quoted:
                return quoted[0]
        found = [each for each in FIND[kind](self.text) if each not in self._used and each.lower() not in self.hidden]
        return found[0] if found else None

    def _guess(self, name: str) -> str | None:
        spaced = _spaced(name)
        quoted = [each for each in self._quoted if each not in self._used]
        result = self._result(name)
        steps: tuple[Callable[[], str | None], ...] = (
            lambda: quoted[0] if quoted else None,
            lambda: str(result) if result is not None else None,
            lambda: (
                self.answer
                if self.answer and (WORDY.search(spaced) or "response" in spaced or "result" in spaced)
                else None
            ),
            lambda: self._topic() if re.search(r"\b(?:name|title|topic|subject)\b", spaced) else None,
            lambda: self.text[:LONGEST].strip() if WORDY.search(spaced) else None,
            lambda: match[1].strip() if (match := SUBJECT.search(self.text)) else None,
            lambda: self.answer,
        )
        return next((found for step in steps if (found := step())), None)

    def _topic(self) -> str | None:
        found = topic(self.text)
        return found[0].upper() + found[1:] if found else None
