"""Text from elsewhere, made fit for an error message: the one place that does it.

Strategy: what a service, a proxy or a library says goes through `foreign` wherever it enters a message. A message is printed
and logged by people who did not think of escape sequences, and by terminals that obey them.

Contract: one line of printable text, at most `most` characters and a note of what was cut; no key of Anthropic's form, and no user
name or password of a URL.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["foreign", "without_password"]

MOST: Final = 1000
"""How much of a text is shown, in characters."""

_KEY: Final = re.compile(r"sk-ant-[\w-]{8,}", re.ASCII)
_USER: Final = re.compile(r"(?<=://)[^\s/]*@")


def foreign(text: str, most: int = MOST) -> str:
    """Return a text as it may be shown.

    Args:
        text: The text.
        most: How many characters of it are shown at the most.
    """
    whole, text = len(text), " ".join(text[: 2 * most].split())
    if not text.isprintable():
        text = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    if "@" in text or "sk-ant-" in text:
        text = without_password(_KEY.sub("sk-ant-***", text))
    if len(text) <= most and whole <= 2 * most:
        return text
    return f"{text[:most]}... (cut: it has {whole:,} characters)"


def without_password(text: str) -> str:
    """Return a text whose URLs name no user and no password."""
    return _USER.sub("***@", text)
