"""When a job ends early: errors that concern every row, so that a million rows do not fail one after the other.

    at once              the credential, the account's money, the job's own budget: the row is given back, not failed
    after a streak       so many rows in a row failed, whatever the errors, with no success in between

Contract: a row that is given back is sent when the job is run again; rows of a streak are results, which `retry_failed` sends again.
"""

from __future__ import annotations

from typing import Final

from keybearer.bulk.port import BulkResult
from keybearer.errors import (
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    KeybearerError,
    QuotaExceeded,
    SpendLimitExceeded,
    UsageError,
)

__all__ = ["GIVE_UP_AFTER", "Streak", "ends_job"]

GIVE_UP_AFTER: Final = 100
"""How many rows in a row may fail."""

_AT_ONCE: Final = (AuthenticationFailed, ConfigError, CredentialError, QuotaExceeded, SpendLimitExceeded)


def ends_job(error: Exception | None) -> bool:
    """Return whether an error is one of every row: none can be sent."""
    return isinstance(error, _AT_ONCE)


class Streak:
    """How many rows have failed since one succeeded.

    Args:
        most: How many may; 0 for any number.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._failed = 0

    def add(self, result: BulkResult) -> KeybearerError | None:
        """Count a result; return the error that ends the job, if it does."""
        if result.error is None:
            self._failed = 0
            return None
        self._failed += 1
        if self._failed != self._most:
            return None
        return UsageError(
            f"{self._failed:,} rows in a row failed, the last with {result.error.error_class}: {result.error.message}",
            hint="Mend what is wrong, and run it again with --retry-failed (retry_failed=True); --give-up-after changes how many may.",
        )
