"""The cost of a usual reply, fast: one request to a model, whose figures are whole numbers that have a price.

Strategy: whole numbers of the smallest unit that all prices of a model are whole in; decimals are made of them when they are read.

Contract: what comes is what `billing.py` finds with care, part by part, and for any other usage nothing comes
(`tests/prices/test_usual.py` holds the two together). `message.cost.usd` takes a third of the time by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from keybearer.figures import MOST
from keybearer.prices.amount import EXACT, Amounts, Cost
from keybearer.prices.rates import Served, rates_of
from keybearer.prices.table import FEATURES, STANDARD, PriceStep, PriceTable

__all__ = ["KNOWN", "usual_cost"]

KNOWN: Final = frozenset(
    {
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "output_tokens_details",  # a part of output_tokens
        "server_tool_use",
        "service_tier",
        "inference_geo",
        "speed",
        "iterations",
        "type",
        "model",
    }
)
"""What a usage has that is billed here, or that says how."""


def usual_cost(source: Mapping[str, Any], model: str, prices: PriceTable, day: date) -> Cost | None:
    """Return the cost of a usual reply; None for another one.

    Args:
        source: The usage's JSON object.
        model: The model that answered.
        prices: The prices.
        day: The day of the call.
    """
    get: Callable[[str], Any] = source.get
    split = get("cache_creation")
    if type(split) is not dict or len(split) != 2:  # both lifetimes
        return None
    fresh, output, read = get("input_tokens"), get("output_tokens"), get("cache_read_input_tokens")
    lives: Callable[[str], Any] = split.get
    for_5m, for_1h = lives("ephemeral_5m_input_tokens"), lives("ephemeral_1h_input_tokens")
    written = get("cache_creation_input_tokens")
    for figure in (fresh, output, read, for_5m, for_1h, written):
        if type(figure) is not int or not 0 <= figure <= MOST:
            return None
    if for_5m + for_1h != written or get("server_tool_use") or get("iterations") is not None:
        return None
    if not source.keys() <= KNOWN:
        return None
    try:
        way = (get("service_tier") or STANDARD, get("speed") or STANDARD, get("inference_geo"))
        steps, notes = _whole_prices(prices, model, way, day)
    except TypeError:  # one of them cannot be looked up, so it is no text
        return None
    prompt = fresh + read + written
    for above, unit, (of_input, of_output, of_read, of_5m, of_1h) in steps:
        if not above or prompt > above:
            units = (of_input * fresh, of_output * output, of_read * read, of_5m * for_5m, of_1h * for_1h)
            return Cost(parts=Amounts(FEATURES, units, unit, sum(units)), notes=notes)
    return None


class _Step(NamedTuple):
    """The prices of one length of prompt, as whole numbers.

    Attributes:
        above: The prompt has more tokens than this.
        unit: What the prices are numbers of, in dollars.
        prices: What a token of each of `FEATURES` costs, in their order.
    """

    above: int
    unit: Decimal
    prices: tuple[int, ...]


@lru_cache(maxsize=64)
def _whole_prices(
    prices: PriceTable, model: str, way: tuple[str, str, str | None], day: date
) -> tuple[tuple[_Step, ...], tuple[str, ...]]:
    """Return what a model's tokens cost, and what else to know; no prices where one of them is not known."""
    rates = rates_of(prices, model, Served(*way), day)
    whole = all(step.usd.keys() >= set(FEATURES) for step in rates.steps)
    return tuple(map(_whole, rates.steps)) if whole else (), rates.notes


def _whole(step: PriceStep) -> _Step:
    unit = EXACT.power(Decimal(10), min(int(step.usd[each].as_tuple().exponent) for each in FEATURES))
    return _Step(step.above, unit, tuple(int(EXACT.divide(step.usd[each], unit)) for each in FEATURES))
