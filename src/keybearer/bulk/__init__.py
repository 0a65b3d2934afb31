"""Bulk: any number of rows, each a request, through one of several engines, with a journal that survives `kill -9`.

    from keybearer import bulk

    summary = bulk.run("reviews.csv", "answers.jsonl", template="Is this review kind? {text}")

    rows ─▶ requests (template, key) ─▶ engine (local, batches, ray) ─▶ results file ─▶ output
                 │                          ▲                                │
                 └── not finished before? ──┴── "under way" (journal) ◀──────┘ finished

Strategy: a row is known by what is sent and by what of it is kept, never by its place. A job reads rows lazily, passes over those
that an earlier run has finished, writes down the keys of the others before the engine has them, and each result as one line as
soon as it comes. The results file is the truth; the journal's SQLite index over it can be made anew.

Contract: running a job again loses no row, and pays for no row that was finished. Rows that were under way when a process was
killed are counted, and sent again. A row that fails is a row with its error. Memory does not grow with the number of rows.
"""

from __future__ import annotations

from keybearer.bulk.job import run, run_async
from keybearer.bulk.plan import BulkEstimate, estimate, estimate_async
from keybearer.bulk.port import BulkRequest, BulkResult, Engine, RowError
from keybearer.bulk.progress import BulkProgress
from keybearer.bulk.stopping import BulkStop, stopped_by_signals
from keybearer.bulk.summary import BulkSummary

__all__ = [
    "BulkEstimate",
    "BulkProgress",
    "BulkRequest",
    "BulkResult",
    "BulkStop",
    "BulkSummary",
    "Engine",
    "RowError",
    "estimate",
    "estimate_async",
    "run",
    "run_async",
    "stopped_by_signals",
]
