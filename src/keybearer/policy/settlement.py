"""What a call that has ended is booked with, from what is known of its usage.

Contract: never less than what may have been billed. What the reply does not say is taken for the worst that is still possible: of a
stream that was cut, an answer of `max_tokens`; of a figure without a price, all that was reserved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from keybearer.errors import APIError, KeybearerError, LintError, TransportError
from keybearer.policy.spend_amounts import Amount, nanodollars
from keybearer.policy.worst_case import WorstCase
from keybearer.prices.billing import cost, tokens_of

if TYPE_CHECKING:
    from keybearer.prices import PriceTable

__all__ = ["certainly_free", "taken"]

_DONE: frozenset[int] = frozenset({408, 499})
"""The 4xx after which the service may have answered all the same: somebody in between gave up."""


def certainly_free(error: KeybearerError) -> bool:
    """Return whether it is certain that a request which ended with this error is not billed: it never left, or was refused."""
    if isinstance(error, TransportError):
        return not error.delivered
    if not isinstance(error, APIError):
        return False
    if isinstance(error, LintError):
        return True
    status = error.http_status
    return status == 529 or (400 <= status < 500 and status not in _DONE)


def taken(
    worst: WorstCase,
    usage: Mapping[str, Any],
    model: str,
    *,
    on: date | None,
    prices: PriceTable | None,
    complete: bool,
) -> Amount:
    """Return what a call took.

    Args:
        worst: Its worst case.
        usage: The usage, as far as it came.
        model: The model that answered.
        on: The day of the reply; today when it did not say.
        prices: The prices; the public ones when omitted.
        complete: Whether all of the usage came.
    """
    if not complete:
        if not worst.plain or not usage:
            return worst.amount
        usage = {**usage, "output_tokens": 0}
    usd = cost(usage, model, on=on, prices=prices).usd
    tokens = tokens_of(usage)
    rest = Amount(0, 0) if complete else worst.output
    return Amount(
        worst.amount.nano if usd is None else nanodollars(usd) + rest.nano,
        worst.amount.tokens if tokens is None else tokens + rest.tokens,
    )
