"""What other people's code says that generated usages cost, beside the client's cost and the simulator's bill.

    make prices

Both calculate from their own tables: genai-prices through `extract_usage` and `calc_price`, litellm through the functions that its
proxy bills Anthropic's replies with. Where both tables have a price, or the one that `disagreements.json` chose, nothing may differ.
A sample of what they said is kept in `tests/prices/data/oracles.jsonl`, for the tests that run without them.

    python oracles.py COUNT OUT
"""

from __future__ import annotations

import json
import os
import random
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from keybearer.prices import cost, public
from keybearer.simulator.service.bills import bill_of

LISTED: Final = Path(__file__).parent / "disagreements.json"
DAY: Final = datetime(2026, 11, 26, tzinfo=UTC)
KEPT: Final = 300
CLOSE: Final = Decimal("1e-12")
"""litellm counts in binary fractions: a difference of a trillionth is its rounding."""


def usages(count: int) -> list[tuple[str, dict[str, Any]]]:
    """Return generated usages, each with its model; the same for the same count."""
    draw = random.Random(20261126)  # noqa: S311 - the same each time
    return [(draw.choice(sorted(public().models)), usage_of(draw)) for _ in range(count)]


def usage_of(draw: random.Random) -> dict[str, Any]:
    """Return one usage: prompts of all lengths and just around the cliff, with each variant."""
    most = draw.choice([0, 10, 10_000, 100_000, 1_000_000])
    read, short, long = (draw.choice([0, draw.randint(0, most)]) for _ in range(3))
    fresh = draw.randint(0, most)
    if draw.random() < 0.2:
        fresh = max(0, 100_000 + draw.randint(-1, 1) - read - short - long)
    variant = draw.choice([{"service_tier": "standard"}, {"service_tier": "batch"}, {"speed": "fast"}, {}])
    region: dict[str, Any] = draw.choice([{}, {"inference_geo": "us"}, {"inference_geo": "global"}])
    return {
        "input_tokens": fresh,
        "output_tokens": draw.randint(0, 64_000),
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": short + long,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "server_tool_use": {
            "web_search_requests": draw.choice([0, 0, 1, 7]),
            "web_fetch_requests": draw.choice([0, 2]),
        },
        **variant,
        **region,
    }


def by_genai(model: str, usage: dict[str, Any]) -> Decimal | None:
    """Return what genai-prices says; None where its table has no such price."""
    from genai_prices import extract_usage

    context = {"processing": "batch"} if usage.get("service_tier") == "batch" else {}
    context |= {"speed": "fast"} if usage.get("speed") == "fast" else {}
    if usage.get("inference_geo") == "us":
        return None
    try:
        found = extract_usage({"model": model, "usage": usage}, provider_id="anthropic")
        variants = [each.when for each in found.model.price_variants or ()] if found.model else []
        if found.model is None or (context and context not in variants):
            return None
        price = found.calc_price(genai_request_timestamp=DAY, price_context=context)
    except LookupError:
        return None
    searches = usage["server_tool_use"]["web_search_requests"]
    return None if searches and price.model_price.web_searches_kcount is None else price.total_price


def disagreed(model: str, usage: dict[str, Any]) -> bool:
    """Return whether litellm's price of a prompt so long is one that was not chosen."""
    fresh, read, written = (usage[f"{name}input_tokens"] for name in ("", "cache_read_", "cache_creation_"))
    steps = [
        int(entry["fact"].split(":")[0].removeprefix("standard above "))
        for entry in json.loads(LISTED.read_text(encoding="utf-8"))
        if entry["fact"].startswith("standard above ") and entry["choice"] != "litellm" and model in entry["models"]
    ]
    return any(fresh + read + written > above for above in steps)


def by_litellm(model: str, usage: dict[str, Any]) -> Decimal | None:
    """Return what litellm says; None where its table has no such price, or it bills the call elsewhere."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm
    from litellm.llms.anthropic import cost_calculation
    from litellm.llms.anthropic.chat.transformation import AnthropicConfig

    row = litellm.model_cost.get(model)
    factors = (row or {}).get("provider_specific_entry") or {}
    wanted = [region for region in (usage.get("inference_geo"),) if region == "us"]
    wanted += ["fast"] if usage.get("speed") == "fast" else []
    if row is None or usage.get("service_tier") == "batch" or any(each not in factors for each in wanted):
        return None
    if disagreed(model, usage):
        return None
    info = litellm.get_model_info(model=model, custom_llm_provider="anthropic")
    made = AnthropicConfig().calculate_usage(usage_object=usage, reasoning_content=None, speed=usage.get("speed"))
    searches = cost_calculation.get_cost_for_anthropic_web_search(model_info=info, usage=made)
    if usage["server_tool_use"]["web_search_requests"] and not searches:
        return None
    return Decimal(repr(sum(cost_calculation.cost_per_token(model=model, usage=made)) + searches))


def main() -> int:
    """Compare, write the sample, and return how many usages differ."""
    count, out = int(sys.argv[1]), Path(sys.argv[2])
    rows, compared, wrong = [], {"genai-prices": 0, "litellm": 0}, 0
    for model, usage in usages(count):
        theirs = {"genai-prices": by_genai(model, usage), "litellm": by_litellm(model, usage)}
        ours = {"client": cost(usage, model, on=DAY).usd, "simulator": bill_of(usage, model, DAY.timestamp()).usd}
        wrong += ours["client"] != ours["simulator"]
        for name, value in theirs.items():
            compared[name] += value is not None
            for whose, own in ours.items():
                if value is not None and (own is None or abs(own - value) > CLOSE * (name == "litellm")):
                    wrong += 1
                    sys.stdout.write(f"{name}: {model}: {value}, the {whose} {own}: {json.dumps(usage)}\n")
        said = {name: None if value is None else f"{value.normalize():f}" for name, value in theirs.items()}
        rows.append({"model": model, "usage": usage, "said": said})
    out.write_text("".join(json.dumps(row) + "\n" for row in rows[:KEPT]), encoding="utf-8")
    sys.stdout.write(f"{count} usages; compared with {compared}; {wrong} differ\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
