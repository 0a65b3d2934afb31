"""`Cost`: sums of dollars that are exact, and never forget what is unknown."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import pytest

from keybearer.prices import Cost
from keybearer.prices.amount import dollars


def test_costs_add_up_by_part_and_keep_what_is_unknown() -> None:
    """A sum has the parts of both, and is unknown where one of them is; what both lack is said once."""
    one = Cost(parts={"input": Decimal("0.1"), "output": Decimal("0.2")}, unknown=("x",), notes=("old",))
    other = Cost(parts={"input": Decimal("0.7")}, unknown=("x", "y"))
    both = one + other
    assert both.parts == {"input": Decimal("0.8"), "output": Decimal("0.2")}
    assert both.unknown == ("x", "y")
    assert both.notes == ("old",)
    assert both.usd is None
    assert both.known == Decimal("1.0")
    assert sum([other, other], Cost()).known == Decimal("1.4")
    assert Cost().usd == 0


def test_nothing_is_rounded_whatever_the_program_does_with_its_decimals() -> None:
    """A program that rounds its own numbers to three digits does not round a cost."""
    with localcontext() as context:
        context.prec = 3
        total = Cost(parts={"input": Decimal(1000000), "output": Decimal("0.00000001")})
        assert str((total + total).known) == "2000000.00000002"


@pytest.mark.parametrize(
    ("amount", "text"), [("0", "$0.00"), ("1E-8", "$0.00000001"), ("12.5", "$12.50"), ("1E+3", "$1000.00")]
)
def test_dollars_are_written_exactly(amount: str, text: str) -> None:
    """Dollars have two decimals, and more where they are needed."""
    assert dollars(Decimal(amount)) == text


def test_words_say_the_least_and_what_is_unknown() -> None:
    """The text of a cost that is not known begins with the least that it was; its JSON says none."""
    cost = Cost(parts={"input": Decimal("0.01")}, unknown=("output: cut",))
    assert str(cost) == "at least $0.01; unknown: output: cut"
    assert cost.to_dict() == {
        "usd": None,
        "known": "0.01",
        "parts": {"input": "0.01"},
        "unknown": ["output: cut"],
        "notes": [],
    }


def test_a_cost_is_read_as_it_was_written() -> None:
    """What `to_dict` gives is the same cost again, to the last digit; what is none is refused."""
    one = Cost(parts={"input": Decimal("0.000000000000000001")}, unknown=("output: nobody knows",), notes=("old",))
    assert Cost.of(one.to_dict()) == one
    wrongs: list[dict[str, Any]] = [{}, {"parts": []}, {"parts": {"input": "x"}, "unknown": [], "notes": []}]
    for wrong in wrongs:
        with pytest.raises((LookupError, ValueError)):
            Cost.of(wrong)
