"""The rows of a job in batches that go live: those whose batch is not awaited any more, and those that come too late for one.

Contract: a row that is to go live stands in the journal until it has a result, so that the job, which may read it again
meanwhile, does not give it a second time; what is finished is passed over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from keybearer.bulk.batch_journal import LIVE, BatchJournal
from keybearer.bulk.journal_index import AT_ONCE
from keybearer.bulk.local import LocalEngine
from keybearer.bulk.port import BulkRequest, BulkResult
from keybearer.types.api_object import loads

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup

__all__ = ["LiveRows"]


class LiveRows:
    """Sends rows live.

    Args:
        setup: What the engine is made from.
        kept: What the job has in its batches, and which rows are to go live.
    """

    def __init__(self, setup: EngineSetup, kept: BatchJournal) -> None:
        self._setup = setup
        self._journal = setup.journal
        self._kept = kept
        self._engine: LocalEngine | None = None
        self._stopped = False

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Carry out the rows that are to go live, and those of `work`, and give the results as they come."""
        if self._stopped:
            return
        self._engine = LocalEngine.of(self._setup)
        answered: list[bytes] = []
        try:
            async with aclosing(self._rows(work)) as rows, aclosing(self._engine.results(rows)) as results:
                async for came in results:
                    yield came
                    answered += [each.key for each in came]
                    if len(answered) >= AT_ONCE:
                        self._forget(answered)
                        answered = []
        finally:
            self._forget(answered)

    async def _rows(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkRequest], None]:
        for part in self._kept.rows_of(LIVE):
            keys = [row.key for row in part]
            left = self._journal.unfinished(keys)
            self._kept.remove([key for key in keys if key not in left])  # of a run that was killed before it did
            yield [BulkRequest(row.key, loads(row.params), row.info, row.source) for row in part if row.key in left]
        async for given in work:
            yield given

    def _forget(self, keys: Sequence[bytes]) -> None:
        """Let rows go that have their results."""
        with suppress(sqlite3.Error):  # on a full disk they stay
            self._kept.remove([*self._journal.finished(keys)])

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        if self._engine is not None:
            self._engine.stop()

    def unsent(self) -> Sequence[bytes]:
        """Return the keys of rows that were taken and not sent."""
        return [] if self._engine is None else self._engine.unsent()

    def under_way(self) -> int:
        """Return how many rows were sent, whose results have not come."""
        return 0 if self._engine is None else self._engine.under_way()
