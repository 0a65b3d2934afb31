r"""The readable part of JSON text that has not come whole: a tool's input while it streams.

Strategy: a stack machine over the text, fed piece by piece: each character is looked at once, however often `value` is asked
for, so a snapshot after every delta costs what the new text costs. The value is live: the same containers, growing.

    value ─{─▶ first_key ─"k"─▶ colon ─:─▶ value ─...─▶ after ─,─▶ key | value
          ─[─▶ first_item ─...─▶ after ─] or }─▶ after (of the outer container) or done

Contract: `value` is what came of the input: strings as far as they came, numbers and literals once they ended, a key once its
value began. Text that is not JSON makes `broken` true, and `value` stays at what was readable.

Limits: nesting of 512 levels. A look at `value` inside a long string copies that string once, for it is a new `str`; its
pieces are not joined again, nor its text looked through.
"""

from __future__ import annotations

import re
from typing import Any, Final

from keybearer.types.helper_events import InputJsonEvent
from keybearer.wire.json import loads

__all__ = ["PartialInput", "PartialJSON", "join_surrogates"]

MAX_DEPTH: Final = 512
_RUN: Final = re.compile(r'[^"\\\x00-\x1f]+')
_LITERAL: Final = re.compile(r"[-+.0-9a-zA-Z]+")
_HALF: Final = re.compile("[\ud800-\udfff]")
_SPACE: Final = re.compile(r"[ \t\n\r]+")
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def join_surrogates(text: str) -> str:
    """Join the halves of characters outside the BMP that were escaped apart; a half without its other stays."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def _fold(pieces: list[str]) -> str:
    """Join the pieces of a string into the first of them, which holds what was joined before, and return it."""
    if len(pieces) > 1:
        more = "".join(pieces[1:])
        whole = pieces[0] + more
        # Halves of a character are only joined where the new text has one; they may belong to the end of the old.
        pieces[:] = [join_surrogates(whole) if _has_half(more) else whole]
    return pieces[0]


def _has_half(text: str) -> bool:
    return not text.isascii() and _HALF.search(text) is not None


class PartialJSON:
    """Read JSON text that is still coming.

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
        self._root: list[Any] = []  # holds the value once it begins
        self._stack: list[tuple[Any, str | None]] = []  # (container, the key its next value gets)
        self._state = "value"
        self._string: list[str] | None = None  # the string that is open: what was joined, then the pieces since
        self._string_slot = False  # whether that string already stands in its container
        self._escape = ""
        self._literal = ""
        self._fed = 0

    @property
    def value(self) -> Any:
        """What came so far; None before anything did."""
        if self._string is not None and self._state != "in_key":
            self._put(_fold(self._string), again=self._string_slot)
            self._string_slot = True
        return self._root[0] if self._root else None

    def feed_pieces(self, pieces: list[str]) -> None:
        """Feed what is new in a list that only grows."""
        if self._fed < len(pieces):
            self.feed("".join(pieces[self._fed :]))
            self._fed = len(pieces)

    def feed(self, text: str) -> None:
        """Take more of the text."""
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
        """Put a value where the next one goes; `again` replaces the one that was put there last."""
        container, key = self._stack[-1] if self._stack else (self._root, None)
        if isinstance(container, dict):
            container[key] = value
        elif again:
            container[-1] = value
        else:
            container.append(value)


class PartialInput:
    """A tool's input while it streams.

    Args:
        pieces: The pieces of its JSON text; the list may grow.
    """

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._reader: PartialJSON | None = None

    def value(self, count: int | None = None) -> Any:
        """Return the input as far as it can be read from the first `count` pieces; from all of them when omitted."""
        if count is not None and count < len(self._pieces):
            reader = PartialJSON()
            reader.feed("".join(self._pieces[:count]))
            return reader.value
        if self._reader is None:
            self._reader = PartialJSON()
        self._reader.feed_pieces(self._pieces)
        return self._reader.value

    def event(self, pieces: list[str], count: int, piece: str) -> InputJsonEvent:
        """Return the helper event of a piece."""
        return InputJsonEvent(pieces, count, piece, self.value)
