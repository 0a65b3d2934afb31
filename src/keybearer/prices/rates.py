"""What a model's tokens cost on a day, as they were served: in a tier, at a speed, in a region.

Strategy: a process asks few models, in few ways, so what was found in the table is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from keybearer.prices.table import BATCH, FAST, STANDARD, PriceStep, PriceTable

__all__ = ["Rates", "Served", "rates_of", "served_of", "variant_of"]


class Served(NamedTuple):
    """How a reply was served: its tier, its speed, and its region, if it names one."""

    tier: str
    speed: str
    region: str | None


class Rates(NamedTuple):
    """What a model's tokens cost on a day, as they were served.

    Attributes:
        model: The model's id.
        served: How they were served where that is not the standard way, in words.
        steps: The prices by the prompt's length, the longest first; none where there is no price.
        without: What to say where there is no price.
        notes: What else to know.
    """

    model: str
    served: str
    steps: tuple[PriceStep, ...]
    without: str
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=64)  # a process asks few models, in few ways
def rates_of(prices: PriceTable, model: str, way: Served, day: date) -> Rates:
    """Find what a model's tokens cost."""
    served = _in_words(way)
    if (found := prices.find(model)) is None:
        return Rates(model, served, (), f"{model or 'a model without a name'}: there is no price of this model")
    note, variant = prices.age_note(day, found.model), variant_of(way)
    notes = () if note is None else (note,)
    steps = () if variant is None else found.steps(variant, day)
    without = f"{found.model} has no price{served} on {day}"
    if steps and way.region is not None:
        if (factor := found.regions.get(way.region)) is None:
            without, steps = f"{found.model} has no price in the region {way.region!r}", ()
        elif factor != 1:
            steps = tuple(step.times(factor) for step in steps)
    return Rates(found.model, served, steps, without, notes)


def served_of(source: Mapping[str, Any]) -> Served:
    """Return how a reply was served."""
    region = source.get("inference_geo")
    tier, speed = source.get("service_tier") or STANDARD, source.get("speed") or STANDARD
    return Served(str(tier), str(speed), None if region is None else str(region))


def variant_of(way: Served) -> str | None:
    """Return the variant whose prices a reply pays; None where it has none, such as the priority tier's."""
    if way.speed == STANDARD:
        return way.tier if way.tier in {STANDARD, BATCH} else None
    return FAST if way.speed == FAST and way.tier == STANDARD else None


def _in_words(way: Served) -> str:
    """Return how a reply was served where that is not the standard way, in words."""
    named = (("service_tier", way.tier), ("speed", way.speed))
    how = [f"{name} {value}" for name, value in named if value != STANDARD]
    return f" with {' and '.join(how)}" if how else ""
