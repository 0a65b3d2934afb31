"""The code blocks of a page that are not Python: fenced ones with their language, and indented ones."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Block", "blocks_of", "commands_of"]

ENDS = frozenset({"|", ">", "<", "&&", "&", ";"})
"""What ends a command's own arguments in a shell."""


class Block(NamedTuple):
    """A code block.

    Attributes:
        line: The line of its first line, from 1.
        language: The language of a fenced block; empty for one that is indented.
        text: What is in it.
    """

    line: int
    language: str
    text: str


def blocks_of(page: str) -> Iterator[Block]:
    """Give the blocks of a page that are not marked as Python."""
    fence, language, kept, begun = "", "", [""], 0
    before = ""
    for number, line in enumerate([*page.split("\n"), ""], 1):
        if fence:
            if line.strip() == "```":
                if language not in {"python", "py"}:
                    yield Block(begun, language, "\n".join(kept))
                fence, kept = "", []
            else:
                kept.append(line.removeprefix(fence[:-3]))
        elif match := re.match(r"\s*```(\w*)$", line):
            fence, language, kept, begun = line[: line.index("`") + 3], match[1], [], number + 1
        elif line.startswith("    ") and (not before.strip() or kept):
            begun, kept = begun if kept else number, [*kept, line[4:]]
        elif kept and line.strip():
            if any(kept):
                yield Block(begun, "", "\n".join(kept).strip("\n"))
            kept = []
        elif kept:
            kept.append("")
        before = line


def commands_of(block: Block, program: str) -> Iterator[list[str]]:
    """Give the arguments of each call of a program: at a line's start, after a prompt, a pipe or a variable, or in `$(...)`."""
    begins = rf"(?:^|[|&] |\$\(|^[A-Z_]+=\S+ ){program} (?P<rest>.*)"
    for line in block.text.replace("\\\n", " ").split("\n"):
        for match in re.finditer(begins, line.removeprefix("$ ")):
            words = shlex.shlex(match["rest"].partition(')"')[0], posix=True, punctuation_chars=True)
            words.whitespace_split = True
            words.commenters = "#"
            yield _own(list(words))


def _own(words: list[str]) -> list[str]:
    """Return the words up to the end of the command."""
    ends = next((at for at, word in enumerate(words) if word in ENDS), len(words))
    return words[:ends]
