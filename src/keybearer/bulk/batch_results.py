"""A row of a batch's results as the result of a job's row: the same as the row would have live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keybearer.bulk.keys import SIZE
from keybearer.bulk.port import BulkResult, RowError
from keybearer.types.api_object import source_of
from keybearer.wire.response.errors import ERRORS, api_error

if TYPE_CHECKING:
    from keybearer.bulk.batch_journal import SubmittedRow
    from keybearer.types.batches import BatchRow

__all__ = ["key_of", "result_of"]

_ENDED: Final = {"canceled": "BatchCanceled", "expired": "BatchExpired"}
"""What a row that was not begun has in place of an error's class."""


def key_of(custom_id: str) -> bytes | None:
    """Return the key of the row that a `custom_id` names; None for one that no job has made."""
    try:
        key = bytes.fromhex(custom_id.partition("-")[0])
    except ValueError:
        return None
    return key if len(key) == SIZE else None


def result_of(row: BatchRow, kept: SubmittedRow) -> BulkResult:
    """Return the result of a row.

    Args:
        row: What the service says of it.
        kept: What the journal has of it.
    """
    if row.message is not None:
        message = source_of(row.message) or row.message.to_dict()
        return BulkResult(key=kept.key, info=kept.info, message=message, text=row.message.text, cost=row.cost)
    error, request_id = row.result.error, None
    if error is None:
        found = RowError(error_class=_ENDED.get(row.result.type, "BatchError"), message=row.failure or "")
    else:
        body = row.to_dict()["result"]["error"]
        status, _ = ERRORS.get(error.type, (500, None))
        request_id = body.get("request_id") if isinstance(body, dict) else None
        raised = api_error(status, body, {})
        found = RowError(
            error_class=type(raised).__name__, message=raised.message, request_id=request_id, status=status
        )
    return BulkResult(key=kept.key, info=kept.info, error=found, source=kept.source)
