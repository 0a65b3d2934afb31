"""The five measured lines of the README, from `bench/results`: `python -m website.measured README.md` writes them anew."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["fill", "lines"]

RESULTS = Path(__file__).parents[2] / "bench" / "results"


class Measure(NamedTuple):
    """A line.

    Attributes:
        words: What was measured.
        case: The benchmark, a file of `bench/results`.
        figure: The figure there.
        scale: What it is multiplied by for its unit.
        unit: The unit that is shown.
    """

    words: str
    case: str
    figure: str
    scale: float
    unit: str


MEASURES: Final = (
    Measure("`import` and a client: CPU", "imports", "cpu_ms", 0.001, "s"),
    Measure("their memory, above bare Python's", "imports", "above_mb", 1, "MB"),
    Measure("a plain request: CPU", "plain", "cpu_us", 0.001, "ms"),
    Measure("an event of a stream, in bursts: CPU", "burst", "cpu_us", 1, "µs"),
    Measure("an event of a tool's input of 96 KB: CPU", "tool", "cpu_us", 1, "µs"),
)


def lines(results: Path = RESULTS) -> str:
    """Return the rows of the table: the official SDK's sync client, keybearer's, and how many times less."""
    rows = []
    for measure in MEASURES:
        case = json.loads((results / f"{measure.case}.json").read_text("utf-8"))
        theirs, ours = (case[f"{who}-sync"][measure.figure]["median"] for who in ("anthropic", "keybearer"))
        shown = [f"{float(f'{value * measure.scale:.2g}'):g} {measure.unit}" for value in (theirs, ours)]
        rows.append(f"| {measure.words} | {shown[0]} | {shown[1]} | 1/{theirs / ours:.0f} |")
    return "\n".join(rows)


def fill(text: str) -> str:
    """Return a page whose table has the rows of today."""
    table = f"| | official SDK | keybearer | |\n|---|---|---|---|\n{lines()}"
    return re.sub(
        r"(<!-- figures -->\n).*?(?=\n<!-- end of figures -->)", lambda match: match[1] + table, text, flags=re.DOTALL
    )


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(fill(page.read_text("utf-8")), "utf-8")
