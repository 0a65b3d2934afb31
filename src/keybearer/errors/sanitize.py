"""Cleans text from outside for error messages; the one place that does it.

Strategy: what a service, a proxy or a library says goes through `sanitize` or `excerpt` before it enters a message. Messages are
printed and logged, and a terminal obeys the escape sequences in them.

Contract: the result is one line of printable text of at most `most` characters, with a note if it was cut. It holds no key of
Anthropic's form, and no user name or password of a URL.
"""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["excerpt", "sanitize", "without_keys", "without_password"]

MOST: Final = 1000
"""How much of a text is shown, in characters."""

_KEY: Final = re.compile(r"sk-ant-[\w-]{8,}", re.ASCII)
_SHORTEST: Final = 8
"""A credential of fewer characters is none, but a word such as `test` that a local gateway takes; it is left in texts."""

_USER: Final = re.compile(r"(?<=://)[^\s/]*@")


def sanitize(text: str, most: int = MOST) -> str:
    """Return a text that is safe to show.

    Args:
        text: The text.
        most: The most characters of it to show.
    """
    shown = _printable(text[: 2 * most])
    if len(shown) <= most and len(text) <= 2 * most:
        return shown
    return f"{shown[:most]}... (cut: it has {len(text):,} characters)"


def excerpt(data: bytes | str, most: int = 200) -> str:
    """Return the beginning of a body, safe to show.

    Args:
        data: The body; bytes that are not UTF-8 are replaced.
        most: The most characters of it to show.
    """
    head = data[: 4 * most]
    return _printable(head if isinstance(head, str) else head.decode(errors="replace"))[:most]


def _printable(text: str) -> str:
    text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    if "@" in text or "sk-ant-" in text:
        text = without_password(_KEY.sub("sk-ant-***", text))
    return text


def without_password(text: str) -> str:
    """Return a text with `***` for the user names and passwords of its URLs."""
    return _USER.sub("***@", text)


def _without_secret(text: str, secret: str) -> str:
    """Return a text without a secret, and without one whose end was cut off with the text's."""
    text = text.replace(secret, "***")
    least = max(_SHORTEST, len(secret) // 3)
    if secret[:least] not in text:
        return text
    cut = next(size for size in range(len(secret) - 1, 0, -1) if secret[:size] in text)
    return text.replace(secret[:cut], "***")


def without_keys(value: Any, secret: str = "") -> Any:
    """Return a decoded JSON value with `***` for the keys in its texts. An error keeps the body, and may be logged or pickled.

    Args:
        value: The value.
        secret: The credential that signed the request, in case it has not Anthropic's form.
    """
    if isinstance(value, str):
        text = _without_secret(value, secret) if len(secret) >= _SHORTEST else value
        return _KEY.sub("sk-ant-***", text) if "sk-ant-" in text else text
    if isinstance(value, dict):
        return {without_keys(name, secret): without_keys(each, secret) for name, each in value.items()}
    if isinstance(value, list):
        return [without_keys(each, secret) for each in value]
    return value
