"""The prices by which the simulator bills, read from the same table as the client's by code of its own.

Strategy: an amount is a whole number of attodollars, 10**-18 dollars, so that nothing is rounded. A price that is no whole number of
them is an error when it is looked up.

Contract: what is not in the table is None, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Final, NamedTuple

__all__ = ["ATTO", "RateCard", "rate_card"]

ATTO: Final = 10**18
"""Attodollars in a dollar."""

_DATE: Final = re.compile(r"-(?:20\d{6}|latest)$")


class _PricedRow(NamedTuple):
    """The prices of one model and variant, for prompts above a length, from a day on."""

    start: str
    above: int
    usd: Mapping[str, Fraction]


class RateCard:
    """The table of prices.

    Args:
        source: Its JSON object.

    Attributes:
        read: The day on which the prices were read from their sources, such as `2026-11-26`.
    """

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.read: str = source["read"]
        self._models: Mapping[str, Any] = source["models"]
        self._names = {each: name for name, row in self._models.items() for each in row["names"]}
        self._per: Mapping[str, int] = source["per"]
        self._rows: dict[tuple[str, str], list[_PricedRow]] = {}
        for row in source["rates"]:
            usd = {feature: Fraction(text) for feature, text in row["usd"].items()}
            made = _PricedRow(row["from"] or "", row["above"], usd)
            self._rows.setdefault((row["model"], row["variant"]), []).append(made)
        self._found: dict[tuple[str, str, str, str, int], Mapping[str, int] | None] = {}

    def model(self, name: str) -> str | None:
        """Return the model that a name means, with or without a date; None for one without prices."""
        return next((self._names[each] for each in (name, _DATE.sub("", name)) if each in self._names), None)

    def tokens(self, model: str, variant: str, region: str, day: str, prompt: int) -> Mapping[str, int] | None:
        """Return attodollars for a token, by feature.

        Args:
            model: The model, as `model` returns it.
            variant: `standard`, `batch` or `fast`.
            region: Where the model ran; empty for no region.
            day: The day of the call, such as `2026-11-26`.
            prompt: The prompt's length in tokens.

        Returns:
            The prices; None where there are none.
        """
        rows = [each for each in self._rows.get((model, variant), ()) if each.start <= day]
        newest = max((each.start for each in rows), default="")
        fitting = [each for each in rows if each.start == newest and (prompt > each.above or not each.above)]
        if not fitting:
            return None
        row = max(fitting, key=lambda each: each.above)
        key = (model, variant, region, row.start, row.above)
        if key not in self._found:
            factor = Fraction(1) if not region else self._region(model, region)
            priced = None if factor is None else dict(self._whole(row.usd, factor, "tokens"))
            self._found[key] = priced
        return self._found[key]

    def requests(self, model: str) -> Mapping[str, int]:
        """Return attodollars for a request of each of the service's own tools."""
        usd = {tool: Fraction(text) for tool, text in self._models[model]["requests"].items()}
        return dict(self._whole(usd, Fraction(1), "requests"))

    def _region(self, model: str, region: str) -> Fraction | None:
        text = self._models[model]["regions"].get(region)
        return None if text is None else Fraction(text)

    def _whole(self, usd: Mapping[str, Fraction], factor: Fraction, per: str) -> Iterator[tuple[str, int]]:
        for name, price in usd.items():
            atto = price * factor * ATTO / self._per[per]
            if atto.denominator != 1:
                raise ValueError(
                    f"{name}: {price} dollars for {self._per[per]} {per} is no whole number of attodollars"
                )
            yield name, atto.numerator


@cache
def rate_card() -> RateCard:
    """Return the public prices that this version ships with."""
    import json
    from importlib.resources import files

    return RateCard(json.loads((files("keybearer") / "prices" / "rates.json").read_text(encoding="utf-8")))
