"""The ledger's database: SQLite in WAL mode, with a schema that has a version.

Strategy: `fold` reads each file of rows from the place up to which it was folded, and puts the rows and the new place into one
transaction: whoever is killed in between, a row is there once. A file whose writer has died is removed when all of it is folded.

Contract: each method opens the database and closes it, so that nothing is shared between threads or processes. `user_version` is the
number of `MIGRATIONS` that were carried out; a database with more than this version knows is refused, not changed.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, TextIO

from keybearer.credentials.stores.lock import FileLock
from keybearer.errors import UsageError
from keybearer.figures import count
from keybearer.prices.amount import number
from keybearer.types.api_object import loads
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import Usage

__all__ = ["COLUMNS", "MIGRATIONS", "LedgerStore", "cost_columns"]

_log = logging.getLogger("keybearer")

BUSY: Final = 30.0
"""How long to wait for another process's transaction, in seconds."""

COLUMNS: Final = (
    "at",
    "model",
    "agent",
    "project",
    "tags",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_written_tokens",
    "usd",
    "known_usd",
    "unknown",
    "usage",
    "request_id",
    "seconds",
    "error",
    "complete",
    "batch",
    "retried",
)

MIGRATIONS: Final = (
    """
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, model TEXT, agent TEXT, project TEXT, tags TEXT NOT NULL,
        input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_written_tokens INTEGER,
        usd TEXT, known_usd TEXT NOT NULL, unknown TEXT NOT NULL, usage TEXT NOT NULL,
        request_id TEXT, seconds REAL, error TEXT, complete INTEGER NOT NULL
    );
    CREATE TABLE folded (file TEXT PRIMARY KEY, bytes INTEGER NOT NULL);
    """,
    "CREATE INDEX calls_by_time ON calls (at);",
    """
    CREATE TABLE spent (
        name TEXT NOT NULL, period TEXT NOT NULL, nanodollars INTEGER NOT NULL, tokens INTEGER NOT NULL, PRIMARY KEY (name, period)
    );
    CREATE TABLE reserved (
        owner TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, period TEXT NOT NULL,
        nanodollars INTEGER NOT NULL, tokens INTEGER NOT NULL, PRIMARY KEY (owner, number)
    );
    CREATE INDEX reserved_by_name ON reserved (name);
    """,
    """
    ALTER TABLE calls ADD COLUMN batch TEXT;
    CREATE UNIQUE INDEX calls_by_batch ON calls (batch) WHERE batch IS NOT NULL;
    """,
    "ALTER TABLE calls ADD COLUMN retried INTEGER NOT NULL DEFAULT 0;",
    """
    CREATE TABLE batches (
        name TEXT NOT NULL, batch TEXT NOT NULL, nanodollars INTEGER NOT NULL, tokens INTEGER NOT NULL,
        first TEXT NOT NULL, last TEXT NOT NULL, made REAL NOT NULL, PRIMARY KEY (name, batch)
    );
    """,
)
"""What each version of the schema changes, the first one first."""

_JSON: Final = ("tags", "unknown", "usage")
"""The columns that hold JSON."""


USUAL: Final[Mapping[str, Any]] = {
    "agent": None,
    "project": None,
    "tags": {},
    "error": None,
    "complete": True,
    "refused": False,
    "batch": None,
    "retried": False,
}
"""What is left out of a row's line."""


def _use_wal(database: sqlite3.Connection) -> None:
    """Put a database into WAL mode, where it stays. SQLite itself does not wait where two connections do so at once."""
    until = time.monotonic() + BUSY
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return


class LedgerStore:
    """The database of a ledger.

    Args:
        path: The file; it is made, for its owner alone, when it is not there.

    Raises:
        UsageError: It cannot be opened, or a newer keybearer made it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own would be readable by others
            with self._open() as database:
                self._migrate(database)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"The ledger {str(path)!r} cannot be opened: {error}.") from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=BUSY, isolation_level=None)
        try:
            _use_wal(database)
            yield database
        finally:
            database.close()

    def _migrate(self, database: sqlite3.Connection) -> None:
        if self._version(database) == len(MIGRATIONS):
            return
        database.execute("BEGIN IMMEDIATE")  # another process may be at it
        version = self._version(database)
        for step, script in enumerate(MIGRATIONS[version:], version + 1):
            for statement in filter(str.strip, script.split(";")):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {step}")
        database.execute("COMMIT")

    def _version(self, database: sqlite3.Connection) -> int:
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            hint = "Update keybearer, or name another file."
            raise UsageError(
                f"The ledger {str(self._path)!r} was made by a newer keybearer (version {version}).", hint=hint
            )
        return version

    def fold(self, folder: Path) -> int:
        """Put the rows of a folder's files into the database; return how many were new."""
        new = 0
        with self._open() as database:
            for file in sorted(folder.glob("*.jsonl")):
                lock = FileLock(file)
                with suppress(FileNotFoundError):
                    ended = lock.acquire()  # its writer has closed it, or is dead
                    try:
                        new += self._fold_file(database, file)
                        if ended:
                            file.unlink()
                            database.execute("DELETE FROM folded WHERE file = ?", (file.name,))
                    finally:
                        lock.release()
        return new

    def _fold_file(self, database: sqlite3.Connection, file: Path) -> int:
        database.execute("BEGIN IMMEDIATE")
        try:
            found = database.execute("SELECT bytes FROM folded WHERE file = ?", (file.name,)).fetchone()
            start = found[0] if found else 0
            with file.open("rb") as stream:
                stream.seek(start)
                text = stream.read()
            text = text.partition(b"\0")[
                0
            ]  # the file's room for more; a row that is being written may still have zeros
            whole = text[: text.rfind(b"\n") + 1]  # the rest is still being written, or its writer was killed at it
            rows = [row for line in whole.splitlines() if line and (row := _values(line, file)) is not None]
            marks = ", ".join("?" * len(COLUMNS))
            # A batch's results can be read again, by any process: each of its rows is there once.
            database.executemany(
                f"INSERT INTO calls ({', '.join(COLUMNS)}) VALUES ({marks}) ON CONFLICT (batch) WHERE batch IS NOT NULL DO NOTHING",  # noqa: S608 - our own names
                rows,
            )
            place = (file.name, start + len(whole))
            database.execute(
                "INSERT INTO folded VALUES (?, ?) ON CONFLICT (file) DO UPDATE SET bytes = excluded.bytes", place
            )
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise
        return len(rows)

    def rows(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Give every row, the oldest first; with `since` only those from then on."""
        first = "" if since is None else since.astimezone(UTC).isoformat(timespec="milliseconds")
        query = f"SELECT {', '.join(COLUMNS)} FROM calls WHERE at >= ? ORDER BY at, id"  # noqa: S608 - our own names
        with self._open() as database:
            for values in database.execute(query, (first,)):
                row = dict(zip(COLUMNS, values, strict=True))
                row |= {name: json.loads(row[name]) for name in _JSON}
                yield row | {name: bool(row[name]) for name in ("complete", "retried")}

    def export_json(self, file: TextIO) -> int:
        """Write every row as a JSON line; return how many there are."""
        return sum(bool(file.write(json.dumps(row, ensure_ascii=False) + "\n")) for row in self.rows())

    def export_csv(self, file: TextIO) -> int:
        """Write every row as CSV, with a first line of names; return how many there are."""
        writer, written = csv.writer(file), 0
        writer.writerow(COLUMNS)
        for row in self.rows():
            values = row | {name: json.dumps(row[name], ensure_ascii=False) for name in _JSON}
            writer.writerow([_no_formula(values[name]) for name in COLUMNS])
            written += 1
        return written


def _values(line: bytes, file: Path) -> tuple[Any, ...] | None:
    """Return a row's values in the order of the columns; None for a line that is none, which a full disk leaves."""
    try:
        row = USUAL | loads(line)
        usage = row["usage"]
        if "known_usd" not in row:
            row |= _cost(row)
        figures = {
            "at": datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="milliseconds"),
            "input_tokens": count(usage.get("input_tokens")),
            "output_tokens": count(usage.get("output_tokens")),
            "cache_read_tokens": count(usage.get("cache_read_input_tokens")),
            "cache_written_tokens": count(usage.get("cache_creation_input_tokens")),
            "complete": int(row["complete"]),
            "retried": int(row["retried"]),
        }
        texts = {name: json.dumps(row[name], ensure_ascii=False) for name in _JSON}
        values = row | figures | texts
        return tuple(values[name] for name in COLUMNS)
    except (ValueError, KeyError, TypeError, AttributeError):
        _log.warning("ledger: a line of %s is no row, and is left out", file)
        return None


def _cost(row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a row's cost, by the public prices."""
    report = UsageReported(
        usage=Usage.of(row["usage"]),
        model=row["model"],
        request_id=None,
        complete=row["complete"],
        date=row["date"] or format_datetime(datetime.fromtimestamp(row["at"], UTC), usegmt=True),
        refused=row["refused"],
    )
    return cost_columns(report)


def cost_columns(report: UsageReported) -> dict[str, Any]:
    """Return what a call cost, as the columns of its row."""
    cost = report.cost
    usd = None if cost.usd is None else number(cost.usd)
    return {"usd": usd, "known_usd": number(cost.known), "unknown": list(cost.unknown)}


def _no_formula(value: Any) -> Any:
    """Return a value that a spreadsheet does not take for a formula (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
