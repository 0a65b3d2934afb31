"""What a message, a row of a batch and a count cost, and that it changes nothing of their value."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Any

from keybearer.api.batches import row_of
from keybearer.prices import with_own
from keybearer.types.http import Headers
from keybearer.types.messages import Message, TokenCount

MODEL = "claude-opus-4-6"
USAGE: dict[str, Any] = {"input_tokens": 300_000, "output_tokens": 0}
OWN = with_own({MODEL: {"input": 1, "batch": {"input": 0.5}}})


def message(**more: Any) -> Message:
    """Return a complete message of 300,000 input tokens."""
    return Message.of(
        {"id": "msg_1", "model": MODEL, "stop_reason": "end_turn", "content": [], "usage": dict(USAGE), **more}
    )


def test_a_message_costs_what_its_model_took_on_its_day() -> None:
    """The day is that of the reply's date; without one, it is today."""
    old = Headers([("date", "Tue, 10 Mar 2026 10:00:00 GMT")])
    assert message().cost.usd == Decimal("1.5")
    assert message().with_headers(old).cost.usd == 3


def test_the_clients_own_prices_go_with_a_message_and_are_no_part_of_it() -> None:
    """Own prices change the cost, survive copies and pickles, and are neither compared nor stored."""
    own = message().with_prices(OWN)
    for each in (own, copy.copy(own), copy.deepcopy(own), pickle.loads(pickle.dumps(own)), own.with_usage(own.usage)):  # noqa: S301
        assert each.cost.usd == Decimal("0.3")
    assert own == message()
    assert own.to_dict() == message().to_dict()
    assert Message.from_json(own.to_json()).cost.usd == Decimal("1.5")


def test_the_output_of_a_message_that_was_cut_is_unknown() -> None:
    """The cost of a message without a stop reason is at least what had come."""
    cut = message(stop_reason=None).cost
    assert cut.usd is None
    assert cut.known == Decimal("1.5")
    assert "not complete" in cut.unknown[0]


def test_a_usage_that_is_none_is_unknown() -> None:
    """A gateway's reply without a usage, or with something else there, has an unknown cost."""
    for usage in (None, "free", 5):
        assert message(usage=usage).cost.usd is None


def row(result: dict[str, Any]) -> dict[str, Any]:
    """Return a row of a batch's results."""
    return {"custom_id": "one", "result": result}


def test_a_row_of_a_batch_costs_half() -> None:
    """A row's answer is billed at a batch's prices, also where the reply does not say that it was one; a failed row costs nothing."""
    answered = row({"type": "succeeded", "message": message().to_dict()})
    assert row_of(answered).cost.usd == Decimal("0.75")
    assert row_of(answered, OWN).cost.usd == Decimal("0.15")
    assert row_of(answered, OWN) == row_of(answered)
    assert row_of(answered, OWN).to_dict() == answered
    assert row_of(row({"type": "expired"}), OWN).cost.usd == 0


def test_a_count_is_free() -> None:
    """Counting tokens costs nothing."""
    assert TokenCount(input_tokens=10).cost.usd == 0
