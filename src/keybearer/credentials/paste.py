"""Cleans pasted text, for a setup token, a login's answer and a key.

Strategy: only what surrounds a secret is removed, and invisible characters: byte order marks, characters without a width, the
sequences of a terminal's paste mode, quotes and angle brackets around the whole, and a label before it (`Code: ...`, `export
NAME=...`, `Bearer ...`).

Contract: pure. White space inside is kept: the caller decides about it. The result is not yet known to be a secret of any kind.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["cleaned"]

_UNSEEN: Final = re.compile(
    "\x1b\\[[0-9;?]*[~A-Za-z]|\xef\xbb\xbf|[\x01-\x08\x0e-\x1b\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
"""A terminal's sequences, a byte order mark (also one that was read as Latin-1), and invisible characters."""

_QUOTES: Final = " \t\r\n\v\f\"'`<>\xa0\xab\xbb\u2018\u2019\u201c\u201d"
"""Characters that are never part of a secret."""

_LABEL: Final = re.compile(
    r"(?:(?:export|set)\s+)?[A-Z][A-Z0-9_]{2,}\s*=\s*"  # a variable; only capitals, for `code=` begins a query
    r"|(?i:code|key|token|url|address):(?!//)\s*|[A-Za-z][A-Za-z ]{0,40}:\s+|Bearer\s+",
    re.ASCII,
)


def cleaned(text: str) -> str:
    """Return a paste without what surrounds the secret in it.

    Args:
        text: The paste, with any white space and line ends.
    """
    text = _UNSEEN.sub("", text)
    while True:
        before = text
        text = text.strip(_QUOTES)
        if match := _LABEL.match(text):
            text = text[match.end() :]
        if text == before:
            return text
