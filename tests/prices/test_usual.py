"""The fast way to a cost beside the careful one."""

from __future__ import annotations

import copy
import pickle
import random
from datetime import date
from decimal import Decimal
from typing import Any

from keybearer.prices import cost, public, with_own
from keybearer.prices.usual import usual_cost

DAY = date(2026, 11, 26)
MODEL = "claude-haiku-5-5"
FIGURES = (0, 0, 1, 7, 40_000, 99_999, 100_001, 1 << 53)
ODD: tuple[Any, ...] = (None, -1, True, 2.0, 2.5, "7", (1 << 53) + 1, [1])


def usage(draw: random.Random, *, odd: float) -> dict[str, Any]:
    """Draw a usage; each figure is odd with this probability."""

    def figure() -> Any:
        return draw.choice(ODD if draw.random() < odd else FIGURES)

    split = {"ephemeral_5m_input_tokens": figure(), "ephemeral_1h_input_tokens": figure()}
    known = all(type(each) is int for each in split.values())
    drawn = {
        "input_tokens": figure(),
        "output_tokens": figure(),
        "cache_read_input_tokens": figure(),
        "cache_creation_input_tokens": sum(split.values()) if known and draw.random() < 0.9 else figure(),
        "cache_creation": split
        if draw.random() < 0.9
        else draw.choice([None, {}, {"ephemeral_9h_input_tokens": 5}, 3]),
        "service_tier": draw.choice(["standard", "standard", None, "batch", "priority"]),
        "inference_geo": draw.choice([None, None, "us", "global", "mars"]),
        "speed": draw.choice([None, "standard", "fast"]),
        "output_tokens_details": {"thinking_tokens": 3},
    }
    more = {"server_tool_use": draw.choice([None, {"web_search_requests": 2}]), "audio_tokens": draw.choice([0, 4])}
    return drawn | (more if draw.random() < odd else {})


def test_the_fast_way_says_what_the_careful_one_says_or_nothing() -> None:
    """Of drawn usages, usual and odd, the cost is the same both ways, to the last digit and part by part."""
    draw, fast = random.Random(3), 0  # noqa: S311 - the same ones each time
    tables = [public(), with_own({"*": {"discount": 0.137}, MODEL: {"input": "1.0000001"}})]
    days = [DAY, date(2026, 10, 13), date(2029, 1, 1)]
    for _ in range(600):
        one, table, day = usage(draw, odd=draw.choice([0, 0, 0.1])), draw.choice(tables), draw.choice(days)
        model = draw.choice([MODEL, "claude-opus-5-5", "claude-3-opus", "claude-zork-9", ""])
        slow = one | {"iterations": {}}  # which nobody bills, and the fast way refuses
        careful = cost(slow, model, on=day, prices=table)
        found = usual_cost(one, model, table, day)
        assert found is None or (found == careful and found.usd == careful.usd), (one, model)
        assert cost(one, model, on=day, prices=table) == careful
        fast += found is not None
    assert fast > 60


def test_parts_that_are_made_when_they_are_read_are_as_others() -> None:
    """They are looked up, compared, shown and copied as a dictionary of decimals."""
    table = public()
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 100}
    figures = {"cache_read_input_tokens": 50, "cache_creation_input_tokens": 100, "cache_creation": split}
    found = usual_cost({"input_tokens": 10, "output_tokens": 1} | figures, "claude-opus-5-5", table, DAY)
    assert found is not None
    assert dict(found.parts) == {
        "input": Decimal("0.00004"),
        "output": Decimal("0.00002"),
        "cache_read": Decimal("0.00001"),
        "cache_write_5m": 0,
        "cache_write_1h": Decimal("0.0008"),
    }
    assert "audio" not in found.parts
    assert found.parts.get("audio") is None
    assert "'output': Decimal('0.00002" in repr(found)
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found  # noqa: S301 - our own
    assert (found + found).known == Decimal("0.00174")
