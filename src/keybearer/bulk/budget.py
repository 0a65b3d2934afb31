"""The spend limit of a job, which all of its runs and processes share: its bookings are in the journal's folder."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Final

from keybearer.errors import KeybearerError, SpendLimitExceeded, UsageError
from keybearer.prices.amount import dollars
from keybearer.shell.spend_limit import SpendLimit

__all__ = ["is_used_up", "job_budget", "used_up"]

NAME: Final = "job"
"""The name of the limit."""


def job_budget(usd: float | Decimal | str, folder: Path, *, waits: bool = True) -> SpendLimit:
    """Return the spend limit of the job whose journal is in a folder.

    Args:
        usd: The most dollars.
        folder: The journal's folder.
        waits: Whether a call that does not fit waits for others to give back what they did not need.

    Raises:
        UsageError: The folder is not here: this machine does not share it.
    """
    if not folder.is_dir():
        raise UsageError(
            f"The budget of the job is kept in {folder}, which is not there on this machine.",
            hint="Put the output on a disk that every machine of the cluster has, or run on one machine.",
        )
    return SpendLimit(usd=usd, name=NAME, ledger=folder / "spend.db", on_full="wait" if waits else "fail")


def is_used_up(error: KeybearerError) -> bool:
    """Return whether an error says that the budget of a job, which has one, has no room for a row.

    Args:
        error: The error; one from another process has no limit, and its words have the limit's name.
    """
    if not isinstance(error, SpendLimitExceeded):
        return False
    return bool(repr(NAME) in error.message if error.limit is None else error.limit.name == NAME)


def used_up(error: KeybearerError, budget: float | Decimal | str, done: int, rows: int | None) -> SpendLimitExceeded:
    """Return the error of a job whose budget is used, in the job's words.

    Args:
        error: The error of the row that did not fit.
        budget: The most dollars.
        done: How many rows are done.
        rows: How many rows there are; None where nobody knows.
    """
    fields = {name: value for name, value in vars(error).items() if name != "message"}
    most, more = (
        dollars(Decimal(str(budget))),
        "Run it again with a larger --max-budget-usd (max_budget_usd= in Python)",
    )
    if not done:
        cost = dollars(Decimal(fields.get("asked", 0)))
        words = f"The budget of {most} has no room for the next request, which may cost up to {cost}: no row is done."
        return SpendLimitExceeded(words, **fields | {"hint": f"{more}, or with fewer max_tokens."})
    of = "" if rows is None else f" of {rows:,}"
    words = f"The budget of {most} is used: {done:,}{of} rows are done."
    if (left := fields.get("left")) is not None:
        words += f" The next may cost up to {dollars(Decimal(fields.get('asked', 0)))}, and {dollars(left)} is left."
    return SpendLimitExceeded(words, **fields | {"hint": f"{more}."})
