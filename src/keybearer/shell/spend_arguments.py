"""What a `SpendLimit` takes, checked, and what it says of itself."""

from __future__ import annotations

from datetime import UTC, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from keybearer.errors import UsageError

__all__ = ["SpendState", "check_choice", "check_store", "dollars_of", "tokens_of", "zone_of"]


class SpendState(NamedTuple):
    """What has become of a limit.

    Attributes:
        spent: Dollars that are spent in the present period.
        reserved: Dollars that calls under way may cost at the most.
        left: Dollars that are left; None without a limit of dollars.
        spent_tokens: Tokens of the present period.
        reserved_tokens: Tokens that calls under way may take at the most.
        left_tokens: Tokens that are left; None without a limit of tokens.
        resets_at: When the period ends, in epoch seconds; None for one that never does.
    """

    spent: Decimal
    reserved: Decimal
    left: Decimal | None
    spent_tokens: int
    reserved_tokens: int
    left_tokens: int | None
    resets_at: float | None


def dollars_of(usd: Any) -> Decimal | None:
    """Return dollars as they were given, exact; None for None.

    Raises:
        UsageError: They are none.
    """
    if usd is None:
        return None
    try:
        amount = (
            Decimal(str(usd)) if isinstance(usd, int | float | Decimal | str) and not isinstance(usd, bool) else None
        )
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount < 0:
        raise UsageError(f"usd of a SpendLimit is {usd!r}: it takes dollars, 0 or more.")
    return amount


def tokens_of(tokens: Any) -> int | None:
    """Return a number of tokens; None for None.

    Raises:
        UsageError: It is none.
    """
    if tokens is not None and (isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 0):
        raise UsageError(f"tokens of a SpendLimit is {tokens!r}: it takes a whole number, 0 or more.")
    return None if tokens is None else int(tokens)


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Refuse a value that is none of the choices.

    Raises:
        UsageError: It names the argument.
    """
    if value not in choices:
        raise UsageError(f"{name} of a SpendLimit is {value!r}: it may be {', '.join(choices[:-1])} or {choices[-1]}.")


def zone_of(name: str | None) -> tzinfo:
    """Return a time zone by its name; UTC for None.

    Raises:
        UsageError: There is no such zone.
    """
    if name is None:
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise UsageError(f"timezone of a SpendLimit is {name!r}: there is no such zone.") from None


def check_store(store: Any, name: str | None, ledger: Any, usd: Decimal | None) -> None:
    """Refuse a store that cannot keep a limit.

    Raises:
        UsageError: In words.
    """
    if store is None:
        return
    from keybearer.config.redis_server import redis_problem

    if (problem := redis_problem(store)) is not None:
        raise UsageError(f"The store of a SpendLimit {problem}.")
    if name is None:
        raise UsageError("A SpendLimit with a store takes a name, by which all processes share it.")
    if ledger is not None:
        raise UsageError("A SpendLimit is kept in a ledger's file or in a store: leave one of them out.")
    if usd is not None and usd > MOST_IN_STORE:
        raise UsageError(
            f"A SpendLimit in a store is of {MOST_IN_STORE:,} dollars at the most: it counts exactly up to there."
        )


MOST_IN_STORE: Final = 4_000_000
"""Redis' scripts count in double precision: a limit and what is reserved beside it, in nanodollars, stay below 2**53."""
