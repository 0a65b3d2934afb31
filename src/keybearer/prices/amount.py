"""`Cost`: an amount of dollars, by part, with what is not known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal, InvalidOperation
from functools import reduce
from typing import Any, Final, Self

from msgspec import Struct

__all__ = ["EXACT", "ZERO", "Amounts", "Cost", "dollars", "number"]

EXACT: Final = Context(prec=80)
"""Arithmetic without rounding, whatever the program's own decimal context is: counts have 16 digits, and prices 20 at the most."""

_times: Final = EXACT.multiply

ZERO: Final = Decimal(0)


class Amounts(Mapping[str, Decimal]):
    """Dollars by name, from whole numbers: an amount becomes a decimal when it is read.

    Args:
        names: The names.
        units: The amounts, in units.
        unit: The unit, in dollars.
        whole: Their sum, in units.
    """

    __slots__ = ("_names", "_unit", "_units", "_whole")

    def __init__(self, names: Sequence[str], units: Sequence[int], unit: Decimal, whole: int) -> None:
        self._names = names
        self._units = units
        self._unit = unit
        self._whole = whole

    def sum(self) -> Decimal:
        """Return the sum."""
        return _times(self._unit, self._whole)

    def __getitem__(self, name: str) -> Decimal:
        if name not in self._names:
            raise KeyError(name)
        return _times(self._unit, self._units[self._names.index(name)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is plain


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
        parts = self.parts
        return parts.sum() if type(parts) is Amounts else reduce(EXACT.add, parts.values(), ZERO)

    @property
    def usd(self) -> Decimal | None:
        """The dollars; None where a part of them is unknown."""
        if self.unknown:
            return None
        parts = self.parts
        return parts.sum() if type(parts) is Amounts else self.known

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
