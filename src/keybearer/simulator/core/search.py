"""Whether a long text holds some words, as fast as that can be."""

from __future__ import annotations

from typing import AnyStr, Final

__all__ = ["holds"]

LOOKS: Final = 64
"""How often the rarest letter is looked at; where it is more frequent than that, searching for the words is faster."""


def holds(text: AnyStr, words: AnyStr, *, rarest: AnyStr) -> bool:
    """Return whether a text holds some words: a letter that is rare in it is found in a hundredth of the time of a word.

    Args:
        text: The text.
        words: The words.
        rarest: The one of their letters that is the rarest in most texts.
    """
    before, at = words.index(rarest), -1
    for _ in range(LOOKS):
        at = text.find(rarest, at + 1)
        if at < 0:
            return False
        if at >= before and text.startswith(words, at - before):
            return True
    return text.find(words, max(0, at - before)) >= 0
