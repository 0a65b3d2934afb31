"""`Cost`: an amount of dollars, by part, with what is not known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, InvalidOperation
from functools import reduce
from typing import Any, Final, Self

from msgspec import Struct

__all__ = ["EXACT", "ZERO", "Cost", "dollars", "number"]

EXACT: Final = Context(prec=80)
"""Arithmetic without rounding, whatever the program's own decimal context is: counts have 16 digits, and prices 20 at the most."""

ZERO: Final = Decimal(0)


class Cost(Struct, frozen=True, kw_only=True):
    """What a call cost, or several of them.

    Costs can be added: what is unknown of one is unknown of the sum. `sum(costs, Cost())` adds many.

    Attributes:
        parts: Dollars by part: `input`, `output`, `cache_read`, `cache_write_5m`, `cache_write_1h`, `web_search`, `web_fetch`.
        unknown: What has no known price or no known count, a sentence each. It is never counted as zero.
        notes: What else to know, such as a table of prices that is old.

    Example:
        >>> one = Cost(parts={"input": Decimal("0.5")})
        >>> (one + one).usd
        Decimal('1.0')
    """

    parts: Mapping[str, Decimal] = {}
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> Decimal:
        """The dollars that are known: the least that it cost."""
        return reduce(EXACT.add, self.parts.values(), ZERO)

    @property
    def usd(self) -> Decimal | None:
        """The dollars; None where a part of them is unknown."""
        return None if self.unknown else self.known

    def __add__(self, other: object) -> Cost:
        if not isinstance(other, Cost):
            return NotImplemented
        parts = dict(self.parts)
        for name, value in other.parts.items():
            parts[name] = EXACT.add(parts.get(name, ZERO), value)
        return Cost(parts=parts, unknown=_joined(self.unknown, other.unknown), notes=_joined(self.notes, other.notes))

    def __str__(self) -> str:
        """Return the cost in words: `$0.0125`, or `at least $0.01; unknown: ...`."""
        shown = dollars(self.known)
        return f"at least {shown}; unknown: {'; '.join(self.unknown)}" if self.unknown else shown

    def to_dict(self) -> dict[str, Any]:
        """Return the cost as plain JSON types; dollars are text, so that none is rounded."""
        return {
            "usd": None if self.unknown else number(self.known),
            "known": number(self.known),
            "parts": {name: number(value) for name, value in self.parts.items()},
            "unknown": list(self.unknown),
            "notes": list(self.notes),
        }

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> Self:
        """Return the cost that `to_dict` made plain.

        Raises:
            LookupError, TypeError, ValueError: It is none.
        """
        try:
            parts = {str(name): Decimal(text) for name, text in source["parts"].items()}
        except (AttributeError, InvalidOperation) as error:
            raise ValueError(f"it has no parts of a cost: {error}") from None
        return cls(parts=parts, unknown=tuple(source["unknown"]), notes=tuple(source["notes"]))


def number(amount: Decimal) -> str:
    """Return an amount as text, exact and without an exponent."""
    return f"{EXACT.normalize(amount):f}"


def dollars(amount: Decimal) -> str:
    """Return dollars as text, exact, with two decimals at the least."""
    whole, _, fraction = number(amount).partition(".")
    return f"${whole}.{fraction.ljust(2, '0')}"


def _joined(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
