"""The sums of a ledger as a table with bars, as wide as the terminal: a narrow one loses columns, and never a line's end."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from keybearer.cli.output import clean
from keybearer.cli.screen import columns
from keybearer.cli.spending import Spending

__all__ = ["spending_lines"]

EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
SHORTEST_BAR: Final = 8
"""Below this many columns there is no bar."""


class _Column(NamedTuple):
    head: str
    width: int
    narrowest: int
    """The narrowest terminal that shows it."""


_COLUMNS: Final = (
    _Column("CALLS", 6, 0),
    _Column("FAILED", 6, 100),
    _Column("IN", 7, 50),
    _Column("OUT", 7, 50),
    _Column("CACHED", 6, 70),
    _Column("COST", 10, 0),
)


def spending_lines(groups: Mapping[str, Spending], whole: Spending, by: str, width: int | None = None) -> list[str]:
    """Return the lines of the table.

    Args:
        groups: The sums of each group.
        whole: The sums of all.
        by: What they are grouped by, for the head.
        width: How wide it may be; as wide as the terminal when omitted.
    """
    width = width or columns()
    shown = [each for each in _COLUMNS if width >= each.narrowest]
    fixed = sum(each.width + 2 for each in shown)
    name_width = min(max([len(by), 5, *(len(name) for name in groups)]), max(8, width - fixed))
    bar_width = max(0, min(40, width - fixed - name_width - 2))
    most = max((spent.usd for spent in groups.values()), default=Decimal(0))

    def line(name: str, cells: list[str], bar: str = "") -> str:
        cut = name if len(name) <= name_width else name[: name_width - 3] + "..."
        texts = [f"{text:>{each.width}}" for each, text in zip(shown, cells, strict=True)]
        return "  ".join([f"{clean(cut):{name_width}}", *texts, bar]).rstrip()

    found = [line(by.upper(), [each.head for each in shown])]
    for name, spent in groups.items():
        share = float(spent.usd / most) if most else 0.0
        bar = _bar(share, bar_width) if bar_width >= SHORTEST_BAR else ""
        found.append(line(name, _cells(spent, shown), bar))
    return [*found, line("TOTAL", _cells(whole, shown))]


def _cells(spent: Spending, shown: list[_Column]) -> list[str]:
    least = ">" if spent.unpriced else ""
    cached = f"{spent.cached_tokens / spent.input_tokens:.0%}" if spent.input_tokens else NOTHING
    cells = {
        "CALLS": f"{spent.calls:,}",
        "FAILED": f"{spent.failed:,}",
        "IN": short(spent.input_tokens),
        "OUT": short(spent.output_tokens),
        "CACHED": cached,
        "COST": f"{least}{money(spent.usd)}",
    }
    return [cells[each.head] for each in shown]


NOTHING: Final = "-"


def short(number: int) -> str:
    """Return a number in a few characters: 999, 12.3k, 4.56M."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            value = number / size
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}{unit}"
    return str(number)


def money(amount: Decimal) -> str:
    """Return dollars for people: cents, and more digits where less than ten cents are all that there is."""
    if amount and amount < Decimal("0.1"):
        return f"${amount:.2g}" if amount >= Decimal("0.0001") else "<$0.0001"
    return f"${amount:,.2f}"


def _bar(share: float, width: int) -> str:
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    if not encoding.startswith("utf"):
        return "#" * round(share * width)
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
