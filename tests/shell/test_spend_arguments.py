"""What a `SpendLimit` takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from keybearer import SpendLimit, UsageError


@pytest.mark.parametrize(("usd", "amount"), [(1, "1"), (0.1, "0.1"), ("0.30", "0.3"), (Decimal("1e-9"), "0.000000001")])
def test_dollars_are_exact(usd: Any, amount: str) -> None:
    """A float is the number that was written."""
    assert SpendLimit(usd=usd).usd == Decimal(amount)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "takes usd or tokens"),
        ({"usd": -1}, "usd of a SpendLimit is -1"),
        ({"usd": float("nan")}, "usd of a SpendLimit is nan"),
        ({"usd": "much"}, "usd of a SpendLimit is 'much'"),
        ({"usd": True}, "usd of a SpendLimit is True"),
        ({"tokens": 1.5}, "tokens of a SpendLimit is 1.5"),
        ({"usd": 1, "per": "week"}, "it may be run, day or month"),
        ({"usd": 1, "on_full": "ask"}, "it may be fail or wait"),
        ({"usd": 1, "name": " "}, "it takes text"),
        ({"usd": 1, "ledger": "x.db"}, "takes a name"),
        ({"usd": 1, "timezone": "Mars/Base"}, "there is no such zone"),
        ({"usd": 1, "alert_at": 2}, "it takes a share"),
    ],
)
def test_what_cannot_be_is_refused(given: Any, why: str) -> None:
    """Each argument says what it takes."""
    with pytest.raises(UsageError, match=why):
        SpendLimit(**given)
