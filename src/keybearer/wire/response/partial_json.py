r"""Parses incomplete JSON text: a tool's input, or a structured answer, while it streams.

Strategy: a stack machine that is fed piece by piece. It visits each character once, however often `value` is read, so a snapshot after
every delta costs as much as the new text. The value is live: its containers grow in place.

    value ─{─▶ first_key ─"k"─▶ colon ─:─▶ value ─...─▶ after ─,─▶ key | value
          ─[─▶ first_item ─...─▶ after ─] or }─▶ after (of the outer container) or done

Contract: `value` has strings as far as they came, numbers and literals once they have ended, and a key once its value has begun. Text
that is not JSON makes `broken` true, and `value` stays as it was before it.

Limits: 512 levels of nesting. Reading `value` inside a long string copies that string once; its earlier pieces are not joined again.
"""

from __future__ import annotations

import re
from typing import Any, Final

from keybearer.types.helper_events import InputJsonEvent
from keybearer.wire.json import loads

__all__ = ["PartialJSON", "Pieces", "join_surrogates"]

MAX_DEPTH: Final = 512
_RUN: Final = re.compile(r'[^"\\\x00-\x1f]+')
_LITERAL: Final = re.compile(r"[-+.0-9a-zA-Z]+")
_HALF: Final = re.compile("[\ud800-\udfff]")
_SPACE: Final = re.compile(r"[ \t\n\r]+")
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def join_surrogates(text: str) -> str:
    """Join surrogate pairs that were escaped in two pieces; a lone surrogate stays."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def _fold(pieces: list[str]) -> str:
    """Join the pieces of a string into the first one, which has those joined before; return it."""
    if len(pieces) > 1:
        more = "".join(pieces[1:])
        whole = pieces[0] + more
        # Only if the new text has a surrogate is there a pair to join; its first half may end the old text.
        pieces[:] = [join_surrogates(whole) if _has_half(more) else whole]
    return pieces[0]


def _has_half(text: str) -> bool:
    return not text.isascii() and _HALF.search(text) is not None


class PartialJSON:
    """Parse JSON text that is still coming.

    Example:
        >>> reader = PartialJSON()
        >>> reader.feed('{"city": "Par')
        >>> reader.value
        {'city': 'Par'}

    Attributes:
        broken: Whether the text cannot be the start of JSON.
    """

    def __init__(self) -> None:
        self.broken = False
        self._root: list[Any] = []  # the value, once it has begun
        self._stack: list[tuple[Any, str | None]] = []  # (container, the key its next value gets)
        self._state = "value"
        self._string: list[str] | None = None  # the string that is open: what was joined, then the pieces since
        self._string_slot = False  # whether that string already stands in its container
        self._escape = ""
        self._literal = ""
        self._fed = 0

    @property
    def value(self) -> Any:
        """The value so far; None before it begins."""
        if self._string is not None and self._state != "in_key":
            self._put(_fold(self._string), again=self._string_slot)
            self._string_slot = True
        return self._root[0] if self._root else None

    def feed_pieces(self, pieces: list[str]) -> None:
        """Feed the pieces that were added to a list since the last call."""
        if self._fed < len(pieces):
            self.feed("".join(pieces[self._fed :]))
            self._fed = len(pieces)

    def feed(self, text: str) -> None:
        """Feed more of the text."""
        at, end = 0, len(text)
        while at < end and not self.broken:
            at = self._between(text, at) if self._string is None else self._in_string(text, at, self._string)

    def _in_string(self, text: str, at: int, pieces: list[str]) -> int:
        if self._escape:
            return self._in_escape(text, at, pieces)
        if run := _RUN.match(text, at):
            pieces.append(run[0])
            return run.end()
        if text[at] == "\\":
            self._escape = "\\"
        elif text[at] == '"':
            self._end_string(_fold(pieces))
        else:
            self.broken = True
        return at + 1

    def _in_escape(self, text: str, at: int, pieces: list[str]) -> int:
        self._escape += text[at]
        kind = self._escape[1]
        if kind != "u":
            if kind in _ESCAPES:
                pieces.append(_ESCAPES[kind])
            else:
                self.broken = True
            self._escape = ""
        elif len(self._escape) == len("\\uXXXX"):
            try:
                pieces.append(chr(int(self._escape.removeprefix("\\u"), 16)))
            except ValueError:
                self.broken = True
            self._escape = ""
        return at + 1

    def _end_string(self, string: str) -> None:
        in_key, again = self._state == "in_key", self._string_slot
        self._string, self._string_slot = None, False
        if in_key:
            self._stack[-1] = (self._stack[-1][0], string)
            self._state = "colon"
        else:
            self._put(string, again=again)
            self._after_value()

    def _between(self, text: str, at: int) -> int:
        if literal := _LITERAL.match(text, at):
            if self._state not in {"value", "first_item"}:
                self.broken = True
            self._literal += literal[0]
            return literal.end()
        if self._literal and not self._end_literal():
            return at
        if space := _SPACE.match(text, at):
            return space.end()
        self._structure(text[at])
        return at + 1

    def _end_literal(self) -> bool:
        try:
            self._put(loads(self._literal))
        except ValueError:
            self.broken = True
            return False
        self._literal = ""
        self._after_value()
        return True

    def _structure(self, char: str) -> None:
        state = self._state
        if char == '"' and state in {"value", "first_item", "key", "first_key"}:
            self._string = [""]
            if state in {"key", "first_key"}:
                self._state = "in_key"
        elif char in "{[" and state in {"value", "first_item"} and len(self._stack) < MAX_DEPTH:
            container: Any = {} if char == "{" else []
            self._put(container)
            self._stack.append((container, None))
            self._state = "first_key" if char == "{" else "first_item"
        elif char == ":" and state == "colon":
            self._state = "value"
        elif char == "," and state == "after":
            self._state = "key" if isinstance(self._stack[-1][0], dict) else "value"
        elif self._closes(char, state):
            self._stack.pop()
            self._after_value()
        else:
            self.broken = True

    def _closes(self, char: str, state: str) -> bool:
        if not self._stack or state not in {"after", "first_key" if char == "}" else "first_item"}:
            return False
        return isinstance(self._stack[-1][0], dict if char == "}" else list) and char in "}]"

    def _after_value(self) -> None:
        self._state = "after" if self._stack else "done"

    def _put(self, value: Any, *, again: bool = False) -> None:
        """Add a value to the innermost container; `again` replaces the last one added."""
        container, key = self._stack[-1] if self._stack else (self._root, None)
        if isinstance(container, dict):
            container[key] = value
        elif again:
            container[-1] = value
        else:
            container.append(value)


class Pieces(list[str]):
    """The pieces of a block's text, which may be JSON: a tool's input, or a structured answer."""

    __slots__ = ("_reader",)

    _reader: PartialJSON | None

    def json(self, count: int | None = None) -> Any:
        """Return the JSON value so far, decoded from the first `count` pieces, or from all when omitted; None before it begins."""
        if count is not None and count < len(self):
            reader = PartialJSON()
            reader.feed("".join(self[:count]))
            return reader.value
        found = getattr(self, "_reader", None)
        if found is None:
            found = self._reader = PartialJSON()
        found.feed_pieces(self)
        return found.value

    def event(self, pieces: list[str], count: int, piece: str) -> InputJsonEvent:
        """Return the helper event of a piece of a tool's input."""
        return InputJsonEvent(pieces, count, piece, self.json)

    def __reduce__(self) -> tuple[Any, ...]:
        return Pieces, (list(self),)
