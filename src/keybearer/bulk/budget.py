"""The spend limit of a job, which all of its runs and processes share: its bookings are in the journal's folder."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from keybearer.errors import UsageError
from keybearer.shell.spend_limit import SpendLimit

__all__ = ["job_budget"]


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
    return SpendLimit(usd=usd, name="job", ledger=folder / "spend.db", on_full="wait" if waits else "fail")
