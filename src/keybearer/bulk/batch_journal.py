"""What a job has in message batches, in its journal: so that no crash submits a row twice, and a run that follows fetches the results.

Strategy: before a batch is made, its rows are written down with a nonce that stands in each `custom_id`. When it is made, its id is
added. A nonce without an id is a batch that may have been made: the engine looks for it. Rows that are to go live stand under `LIVE`,
and those that are to be in another batch under `AGAIN`.

Contract: what is written is on the disk when a method returns. A row that is to be sent stands here until it has a result, so that
whoever feeds rows does not give it a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from keybearer.bulk.journal_index import AT_ONCE, JournalIndex

__all__ = ["AGAIN", "LIVE", "BatchJournal", "SentBatch", "SubmittedRow"]

LIVE: Final = "live"
"""The nonce of rows that no batch is awaited for any more."""

AGAIN: Final = "again"
"""The nonce of rows that are to be in another batch."""


class SentBatch(NamedTuple):
    """A batch that was sent, or was about to be.

    Attributes:
        nonce: What ends the custom_id of each of its rows.
        begun: When it was about to be sent, in epoch seconds.
        requests: How many rows it has.
        id: The service's id; None where nobody knows whether it was made.
    """

    nonce: str
    begun: float
    requests: int
    id: str | None


class SubmittedRow(NamedTuple):
    """A row of a batch.

    Attributes:
        key: Its key.
        params: The arguments of its request as JSON.
        info: What the output has of it.
        source: The row as JSON, where a dead-letter file wants it.
        expired: In how many batches it has expired.
    """

    key: bytes
    params: bytes
    info: bytes
    source: bytes
    expired: int = 0


class BatchJournal:
    """The batches of a job.

    Args:
        index: The index of its journal.
    """

    def __init__(self, index: JournalIndex) -> None:
        self._index = index
        self._database = index.database

    def _write(self, *statements: tuple[str, Sequence[Sequence[object]]]) -> None:
        """Carry out statements in one transaction, which is on the disk then."""
        with self._index.lock:
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("BEGIN IMMEDIATE")
            try:
                for statement, rows in statements:
                    self._database.executemany(statement, rows)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
            finally:
                self._database.execute("PRAGMA synchronous = NORMAL")

    def intend(self, nonce: str, now: float, rows: Sequence[SubmittedRow]) -> None:
        """Write that a batch of these rows is about to be made."""
        self._write(
            ("INSERT INTO batches VALUES (?, ?, ?, NULL)", [(nonce, now, len(rows))]),
            (
                "INSERT OR REPLACE INTO submitted VALUES (?, ?, ?, ?, ?, ?)",
                [(row.key, nonce, row.params, row.info, row.source, row.expired) for row in rows],
            ),
        )

    def made(self, nonce: str, batch_id: str) -> None:
        """Write that a batch was made."""
        self._write(("UPDATE batches SET id = ? WHERE nonce = ?", [(batch_id, nonce)]))

    def not_made(self, nonce: str) -> None:
        """Write that a batch was not made, and that its rows are to be in another one."""
        self._write(
            ("DELETE FROM batches WHERE nonce = ?", [(nonce,)]),
            ("UPDATE submitted SET nonce = ? WHERE nonce = ?", [(AGAIN, nonce)]),
        )

    def expired(self, keys: Sequence[bytes]) -> None:
        """Write that rows have expired in their batch, and are to be in another one."""
        self._write(
            ("UPDATE submitted SET nonce = ?, expired = expired + 1 WHERE key = ?", [(AGAIN, key) for key in keys])
        )

    def forget(self, nonce: str) -> None:
        """Write that a batch is no more, and that the rows that it still has are not submitted."""
        self._write(
            ("DELETE FROM batches WHERE nonce = ?", [(nonce,)]), ("DELETE FROM submitted WHERE nonce = ?", [(nonce,)])
        )

    def ended(self, nonce: str) -> None:
        """Write that all results of a batch were taken."""
        self.forget(nonce)

    def go_live(self, keys: Sequence[bytes]) -> None:
        """Write that rows are to go live, and all that were to be in another batch."""
        self._write(
            ("UPDATE submitted SET nonce = ? WHERE key = ?", [(LIVE, key) for key in keys]),
            ("UPDATE submitted SET nonce = ? WHERE nonce = ?", [(LIVE, AGAIN)]),
        )

    def remove(self, keys: Sequence[bytes]) -> None:
        """Write that rows are in no batch any more."""
        self._write(("DELETE FROM submitted WHERE key = ?", [(key,) for key in keys]))

    def batches(self) -> list[SentBatch]:
        """Return the batches whose results were not all taken, the oldest first."""
        with self._index.lock:
            rows = self._database.execute("SELECT nonce, begun, requests, id FROM batches ORDER BY begun").fetchall()
        return [SentBatch(*row) for row in rows]

    def has(self, keys: Collection[bytes]) -> set[bytes]:
        """Return those of some keys whose rows are in a batch, or are to go live."""
        return set(self.rows(keys))

    def rows(self, keys: Collection[bytes]) -> dict[bytes, SubmittedRow]:
        """Return the rows of some keys that are submitted."""
        found: dict[bytes, SubmittedRow] = {}
        rest = iter(keys)
        while part := list(islice(rest, AT_ONCE)):
            marks = ",".join("?" * len(part))
            asked = f"SELECT key, params, info, source, expired FROM submitted WHERE key IN ({marks})"  # noqa: S608 - question marks
            with self._index.lock:
                found |= {row[0]: SubmittedRow(*row) for row in self._database.execute(asked, part)}
        return found

    def rows_of(self, nonce: str) -> Iterator[list[SubmittedRow]]:
        """Give the rows of a batch, a list at a time; they may be changed meanwhile."""
        last = b""
        asked = (
            "SELECT key, params, info, source, expired FROM submitted WHERE nonce = ? AND key > ? ORDER BY key LIMIT ?"
        )
        while True:
            with self._index.lock:
                part = [SubmittedRow(*row) for row in self._database.execute(asked, (nonce, last, AT_ONCE))]
            if not part:
                return
            last = part[-1].key
            yield part

    def has_again(self) -> bool:
        """Return whether rows are to be in another batch."""
        with self._index.lock:
            asked = "SELECT 1 FROM submitted WHERE nonce = ? LIMIT 1"
            return self._database.execute(asked, (AGAIN,)).fetchone() is not None

    def count(self) -> int:
        """Return how many rows are in batches."""
        with self._index.lock:
            asked = "SELECT count(*) FROM submitted WHERE nonce NOT IN (?, ?)"
            number: int = self._database.execute(asked, (LIVE, AGAIN)).fetchone()[0]
        return number
