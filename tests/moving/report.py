"""What `make test-moving` prints, and the figures that it writes into docs/moving.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from moving.corpus import Program
from moving.running import Run

__all__ = ["HEADING", "Outcome", "figures", "line", "share", "write"]

BLOCK: Final = re.compile(r"(<!-- made by `make test-moving` -->\n).*?(<!-- end -->)", re.DOTALL)

HEADING: Final = ("program", "with the SDK", "with keybearer", "why not")


class Outcome(NamedTuple):
    """A program, run both ways.

    Attributes:
        program: The program.
        version: The SDK with which it ran; empty when it ran with none.
        sdk: How it ended with the SDK.
        ours: How it ended with keybearer; None when it was not tried, as the SDK could not run it.
    """

    program: Program
    version: str
    sdk: Run
    ours: Run | None

    @property
    def row(self) -> tuple[str, str, str, str]:
        """Its row: the program, with the SDK, with keybearer, why not."""
        if self.ours is None:
            return self.program.name, "no", "-", self.sdk.error
        return self.program.name, self.version, "yes" if self.ours.works else "no", self.ours.error


def line(row: tuple[str, str, str, str]) -> str:
    """Return a row of the table of all programs."""
    name, sdk, ours, why = row
    return f"{name:45} {sdk:12} {ours:14} {why}".rstrip()[:230]


def share(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Return how many programs run with keybearer, and how many with the SDK."""
    tried = [outcome for outcome in outcomes if outcome.ours is not None]
    return sum(outcome.ours is not None and outcome.ours.works for outcome in tried), len(tried)


def figures(outcomes: Sequence[Outcome], names: tuple[int, int], tests: Iterable[tuple[str, int, int]]) -> str:
    """Return the figures as two tables of a page.

    Args:
        outcomes: All programs.
        names: How many names of `api.md` keybearer has, and of how many.
        tests: Each file of the SDK's tests, how many pass with keybearer, and how many with the SDK.
    """
    kinds = dict.fromkeys(outcome.program.kind for outcome in outcomes)
    rows = [(kind, *share([each for each in outcomes if each.program.kind == kind])) for kind in kinds]
    whole = [outcome for outcome in outcomes if outcome.program.package is None]
    rows.append(("**all programs but the packages**", *share(whole)))
    rows.append(("names of types in the SDK's `api.md`", *names))
    lines = ["| what | with the import changed | with the SDK |", "|---|---|---|"]
    lines += [f"| {kind} | {ours} | {theirs} |" for kind, ours, theirs in rows]
    lines += ["", "| the SDK's own tests | with keybearer's client | with the SDK's |", "|---|---|---|"]
    lines += [f"| `{name}` | {ours} | {theirs} |" for name, ours, theirs in tests]
    return "\n".join(lines) + "\n"


def write(page: Path, text: str) -> None:
    """Put the figures into their place in a page."""
    before = page.read_text("utf-8")
    after, count = BLOCK.subn(lambda found: found[1] + text + found[2], before)
    if count != 1:
        raise ValueError(f"{page}: it has no place for the figures")
    page.write_text(after, encoding="utf-8")
