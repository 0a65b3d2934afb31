"""Where Markdown that still comes can be cut: what is before the cut looks the same whatever comes after it.

Contract: the parts are the text, in order. A part ends after a heading, after the end of a fenced code block, and before what
follows a blank line, unless that goes on with a list or is indented. No fence is cut. A line is judged when its end is there.

Limits: a link whose target is defined in another block is shown as it is written.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["settled"]

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING: Final = re.compile(r" {0,3}#{1,6}(\s|$)")
_ITEM: Final = re.compile(r" {0,3}([-*+]|\d{1,9}[.)])(\s|$)")


def settled(text: str) -> int:
    """Return how much of a text is settled, in characters: the place of its last cut, 0 where there is none.

    Args:
        text: Markdown, from a cut on.
    """
    cut = place = 0
    fence = ""
    item = blank = False
    lines = text.split("\n")
    for line in lines[:-1]:
        after = place + len(line) + 1
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not line[found.end() :].strip():
                fence = ""
                cut = cut if item else after
        elif not line.strip():
            blank = True
        else:
            goes_on = line[0] in " \t" or (item and _ITEM.match(line) is not None)
            if blank and not goes_on and text[cut:place].strip():
                cut, item = place, False
            blank = False
            item = item or _ITEM.match(line) is not None
            if found:
                fence = found[1]
            elif _HEADING.match(line) and not item:
                cut = after
        place = after
    return cut
