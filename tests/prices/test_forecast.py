"""What a request will cost: the least, the most, and the cliffs near it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from keybearer.prices.forecast import forecast

DAY = date(2026, 11, 26)
MODEL = "claude-opus-5-5"
CLIFF = "claude-haiku-5-5"


def body(**more: Any) -> dict[str, Any]:
    """Return a request."""
    return {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": "Hi"}]} | more


def marked(ttl: str | None) -> dict[str, Any]:
    """Return a request with a breakpoint in a block."""
    mark = {"type": "ephemeral"} | ({} if ttl is None else {"ttl": ttl})
    return body(messages=[{"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": mark}]}])


@pytest.mark.parametrize(
    ("request_body", "least", "most"),
    [
        (body(), "4", "4.02"),
        (body(speed="fast"), "8", "8.04"),
        (body(inference_geo="us"), "4.4", "4.422"),
        (marked(None), "0.2", "5.02"),
        (marked("1h"), "0.2", "8.02"),
        (body(cache_control={"type": "ephemeral"}), "0.2", "5.02"),
    ],
)
def test_the_least_and_the_most(request_body: dict[str, Any], least: str, most: str) -> None:
    """Without a breakpoint only the answer's length is open; with one, the prompt may be read or written, at its lifetime's price."""
    found = forecast(request_body, 1_000_000, on=DAY)
    assert (found.least.usd, found.most.usd) == (Decimal(least), Decimal(most))
    assert (found.input_tokens, found.max_tokens, found.warnings) == (1_000_000, 1000, ())


@pytest.mark.parametrize(
    ("prompt", "warnings"),
    [
        (95_000, ()),
        (95_001, ("4,999 tokens below 100,000, above which each token costs 5 times the price",)),
        (100_000, ("0 tokens below 100,000, above which each token costs 5 times the price",)),
        (100_002, ("2 tokens over 100,000: 5 times the price",)),
    ],
)
def test_a_cliff_is_said_before_and_after_it(prompt: int, warnings: tuple[str, ...]) -> None:
    """A prompt that is beyond a cliff, or less than a twentieth before it, has a warning with the factor."""
    assert forecast(body(model=CLIFF), prompt, on=DAY).warnings == warnings


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"mcp_servers": [{"type": "url", "url": "https://mcp.example", "name": "one"}]},
        {"compaction": {"type": "auto"}},
    ],
)
def test_what_nothing_bounds_makes_the_most_unknown(more: dict[str, Any]) -> None:
    """The service's own tools, MCP servers and compaction may add any number of tokens; the least is known all the same."""
    found = forecast(body(**more), 1000, on=DAY)
    assert found.most.usd is None
    assert found.least.usd == Decimal("0.004")
    assert "bounds what" in str(found)


def test_tools_that_the_caller_runs_are_bounded() -> None:
    """A tool of one's own, or one that the caller runs, adds nothing within the request."""
    tools = [{"name": "mine", "input_schema": {}}, {"type": "bash_20250124", "name": "bash"}]
    assert forecast(body(tools=tools), 1000, on=DAY).most.usd == Decimal("0.024")


def test_a_model_without_a_price_has_no_cliffs_and_no_cost() -> None:
    """A model that is not in the table has tokens and no dollars."""
    found = forecast(body(model="our-model"), 10, on=DAY)
    assert (found.least.usd, found.most.usd, found.warnings) == (None, None, ())


def test_an_estimate_as_json_has_its_dollars_as_text() -> None:
    """Plain types with every field, so that a program reads what a person does."""
    plain = forecast(body(), 1000, on=DAY, counted=False).to_dict()
    assert (plain["least"]["usd"], plain["most"]["usd"]) == ("0.004", "0.024")
    assert (plain["input_tokens"], plain["counted"], plain["warnings"]) == (1000, False, [])
