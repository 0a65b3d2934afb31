"""Text from elsewhere, such as a model's answer, made harmless for a terminal.

Strategy: no character that a terminal obeys gets through, so no sequence of them does, however it is split over the pieces of a
stream: without its ESC, an OSC 52 is a few odd letters. The only thing to remember between two pieces is a carriage return, which may
be half of a line end.

Contract: what comes out has no control character but newline and tab, no C1 control, no line separator of Unicode's, and none that
changes the direction of the text around it. Each stands there as a visible sign. All other text is as it was: marks that right-to-left
scripts need (U+200E, U+200F, U+061C) and joiners within emoji stay.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["UNSAFE", "HarmlessText", "harmless"]

UNSAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Controls of C0 and C1 but newline and tab; line separators; embeddings, overrides and isolates of a direction."""


def harmless(text: str) -> str:
    """Return a text that cannot steer a terminal: what could is a visible sign, and line ends are newlines."""
    return UNSAFE.sub(_sign, text.replace("\r\n", "\n"))


class HarmlessText:
    """Makes a text harmless that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what is to be printed of a piece; a carriage return at its end waits for the next one."""
        text = self._held + piece
        self._held = "\r" if text.endswith("\r") else ""
        return harmless(text[: len(text) - len(self._held)])

    def end(self) -> str:
        """Return what is left at the end of the text."""
        left, self._held = self._held, ""
        return harmless(left)


def _sign(found: re.Match[str]) -> str:
    """Return the sign of a character: U+241B for ESC, and so on; the code of one that has none."""
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"<{code:02X}>" if code < 0x100 else f"<U+{code:04X}>"
