"""What a call that has ended is booked with: never less than what may have been billed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from keybearer import errors as e
from keybearer.policy.settlement import certainly_free, taken
from keybearer.policy.spend_amounts import Amount, nanodollars
from keybearer.policy.worst_case import WorstCase
from keybearer.prices import cost

MODEL = "claude-opus-5-5"
DAY = date(2026, 11, 26)
WORST = WorstCase(amount=Amount(9_000_000, 900), output=Amount(5_000_000, 500), plain=True)
USAGE = {"input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 5}


def booked(usage: dict[str, Any], *, complete: bool = True, worst: WorstCase = WORST, model: str = MODEL) -> Amount:
    """Return what a call is booked with."""
    return taken(worst, usage, model, on=DAY, prices=None, complete=complete)


def test_a_whole_reply_is_booked_with_what_it_cost() -> None:
    """Dollars by the prices, and every token, those read from the cache too."""
    usd = cost(USAGE, MODEL, on=DAY).usd
    assert usd is not None
    assert booked(USAGE) == Amount(nanodollars(usd), 22)


def test_a_cut_stream_is_booked_with_the_longest_answer() -> None:
    """Its input is known, and its answer may have been as long as max_tokens."""
    usd = cost(USAGE | {"output_tokens": 0}, MODEL, on=DAY).usd
    assert usd is not None
    assert booked(USAGE, complete=False) == Amount(nanodollars(usd) + 5_000_000, 15 + 500)


@pytest.mark.parametrize(
    ("usage", "more"),
    [
        ({}, {"complete": False}),
        (USAGE, {"complete": False, "worst": WorstCase(amount=WORST.amount, output=WORST.output, plain=False)}),
        ({}, {}),
    ],
)
def test_what_is_not_known_is_booked_whole(usage: dict[str, Any], more: dict[str, Any]) -> None:
    """Without a usage, or where tools of the service may have gone on, all that was reserved is spent."""
    assert booked(usage, **more) == WORST.amount


def test_a_price_that_is_not_known_is_the_worst() -> None:
    """Priority capacity has no public price, so the dollars stay as reserved; its tokens are known."""
    assert booked(USAGE | {"service_tier": "priority"}) == Amount(WORST.amount.nano, 22)


@pytest.mark.parametrize(
    ("error", "free"),
    [
        (e.ConnectionFailed("x", delivered=False), True),
        (e.ConnectionFailed("x", delivered=True), False),
        (e.RateLimited("x", http_status=429), True),
        (e.Overloaded("x", http_status=529), True),
        (e.InvalidRequest("x", http_status=400), True),
        (e.InvalidRequest("x", http_status=408), False),
        (e.ServerError("x", http_status=500), False),
        (e.ServerError("x", http_status=503), False),
        (e.UnexpectedResponse("x", status=200), False),
        (e.StreamTruncated("x"), False),
    ],
)
def test_only_a_refusal_is_certainly_free(error: e.KeybearerError, free: bool) -> None:
    """What the service refused, or what never left, is given back; nothing else is."""
    assert certainly_free(error) is free
