"""The reading side of a job: rows become requests with keys, and those that are finished are passed over.

Contract: `next` is called by one thread at a time. A request that it gives is in the journal as under way, unless the engine writes
that itself when it sends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.keys import SeenRows
from keybearer.bulk.port import BulkRequest, BulkResult, Engine
from keybearer.bulk.requests import RequestMaker

__all__ = ["Fed", "RowFeeder"]


class Fed(NamedTuple):
    """What some rows have become.

    Attributes:
        requests: Those that are to be sent.
        failed: The results of those that cannot be.
        passed: How many are finished already.
        passed_failed: How many of these have an error.
    """

    requests: list[BulkRequest]
    failed: list[BulkResult]
    passed: int
    passed_failed: int


class RowFeeder:
    """Makes requests of rows.

    Args:
        maker: Makes a request of a row.
        journal: The journal.
        seen: Counts equal rows.
        engine: The engine, which may have some of them from an earlier run.

    Attributes:
        seen: As given.
    """

    def __init__(self, maker: RequestMaker, journal: BulkJournal, seen: SeenRows, engine: Engine) -> None:
        self._maker = maker
        self._journal = journal
        self.seen = seen
        self._engine = engine
        self._marks = not engine.keeps_track and not getattr(engine, "marks_sent", False)
        self._resumed = journal.totals.done > 0 or engine.keeps_track

    def next(self, rows: Sequence[Any]) -> Fed:
        """Return what the next rows have become.

        Raises:
            UsageError: The journal cannot be written to.
        """
        made = [self._maker.make(row) for row in rows]
        keys = self.seen.keys([row.hash for row in made])
        taken = self._engine.taken(set(keys))  # before what is finished, for its results come meanwhile
        done = self._journal.finished(keys) if self._resumed else {}
        left = set(keys) - done.keys() - taken
        requests, failed = [], []
        for key, row in zip(keys, made, strict=True):
            if key not in left:
                continue
            if row.error is not None:
                failed.append(BulkResult(key=key, info=row.info, error=row.error, source=row.source))
            else:
                requests.append(BulkRequest(key, row.params, row.info, row.source))
        if requests and self._marks:
            self._journal.begin([each.key for each in requests])
        return Fed(requests, failed, len(done), sum(not good for good in done.values()))
