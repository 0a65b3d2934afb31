"""The index of a journal: SQLite in WAL mode, with what the results file has, by key, and the batches that were sent.

Contract: `fold` puts rows and the place up to which the file was read into one transaction, so that after a kill the rest is read from
the file again. `clear` begins anew: the file is the truth. The batches are the one thing that stands nowhere else: what is written of
them is on the disk when the call returns.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from keybearer.bulk.lines import BulkTotals
from keybearer.errors import UsageError

__all__ = ["Finished", "JournalIndex"]

VERSION: Final = 1
"""The version of the schema."""

AT_ONCE: Final = 500
"""How many keys are asked for in one statement."""

_SCHEMA: Final = """
CREATE TABLE finished (key BLOB PRIMARY KEY, good INTEGER NOT NULL, place INTEGER NOT NULL, length INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE batches (nonce TEXT PRIMARY KEY, begun REAL NOT NULL, requests INTEGER NOT NULL, id TEXT) WITHOUT ROWID;
CREATE TABLE submitted (
    key BLOB PRIMARY KEY, nonce TEXT NOT NULL, params BLOB NOT NULL, info BLOB NOT NULL, source BLOB NOT NULL, expired INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX submitted_by_nonce ON submitted (nonce, key);
"""


class Finished(NamedTuple):
    """A finished row: its key, whether it has an answer, and where its line is in the results file."""

    key: bytes
    good: bool
    place: int
    length: int


class JournalIndex:
    """An open index.

    Args:
        path: The file; it is made, for its owner alone, when it is not there.

    Attributes:
        database: The connection, for `keybearer.bulk.batch_journal`; `lock` is held around its use.

    Raises:
        UsageError: It cannot be opened, or another version made it.
    """

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own would be readable by others
            self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self.database.execute("PRAGMA journal_mode = WAL")
            self.database.execute("PRAGMA synchronous = NORMAL")
            version = int(self.database.execute("PRAGMA user_version").fetchone()[0])
            if version == 0:
                self.database.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"The journal's index {str(path)!r} cannot be opened: {error}.") from None
        if version not in {0, VERSION}:
            self.close()
            hint = "Use that version to go on with it."
            raise UsageError(
                f"The journal {str(path.parent)!r} was made by another version of keybearer ({version}).", hint=hint
            )

    def _state(self, name: str) -> bytes | int | None:
        with self.lock:
            found = self.database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        value: bytes | int | None = found[0] if found else None
        return value

    def _set(self, name: str, value: bytes | int) -> None:
        self.database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def check_form(self, where: str, form: str) -> None:
        """Check that the results are kept in the same way as by the run that began the job, and remember it.

        Raises:
            UsageError: They are not, so that rows which are finished would be paid for again.
        """
        before = self._state("form")
        if before is None:
            with self.lock:
                self._set("form", form.encode())
        elif before != form.encode():
            raise UsageError(
                f"The job in {where} was begun with another order or form of its output.",
                hint="Say --ordered as before; or name another output.",
            )

    @property
    def folded(self) -> int:
        """Up to which byte the results file is in the index."""
        return int(self._state("folded") or 0)

    @property
    def totals(self) -> BulkTotals:
        """What the rows in the index come to."""
        found = self._state("totals")
        return msgspec.json.decode(found, type=BulkTotals) if isinstance(found, bytes) else BulkTotals()

    @property
    def rebuilding(self) -> bool:
        """Whether the results file was about to be replaced when the last process ended."""
        return bool(self._state("rebuilding"))

    def begin_rebuilding(self) -> None:
        """Write that the results file is about to be replaced."""
        with self.lock:
            self._set("rebuilding", 1)

    def fold(self, rows: Sequence[Finished], size: int, totals: BulkTotals) -> None:
        """Put finished rows into the index.

        Args:
            rows: The rows.
            size: Up to which byte the results file is in it then.
            totals: What all rows come to.
        """
        with self.lock:
            self.database.execute("BEGIN IMMEDIATE")
            try:
                self.database.executemany("INSERT OR REPLACE INTO finished VALUES (?, ?, ?, ?)", rows)
                self._set("folded", size)
                self._set("totals", msgspec.json.encode(totals))
                self.database.execute("COMMIT")
            except BaseException:
                if self.database.in_transaction:
                    self.database.execute("ROLLBACK")
                raise

    def clear(self) -> None:
        """Forget the finished rows, to read the results file again; none of them is submitted any more."""
        with self.lock:
            self.database.execute("BEGIN IMMEDIATE")
            self.database.execute("DELETE FROM submitted WHERE key IN (SELECT key FROM finished)")
            self.database.execute("DELETE FROM finished")
            self.database.execute("DELETE FROM state WHERE name NOT IN ('form', 'asked')")
            self.database.execute("COMMIT")

    def unfinished(self, keys: Collection[bytes]) -> set[bytes]:
        """Return those of some keys that are not in the index."""
        return set(keys) - self.finished(keys).keys()

    def finished(self, keys: Iterable[bytes]) -> dict[bytes, bool]:
        """Return those of some keys that are in the index, with whether their rows have an answer."""
        return {key: bool(good) for part in _parts(keys) for key, good, _, _ in self._found(part)}

    def tally(self, keys: Iterable[bytes]) -> tuple[int, int]:
        """Return how many rows of some keys have an answer, and how many an error."""
        good = bad = 0
        for part in _parts(keys):
            found = [each[1] for each in self._found(part)]
            good += sum(found)
            bad += len(found) - sum(found)
        return good, bad

    def asked_otherwise(self, way: bytes) -> bool:
        """Return whether the run before asked in another way, where that is known; this run's is kept for the next.

        Args:
            way: Stands for the way: equal ones are the same.
        """
        before = self._state("asked")
        if before != way:
            with self.lock:
                self._set("asked", way)
        return before is not None and before != way

    def places(self, keys: Iterable[bytes]) -> Iterator[tuple[int, int]]:
        """Give the places and lengths of rows' lines, in the order of their keys; those that are not finished are passed over."""
        for part in _parts(keys):
            found = {key: (place, length) for key, _, place, length in self._found(part)}
            yield from (found[key] for key in part if key in found)

    def _found(self, keys: Sequence[bytes]) -> list[tuple[bytes, int, int, int]]:
        marks = ",".join("?" * len(keys))
        with self.lock:
            asked = f"SELECT key, good, place, length FROM finished WHERE key IN ({marks})"  # noqa: S608 - question marks
            return self.database.execute(asked, keys).fetchall()

    def close(self) -> None:
        """Close the file."""
        self.database.close()


def _parts(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(keys)
    while part := list(islice(rest, AT_ONCE)):
        yield part
