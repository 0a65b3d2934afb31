"""The table of prices, and what stands in it for a model on a day.

Strategy: prices are data. `rates.json` has a row for each model, variant, length of prompt and first day; `make prices` writes it from
two public tables (`tests/prices/tools/make_prices.py`). Here rows are only found.

Contract: what is not in the table is None, never zero. Prices are dollars for one token, or one request, and exact.

Limits: the prices are those of Anthropic's own API. What a cloud's or a gateway's model costs, its contract says (`contract.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from msgspec import Struct

from keybearer.prices.amount import EXACT

__all__ = [
    "BATCH",
    "FAST",
    "FEATURES",
    "REQUESTS",
    "STANDARD",
    "VARIANTS",
    "ModelPrices",
    "PricePeriod",
    "PriceStep",
    "PriceTable",
    "public",
    "step_for",
]

FEATURES: Final = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
"""What is paid by the token."""

REQUESTS: Final = ("web_search", "web_fetch")
"""What is paid by the request."""

STANDARD: Final = "standard"
BATCH: Final = "batch"
FAST: Final = "fast"
VARIANTS: Final = (STANDARD, BATCH, FAST)
"""The kinds of processing that have prices of their own."""

OLD: Final = timedelta(days=90)
"""Prices that were read longer ago are said to be old."""

_DATED: Final = re.compile(r"-20\d{6}$|-latest$")


class PriceStep(Struct, frozen=True, kw_only=True):
    """The prices of one length of prompt.

    Attributes:
        above: The prompt has more tokens than this.
        usd: Dollars for a token, by feature.
    """

    above: int = 0
    usd: Mapping[str, Decimal]

    def times(self, factor: Decimal) -> PriceStep:
        """Return the step with each price multiplied."""
        return PriceStep(
            above=self.above, usd={name: EXACT.multiply(price, factor) for name, price in self.usd.items()}
        )


class PricePeriod(Struct, frozen=True, kw_only=True):
    """The prices from a day on.

    Attributes:
        start: The first day; None for always.
        steps: The prices by the prompt's length, the longest first.
    """

    start: date | None = None
    steps: tuple[PriceStep, ...]


class ModelPrices(Struct, frozen=True, kw_only=True):
    """The prices of one model.

    Attributes:
        model: The model's id, without a date.
        window: Its context window, in tokens; None where that is not known.
        regions: What all tokens' prices are multiplied by, by the region of inference.
        requests: Dollars for a request of a server tool.
        variants: The periods of each variant, the latest first.
    """

    model: str
    window: int | None = None
    regions: Mapping[str, Decimal] = {}
    requests: Mapping[str, Decimal] = {}
    variants: Mapping[str, tuple[PricePeriod, ...]] = {}

    def steps(self, variant: str, day: date) -> tuple[PriceStep, ...]:
        """Return the prices of a variant on a day, those of the longest prompts first; none where there is no price."""
        for period in self.variants.get(variant, ()):
            if period.start is None or period.start <= day:
                return period.steps
        return ()


class PriceTable(Struct, frozen=True, kw_only=True, eq=False):
    """Prices, and when they were read. A table is equal to itself alone, so that what is found in it can be kept.

    Attributes:
        read: The day on which they were read from their sources.
        models: The prices by the model's id; `names` leads to these.
        names: A model's names to its id.
        own: The models whose prices are the user's own, so that they do not grow old here.
    """

    read: date
    models: Mapping[str, ModelPrices]
    names: Mapping[str, str]
    own: frozenset[str] = frozenset()

    def __deepcopy__(self, memo: object) -> PriceTable:
        return self  # nothing in it changes, and each message of a client with prices of its own refers to it

    def find(self, model: str) -> ModelPrices | None:
        """Return the prices of a model, by its name with or without a date; None for a model that has none."""
        if (found := self.models.get(model)) is not None:
            return found
        known = self.names.get(model) or self.names.get(_DATED.sub("", model))
        return None if known is None else self.models[known]

    def age_note(self, day: date, model: str) -> str | None:
        """Return that the price of a model is old on a day, in words; None when it is not, or is the user's own."""
        if day - self.read <= OLD or model in self.own:
            return None
        return f"the prices were read on {self.read}, {(day - self.read).days} days before; update keybearer, or give your own"


def step_for(prompt: int, steps: tuple[PriceStep, ...]) -> PriceStep | None:
    """Return the prices of a prompt of that many tokens; None where there is no price."""
    for step in steps:
        if not step.above or prompt > step.above:
            return step
    return None


@cache
def public() -> PriceTable:
    """Return the public prices, as this version of keybearer has them."""
    import json
    from importlib.resources import files

    return read_table(json.loads((files("keybearer.prices") / "rates.json").read_text(encoding="utf-8")))


def read_table(source: Mapping[str, Any]) -> PriceTable:
    """Build a table from its JSON object."""
    tokens, requests = Decimal(source["per"]["tokens"]), Decimal(source["per"]["requests"])
    periods: dict[str, dict[str, dict[str | None, list[PriceStep]]]] = {}
    for row in source["rates"]:
        usd = {feature: EXACT.divide(Decimal(text), tokens) for feature, text in row["usd"].items()}
        by_start = periods.setdefault(row["model"], {}).setdefault(row["variant"], {})
        by_start.setdefault(row["from"], []).append(PriceStep(above=row["above"], usd=usd))
    models = {
        name: ModelPrices(
            model=name,
            window=row["window"],
            regions={region: Decimal(text) for region, text in row["regions"].items()},
            requests={tool: EXACT.divide(Decimal(text), requests) for tool, text in row["requests"].items()},
            variants={variant: _periods(by_start) for variant, by_start in periods.get(name, {}).items()},
        )
        for name, row in source["models"].items()
    }
    names = {each: name for name, row in source["models"].items() for each in row["names"]}
    return PriceTable(read=date.fromisoformat(source["read"]), models=models, names=names)


def _periods(by_start: Mapping[str | None, list[PriceStep]]) -> tuple[PricePeriod, ...]:
    return tuple(
        PricePeriod(
            start=None if start is None else date.fromisoformat(start),
            steps=tuple(sorted(by_start[start], key=lambda step: -step.above)),
        )
        for start in sorted(by_start, key=lambda start: start or "", reverse=True)
    )
