"""A user's own prices, which win over the public ones.

    {"claude-opus-5-5": {"input": 3.2, "output": 16, "batch": {"input": 1.6, "output": 8}}, "*": {"discount": 0.15}}

Strategy: a model's entry names dollars for a million tokens (or a thousand requests of a server tool). What it does not name is as in
the public table, if the model stands there; `discount` is the share that a contract takes off all prices of a model that are not
named, and `*` stands for every model without an entry.

Contract: an entry for a length of prompt holds for all lengths unless `above` names dearer ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from msgspec import structs

from keybearer.errors import ConfigError
from keybearer.errors.nearest import did_you_mean
from keybearer.errors.sanitize import sanitize
from keybearer.prices.amount import EXACT
from keybearer.prices.table import (
    BATCH,
    FAST,
    FEATURES,
    REQUESTS,
    STANDARD,
    ModelPrices,
    PricePeriod,
    PriceStep,
    PriceTable,
    public,
)

__all__ = ["ALL", "problem", "read_file", "with_own"]

ALL: Final = "*"
"""The entry of all models that have none of their own; it may only give a discount."""

MILLION: Final = Decimal(1_000_000)
THOUSAND: Final = Decimal(1_000)

_VARIANTS: Final = (BATCH, FAST)
_ENTRY: Final = (*FEATURES, *REQUESTS, *_VARIANTS, "above", "regions", "discount")


def with_own(own: Mapping[str, Any], base: PriceTable | None = None) -> PriceTable:
    """Return a table of prices in which a user's own win.

    Args:
        own: The entries by model; see this module's text. Numbers may be text.
        base: The table that the others are of; the public one when omitted.

    Raises:
        ConfigError: An entry is not one.
    """
    if (wrong := problem(own)) is not None:
        raise ConfigError(f"The prices: {wrong}.", key="prices")
    base = base or public()
    models, names = dict(base.models), dict(base.names)
    every = own.get(ALL, {}).get("discount", 0)
    discount = _number(every)
    for model, found in base.models.items():
        models[model] = _discounted(found, discount)
    for name, entry in own.items():
        if name != ALL:
            known = base.find(name)
            model = name if known is None else known.model
            start = ModelPrices(model=name) if known is None else known
            models[model] = _own(start, entry, _number(entry.get("discount", 0)))
            names[name] = model
    return structs.replace(base, models=models, names=names, own=frozenset(names[name] for name in own if name != ALL))


def read_file(path: str | os.PathLike[str]) -> PriceTable:
    """Read a user's own prices from a JSON file of what `with_own` takes.

    Raises:
        ConfigError: It cannot be read, or is not that.
    """
    import json

    shown = os.fspath(path)
    try:
        own = json.loads(Path(path).read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        problem_of_file = f"{shown}: the prices cannot be read: {getattr(error, 'strerror', None) or error}."
    else:
        if (wrong := problem(own)) is None:
            return with_own(own)
        problem_of_file = f"{shown}: {wrong}."
    raise ConfigError(problem_of_file, file=shown)


def problem(own: Any) -> str | None:
    """Return what is wrong with a user's own prices, in words; None when nothing is."""
    if not isinstance(own, Mapping):
        return f"they are of type {type(own).__name__}; they are a mapping of models to prices"
    for model, entry in own.items():
        shown = sanitize(str(model), 60)
        if not isinstance(model, str) or not isinstance(entry, Mapping):
            return f"{shown}: it is of type {type(entry).__name__}; it takes a mapping of names to dollars"
        if model == ALL and entry.keys() - {"discount"}:
            return f"{shown}: it takes a discount and nothing else; name the model"
        for path, wrong in _problems(entry, _ENTRY):
            return f"{shown}.{path}: {wrong}"
    return None


def _problems(entry: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, value in entry.items():
        if name not in known:
            hint = did_you_mean(str(name), known) or f" It takes {', '.join(known)}."
            yield sanitize(str(name), 60), f"there is no such price.{hint}".rstrip(".")
        elif name in _VARIANTS or name == "above":
            if not isinstance(value, Mapping):
                yield name, f"it is of type {type(value).__name__}; it takes a mapping"
            elif name == "above":
                yield from ((f"above.{path}", wrong) for path, wrong in _lengths(value))
            else:
                yield from ((f"{name}.{path}", wrong) for path, wrong in _problems(value, (*FEATURES, "above")))
        elif name == "regions":
            numbers = value.items() if isinstance(value, Mapping) else [("", None)]
            yield from ((f"regions.{region}", "it takes a number, 0 or more") for region, each in numbers if _bad(each))
        elif name == "discount" and (_bad(value) or _number(value) > 1):
            yield name, "it takes a share from 0 to 1"
        elif _bad(value):
            yield name, "it takes dollars, 0 or more"


def _lengths(value: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for length, features in value.items():
        if not str(length).isascii() or not str(length).isdigit() or int(length) < 1:
            yield sanitize(str(length), 60), "it takes a number of tokens"
        elif not isinstance(features, Mapping):
            yield str(length), "it takes a mapping of names to dollars"
        else:
            yield from ((f"{length}.{path}", wrong) for path, wrong in _problems(features, FEATURES))


def _bad(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return True
    try:
        number = _number(value)
    except InvalidOperation:
        return True
    return not number.is_finite() or number < 0


def _number(value: Any) -> Decimal:
    return Decimal(repr(value) if isinstance(value, float) else value)


def _discounted(found: ModelPrices, discount: Decimal) -> ModelPrices:
    if not discount:
        return found
    left = EXACT.subtract(Decimal(1), discount)

    variants = {
        variant: tuple(
            structs.replace(period, steps=tuple(step.times(left) for step in period.steps)) for period in periods
        )
        for variant, periods in found.variants.items()
    }
    requests = {name: EXACT.multiply(value, left) for name, value in found.requests.items()}
    return structs.replace(found, requests=requests, variants=variants)


def _own(found: ModelPrices, entry: Mapping[str, Any], discount: Decimal) -> ModelPrices:
    found = _discounted(found, discount)
    variants = dict(found.variants)
    for variant, features in ((STANDARD, entry), *((each, entry.get(each) or {}) for each in _VARIANTS)):
        if named := {name: EXACT.divide(_number(features[name]), MILLION) for name in FEATURES if name in features}:
            variants[variant] = tuple(_named(period, named) for period in variants.get(variant, (_ALWAYS,)))
        for length, dearer in sorted((features.get("above") or {}).items(), key=lambda each: int(each[0])):
            usd = {name: EXACT.divide(_number(value), MILLION) for name, value in dearer.items()}
            variants[variant] = tuple(
                _with_step(period, int(length), usd) for period in variants.get(variant, (_ALWAYS,))
            )
    requests = {name: EXACT.divide(_number(entry[name]), THOUSAND) for name in REQUESTS if name in entry}
    regions = {str(region): _number(value) for region, value in (entry.get("regions") or {}).items()}
    return structs.replace(
        found, variants=variants, requests={**found.requests, **requests}, regions={**found.regions, **regions}
    )


_ALWAYS: Final = PricePeriod(steps=(PriceStep(usd={}),))


def _named(period: PricePeriod, named: Mapping[str, Decimal]) -> PricePeriod:
    """Return a period with the named features' prices, whatever the prompt's length."""
    return structs.replace(
        period, steps=tuple(structs.replace(step, usd={**step.usd, **named}) for step in period.steps)
    )


def _with_step(period: PricePeriod, above: int, usd: Mapping[str, Decimal]) -> PricePeriod:
    """Return a period with other prices for prompts above a length; what they do not name is as for shorter ones."""
    shorter = next((step for step in period.steps if step.above <= above), PriceStep(usd={}))
    others = [step for step in period.steps if step.above != above]
    step = PriceStep(above=above, usd={**shorter.usd, **usd})
    return structs.replace(period, steps=tuple(sorted([*others, step], key=lambda each: -each.above)))
