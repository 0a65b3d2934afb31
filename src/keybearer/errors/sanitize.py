"""Text from elsewhere, made fit for an error message: the one place that does it.

Strategy: what a service, a proxy or a library says goes through `foreign` wherever it enters a message. A message is printed
and logged by people who did not think of escape sequences, and by terminals that obey them.

Contract: one line of printable text, at most `most` characters and a note of what was cut; no key of Anthropic's form, and no user
name or password of a URL.
"""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["excerpt", "sanitize", "without_keys", "without_password"]

MOST: Final = 1000
"""How much of a text is shown, in characters."""

_KEY: Final = re.compile(r"sk-ant-[\w-]{8,}", re.ASCII)
_USER: Final = re.compile(r"(?<=://)[^\s/]*@")


def sanitize(text: str, most: int = MOST) -> str:
    """Return a text as it may be shown.

    Args:
        text: The text.
        most: How many characters of it are shown at the most.
    """
    shown = _printable(text[: 2 * most])
    if len(shown) <= most and len(text) <= 2 * most:
        return shown
    return f"{shown[:most]}... (cut: it has {len(text):,} characters)"


def excerpt(data: bytes | str, most: int = 200) -> str:
    """Return the beginning of a body as it may be shown.

    Args:
        data: The body; bytes that are no UTF-8 are replaced.
        most: How many characters of it are shown at the most.
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
    """Return a text whose URLs name no user and no password."""
    return _USER.sub("***@", text)


def without_keys(value: Any, secret: str = "") -> Any:
    """Return a decoded JSON value in whose texts no key stands: an error keeps what came, and may be logged or pickled whole.

    Args:
        value: The value.
        secret: The credential that the request went with, in case it is of another form than Anthropic's.
    """
    if isinstance(value, str):
        text = value.replace(secret, "***") if secret else value
        return _KEY.sub("sk-ant-***", text) if "sk-ant-" in text else text
    if isinstance(value, dict):
        return {without_keys(name, secret): without_keys(each, secret) for name, each in value.items()}
    if isinstance(value, list):
        return [without_keys(each, secret) for each in value]
    return value
