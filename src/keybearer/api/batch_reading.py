"""What is done with the results of a batch as they are read: each row is reported, and at their end the spend limits are settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from keybearer.errors import StreamTruncated
from keybearer.flow import Flow
from keybearer.policy.batch_hold import BatchBill
from keybearer.wire.response.json_lines import JSONLines

if TYPE_CHECKING:
    from keybearer.exchange.spending import SpendPort
    from keybearer.exchange.usage import UsageReports
    from keybearer.types.batches import BatchRow, MessageBatch

__all__ = ["BatchReading"]


class BatchReading:
    """The results of one batch, as they are read once.

    Args:
        batch: The batch's id.
        headers: The headers of the results.
        usage: What rows are reported to.
        limits: The spend limits under which the batch may have been made.
        look: The flow that asks for the batch.
    """

    def __init__(
        self,
        batch: str,
        headers: Mapping[str, str],
        usage: UsageReports,
        limits: Sequence[SpendPort],
        look: Callable[[], Flow[MessageBatch]],
    ) -> None:
        self._batch, self._headers, self._limits, self._look = batch, headers, limits, look
        self._report = usage.of_batch(batch)
        self._bill = BatchBill() if limits else None

    @property
    def reads_rows(self) -> bool:
        """Whether anything is done with each row."""
        return self._report is not None or self._bill is not None

    def row(self, row: BatchRow) -> Flow[None]:
        """Report what a row has used, the first time that it is read, and add it to the bill."""
        if self._bill is not None:
            self._bill.add(row)
        if self._report is not None and (effect := self._report(row)) is not None:
            yield from effect

    def end(self, rows: int) -> Flow[None]:
        """Settle the spend limits, once it is certain that all rows came.

        Raises:
            StreamTruncated: In the flow; rows are missing.
        """
        if "content-length" not in self._headers and "transfer-encoding" not in self._headers:
            yield from self._compare(rows)  # else the transport has held them to it
        if self._bill is None:
            return
        for limit in self._limits:
            if (amount := self._bill.amount(dollars=limit.counts_dollars)) is not None:
                limit.settle_batch(self._batch, amount)

    def _compare(self, rows: int) -> Flow[None]:
        due = (yield from self._look()).request_counts.ended
        if rows < due:
            cut = StreamTruncated(f"The results ended after {rows:,} of {due:,} rows.", hint=JSONLines.again)
            cut.events = rows
            raise cut
