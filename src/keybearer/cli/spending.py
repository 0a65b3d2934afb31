"""What calls took and cost, by day, model, agent, project or tag: the sums of a ledger's rows, pure.

A day is one of this machine's time zone, since that is what its reader means by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from keybearer.errors.sanitize import sanitize
from keybearer.prices.amount import EXACT

__all__ = ["BY", "Spending", "by_day_and_model", "spent_by", "total"]

NONE: Final = "-"
"""The group of rows that name none."""

LONGEST_GAP: Final = 400
"""The most days without a call that are shown as such."""


@dataclass
class Spending:
    """What a group of calls took and cost.

    Attributes:
        calls: How many there were; what an attempt took after which its call was sent again is in the other sums.
        failed: How many of them ended with an error.
        input_tokens: The tokens of their prompts, those of the cache too.
        cached_tokens: How many of those were read from the cache.
        output_tokens: The tokens of their answers.
        usd: The dollars that are known.
        unpriced: How many of them, and of such attempts, have a part whose price is not known; `usd` is then the least that they cost.
    """

    calls: int = 0
    failed: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)
    unpriced: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of the ledger."""
        cached = row["cache_read_tokens"] or 0
        if not row["retried"]:
            self.calls += 1
            self.failed += row["error"] is not None
        self.input_tokens += (row["input_tokens"] or 0) + cached + (row["cache_written_tokens"] or 0)
        self.cached_tokens += cached
        self.output_tokens += row["output_tokens"] or 0
        self.usd = EXACT.add(self.usd, Decimal(row["known_usd"]))
        self.unpriced += row["usd"] is None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON types; dollars are text, so that none is rounded."""
        return {**vars(self), "usd": f"{EXACT.normalize(self.usd):f}"}


def _day(row: Mapping[str, Any]) -> list[str]:
    return [datetime.fromisoformat(row["at"]).astimezone().date().isoformat()]


def _named(name: str) -> Callable[[Mapping[str, Any]], list[str]]:
    return lambda row: [sanitize(str(row[name]), 80) if row[name] else NONE]


def _tags(row: Mapping[str, Any]) -> list[str]:
    return [sanitize(f"{name}={value}", 80) for name, value in row["tags"].items()] or [NONE]


BY: Final[dict[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    "day": _day,
    "model": _named("model"),
    "agent": _named("agent"),
    "project": _named("project"),
    "tag": _tags,
}
"""What rows can be grouped by: the groups of a row. A row with two tags counts in both groups."""


def spent_by(rows: Iterable[Mapping[str, Any]], by: str) -> dict[str, Spending]:
    """Return the sums of each group: days in their order, also those without a call; any other the dearest first.

    Args:
        rows: Rows of a ledger.
        by: A key of `BY`.
    """
    groups: dict[str, Spending] = {}
    for row in rows:
        for name in BY[by](row):
            groups.setdefault(name, Spending()).add(row)
    if by == "day":
        return {name: groups.get(name, Spending()) for name in _days(groups)}
    return dict(sorted(groups.items(), key=lambda each: (-each[1].usd, -each[1].calls, each[0])))


def by_day_and_model(rows: Iterable[Mapping[str, Any]]) -> tuple[list[str], dict[str, dict[str, Decimal]]]:
    """Return the days, and the dollars of each model on each day, the dearest model first."""
    models: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        (day,), (model,) = BY["day"](row), BY["model"](row)
        days = models.setdefault(model, {})
        days[day] = EXACT.add(days.get(day, Decimal(0)), Decimal(row["known_usd"]))
    order = sorted(models, key=lambda name: -sum(models[name].values()))
    return _days({day for each in models.values() for day in each}), {name: models[name] for name in order}


def _days(found: Iterable[str]) -> list[str]:
    """Return the days from the first to the last, those between too."""
    days = sorted(found)
    if not days:
        return []
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    if (last - first).days > LONGEST_GAP:
        return days
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]


def total(rows: Iterable[Mapping[str, Any]]) -> Spending:
    """Return the sums of all rows."""
    spent = Spending()
    for row in rows:
        spent.add(row)
    return spent
