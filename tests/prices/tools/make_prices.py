"""Write the table of prices anew, from genai-prices, compared field by field with litellm's table.

    make prices

Both packages are in an environment of their own (`requirements/prices.txt`). Every fact in which their tables differ today stands in
`disagreements.json`, with both values, the choice and its reason. A difference that is not listed there, and one that is listed and
gone, fails, and nothing is written. Facts that neither table has are in `facts.json`, each with its source.

    python make_prices.py OUT [--read DATE]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

HERE: Final = Path(__file__).parent
LISTED: Final = HERE / "disagreements.json"
FACTS: Final = HERE / "facts.json"
LITELLM_TABLE: Final = "model_prices_and_context_window_backup.json"

GENAI_FEATURES: Final = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
}
"""Our features, and genai-prices' keys. Its `cache_write_mtok` is the price of every write that is not of the 1 h kind."""

LITELLM_FEATURES: Final = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}

LEFT_OUT: Final = {"claude-2", "claude-v1"}
"""Models of genai-prices that the Messages API has not answered for since 2025."""

MILLION: Final = 1_000_000
THOUSAND: Final = 1_000


class Key(NamedTuple):
    """Where a price stands.

    Attributes:
        model: The model.
        variant: `standard`, `batch` or `fast`; or `regions` and `requests`, which hold for all three.
        above: The number of prompt tokens that must be exceeded.
        feature: What is paid for.
    """

    model: str
    variant: str
    above: int
    feature: str

    @property
    def fact(self) -> str:
        """The key without its model, in words."""
        return f"{self.variant}{f' above {self.above}' if self.above else ''}: {self.feature}"


Table = dict[Key, Decimal]


def number(value: float) -> Decimal:
    """Return a price of litellm's, which is binary, as the decimal that was meant."""
    return Decimal(repr(value))


def written(value: Decimal | None) -> str | None:
    """Return a price as its shortest text."""
    return None if value is None else f"{value.normalize():f}"


# ── genai-prices ─────────────────────────────────────────────────────────────


def genai_models() -> dict[str, Any]:
    """Return the models of genai-prices by our id."""
    from genai_prices.data import providers

    anthropic = next(each for each in providers if each.id == "anthropic")
    return {names_of(model.id)[0]: model for model in anthropic.models if model.id not in LEFT_OUT}


def names_of(identifier: str) -> list[str]:
    """Return the ids of a model without its date, ours first: `claude-opus-4-0` is also `claude-opus-4`."""
    stem = identifier.removesuffix("-latest")
    return [stem, stem.removesuffix("-0")] if stem.endswith("-0") else [stem]


def tiers(price: Any) -> list[tuple[int, Decimal]]:
    """Return a price of genai-prices by the number of prompt tokens above which it holds."""
    if price is None:
        return []
    if isinstance(price, Decimal):
        return [(0, price)]
    return [(0, price.base), *((tier.start, tier.price) for tier in price.tiers)]


def genai_rows(model: Any) -> Iterator[tuple[str, str | None, dict[int, dict[str, Decimal]]]]:
    """Yield a model's variant, the day from which the prices hold, and the prices by the prompt's length."""
    prices = (
        [(None, model.prices)]
        if not isinstance(model.prices, list)
        else [(p.constraint, p.prices) for p in model.prices]
    )
    variants = [(next(iter(v.when.values())), v.constraint, v.prices) for v in model.price_variants or ()]
    for variant, constraint, price in [*(("standard", *each) for each in prices), *variants]:
        by_length: dict[int, dict[str, Decimal]] = {}
        for feature, key in GENAI_FEATURES.items():
            for above, value in tiers(getattr(price, key)):
                by_length.setdefault(above, {})[feature] = value
        yield variant, None if constraint is None else constraint.start_date.isoformat(), by_length


def genai_table(models: Mapping[str, Any]) -> Table:
    """Return the prices of today in genai-prices."""
    table: Table = {}
    for name, model in models.items():
        newest: dict[str, tuple[str, dict[int, dict[str, Decimal]]]] = {}
        for variant, start, by_length in genai_rows(model):
            if (start or "") >= newest.get(variant, ("", {}))[0]:
                newest[variant] = (start or "", by_length)
        for variant, (_, by_length) in newest.items():
            for above, features in by_length.items():
                table |= {Key(name, variant, above, feature): value for feature, value in features.items()}
        standard = model.prices[-1].prices if isinstance(model.prices, list) else model.prices
        if (searches := standard.web_searches_kcount) is not None:
            table[Key(name, "requests", 0, "web_search")] = searches
    return table


# ── litellm ──────────────────────────────────────────────────────────────────


def litellm_models() -> dict[str, dict[str, Any]]:
    """Return the models of litellm's table by our id; one that stands there with and without a date is the same model."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("litellm is not installed: run this with `make prices`")
    table = json.loads((Path(spec.origin).parent / LITELLM_TABLE).read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = {}
    for name, row in table.items():
        if row.get("litellm_provider") == "anthropic":
            stem = re.sub(r"-20\d{6}$", "", name)
            first = found.setdefault(stem, row)
            if litellm_table({stem: first}) != litellm_table({stem: row}):
                raise ValueError(f"litellm has two prices of {stem}")
    return found


def litellm_table(models: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the prices in litellm's table."""
    table: Table = {}
    for name, row in models.items():
        factors = row.get("provider_specific_entry") or {}
        for feature, key in LITELLM_FEATURES.items():
            for column, value in row.items():
                fits = re.fullmatch(rf"{key}(?:_above_(\d+)k_tokens)?(_batches)?", column)
                if fits and value is not None:
                    above, batch = int(fits[1] or 0) * THOUSAND, "batch" if fits[2] else "standard"
                    table[Key(name, batch, above, feature)] = number(value) * MILLION
                    if not fits[2] and "fast" in factors:
                        table[Key(name, "fast", above, feature)] = number(value) * MILLION * number(factors["fast"])
        if searches := row.get("search_context_cost_per_query"):
            table[Key(name, "requests", 0, "web_search")] = number(searches["search_context_size_medium"]) * THOUSAND
        table |= {Key(name, "regions", 0, region): number(f) for region, f in factors.items() if region != "fast"}
    return table


# ── both ─────────────────────────────────────────────────────────────────────


def found_disagreements(genai: Table, litellm: Table) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Return each fact in which the tables differ, by model and fact: genai-prices' value and litellm's; None where there is none."""
    found: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    of_both = {key.model for key in genai} & {key.model for key in litellm}
    for key in sorted({*genai, *litellm}):
        ours, theirs = written(genai.get(key)), written(litellm.get(key))
        if key.model not in of_both:
            only = ("listed", None) if ours is not None else (None, "listed")
            found[key.model, "model"] = only
        elif ours != theirs:
            found[key.model, key.fact] = (ours, theirs)
    return found


def unlisted(found: Mapping[tuple[str, str], tuple[str | None, str | None]], listed: list[dict[str, Any]]) -> list[str]:
    """Return what the list of disagreements lacks, and what stands in it and is gone, in words."""
    known = {(model, entry["fact"]): tuple(pair) for entry in listed for model, pair in entry["models"].items()}
    return [
        f"{model}: {fact}: genai-prices {found.get((model, fact))}, listed {known.get((model, fact))}"
        for model, fact in sorted({*found, *known})
        if found.get((model, fact)) != known.get((model, fact))
    ]


def made(read: str) -> dict[str, Any]:
    """Make the table."""
    models, others = genai_models(), litellm_models()
    genai, litellm = genai_table(models), litellm_table(others)
    listed, facts = json.loads(LISTED.read_text(encoding="utf-8")), json.loads(FACTS.read_text(encoding="utf-8"))
    if wrong := unlisted(found_disagreements(genai, litellm), listed):
        raise SystemExit("Not listed in disagreements.json, or gone:\n" + "\n".join(wrong))
    sources = {name: f"{name} {importlib.metadata.version(name)}" for name in ("genai-prices", "litellm")}
    rates = []
    for name, model in models.items():
        for variant, start, by_length in genai_rows(model):
            for above, features in sorted(by_length.items()):
                rates.append(_row(name, variant, above, start, sources["genai-prices"], features))
    for name in sorted(others.keys() - models.keys()):
        for variant, above in sorted({(key.variant, key.above) for key in litellm if key.model == name}):
            if variant not in {"regions", "requests"}:
                features = {key.feature: litellm[key] for key in litellm if key[:3] == (name, variant, above)}
                rates.append(_row(name, variant, above, None, sources["litellm"], features))
    return {
        "read": read,
        "sources": [*sources.values(), *facts["sources"]],
        "per": {"tokens": MILLION, "requests": THOUSAND},
        "models": {
            name: {
                "names": names_of(models[name].id) if name in models else [name],
                "window": models[name].context_window if name in models else others[name]["max_input_tokens"],
                "regions": _of(name, "regions", genai, litellm, facts),
                "requests": _of(name, "requests", genai, litellm, facts),
            }
            for name in sorted({*models, *others})
        },
        "rates": sorted(
            rates,
            key=lambda row: (
                row["model"],
                row["variant"] != "standard",
                row["variant"],
                row["from"] or "",
                row["above"],
            ),
        ),
    }


def _row(  # noqa: PLR0917 - the columns, in their order
    model: str, variant: str, above: int, start: str | None, source: str, features: Mapping[str, Decimal]
) -> dict[str, Any]:
    usd = {feature: written(features[feature]) for feature in GENAI_FEATURES if feature in features}
    return {"model": model, "variant": variant, "above": above, "from": start, "source": source, "usd": usd}


def _of(name: str, variant: str, genai: Table, litellm: Table, facts: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the prices that hold for each variant of a model: genai-prices', else litellm's, else a fact that neither has."""
    found = {
        k.feature: v for table in (litellm, genai) for k, v in table.items() if k.model == name and k.variant == variant
    }
    known: dict[str, str | None] = facts[variant].get(name, {}) | facts[variant].get("*", {})
    return known | {feature: written(v) for feature, v in found.items()}


def main() -> int:
    """Write the table; with `--differences` only list in what the two public tables differ."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--read", default=datetime.now(UTC).date().isoformat(), help="the day on which they were read")
    parser.add_argument("--differences", action="store_true")
    given = parser.parse_args()
    date.fromisoformat(given.read)
    if given.differences:
        found = found_disagreements(genai_table(genai_models()), litellm_table(litellm_models()))
        sys.stdout.writelines(f"{model}\t{fact}\t{pair[0]}\t{pair[1]}\n" for (model, fact), pair in found.items())
        return 0
    table = made(given.read)
    rows = ",\n".join("  " + json.dumps(row) for row in table.pop("rates"))
    models = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in table.pop("models").items())
    head = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    given.out.write_text(f'{{\n{head},\n "models": {{\n{models}\n }},\n "rates": [\n{rows}\n ]\n}}\n', encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
