"""Tables for people: aligned columns of harmless text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from keybearer.cli.output import clean, say

__all__ = ["say_table", "shown"]


def say_table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Collection[str] = ()) -> None:
    """Print rows below their head.

    Args:
        head: The names of the columns.
        rows: The values, in the order of the columns; each is one line.
        right: The columns that are aligned at their right.
    """
    texts = [list(head), *([clean(shown(value)) for value in row] for row in rows)]
    wide = [max(len(row[column]) for row in texts) for column in range(len(head))]
    for row in texts:
        cells = [
            f"{text:>{width}}" if name in right else f"{text:{width}}"
            for name, text, width in zip(head, row, wide, strict=True)
        ]
        say("  ".join(cells).rstrip())


def shown(value: Any) -> str:
    """Return a value in words, on one line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else " ".join(str(value).split())
