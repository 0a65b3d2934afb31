"""Markdown that still comes is cut only where what is before looks the same whatever comes after."""

from __future__ import annotations

import pytest

from keybearer.cli.blocks import settled

CASES = {
    "a paragraph goes on until another block begins": ("One\ntwo\n\n", ""),
    "a paragraph is settled by what follows it": ("One\ntwo\n\nThree\n", "One\ntwo\n\n"),
    "a line is judged when it has its end": ("One\n\nThree", ""),
    "a heading is settled at its end": ("# Title\nText", "# Title\n"),
    "code is not cut at its blank lines": ("```py\na\n\nb\n\nc\n", ""),
    "code is settled by its closing fence": ("```py\na\n\nb\n```\n", "```py\na\n\nb\n```\n"),
    "a fence inside a longer one closes nothing": ("````\n```\n\na\n", ""),
    "a heading in code is none": ("~~~\n# no\n", ""),
    "items of a loose list stay together": ("1. a\n\n2. b\n\n   more\n", ""),
    "code in a list stays with it": ("- a\n  ```\n  x\n  ```\n", ""),
    "a list ends at a paragraph": ("- a\n- b\n\nText\n", "- a\n- b\n\n"),
    "a table waits for its end": ("|a|\n|-|\n|1|\n", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_where_it_is_cut(name: str) -> None:
    """The settled part is a prefix, and ends at a block's end."""
    text, before = CASES[name]
    assert text[: settled(text)] == before


def test_the_parts_of_a_stream_are_the_text() -> None:
    """Cut as it comes, character by character, no code block is parted and no text is lost."""
    text = "# A\n\nOne.\n\n```\nx\n\ny\n```\n\n- a\n\n- b\n\nEnd.\n"
    parts, tail = [], ""
    for each in text:
        tail += each
        if cut := settled(tail):
            parts.append(tail[:cut])
            tail = tail[cut:]
    assert parts == ["# A\n", "\nOne.\n\n", "```\nx\n\ny\n```\n", "\n- a\n\n- b\n\n"]
    assert "".join(parts) + tail == text
