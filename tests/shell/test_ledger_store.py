"""The ledger's database: its versions, and its exports."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import threading
from pathlib import Path

import pytest

from keybearer import Ledger
from keybearer import errors as e
from keybearer.prices import with_own
from keybearer.shell.ledger_store import COLUMNS, MIGRATIONS, LedgerStore
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import Usage


def ledger_of(path: Path) -> Ledger:
    """Return a ledger with one row."""
    ledger = Ledger(path, project="=cmd()", tags={"team": "blau-grün"})
    usage = Usage.of({"input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 3})
    prices = with_own({"m": {"input": 0.001}})
    ledger.add(UsageReported(usage=usage, model="m", request_id="r", prices=prices, seconds=1.5, error="TimedOut"))
    return ledger


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    """A database of each earlier version keeps its rows and has the newest schema afterwards."""
    newest = {str(row[0]) for row in schema(LedgerStore(tmp_path / "new.db"), tmp_path / "new.db")}
    for version in range(1, len(MIGRATIONS)):
        path = tmp_path / f"{version}.db"
        database = sqlite3.connect(path)
        for script in MIGRATIONS[:version]:
            database.executescript(script)
        database.execute(
            "INSERT INTO calls (at, tags, known_usd, unknown, usage, complete, request_id)"
            " VALUES ('2026', '{}', '0', '[]', '{}', 1, 'old')"
        )
        database.execute(f"PRAGMA user_version = {version}")
        database.commit()
        database.close()
        store = LedgerStore(path)
        assert [row["request_id"] for row in store.rows()] == ["old"]
        assert {str(row[0]) for row in schema(store, path)} == newest


def schema(store: LedgerStore, path: Path) -> list[tuple[str]]:
    """Return what a database is made of."""
    assert list(store.rows()) is not None
    database = sqlite3.connect(path)
    found = database.execute("SELECT name FROM sqlite_master").fetchall()
    database.close()
    return found


def test_a_newer_database_is_refused_and_not_changed(tmp_path: Path) -> None:
    """A database with a version that this keybearer does not know is left as it is."""
    path = tmp_path / "spend.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(e.UsageError, match="newer keybearer"):
        LedgerStore(path)
    assert LedgerStore.__doc__
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()


def test_processes_that_make_a_database_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """SQLite itself does not wait for another's first transaction when it turns to WAL mode; a call would not be sent for that."""
    path = tmp_path / "spend.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(0.05, other.execute, ("COMMIT",))
    ends.start()
    LedgerStore(path)
    ends.join()
    other.close()


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    """A file of something else is refused, with what SQLite says of it."""
    path = tmp_path / "spend.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(e.UsageError, match="cannot be opened"):
        LedgerStore(path)


def test_rows_are_exported_as_json_lines_and_as_csv(tmp_path: Path) -> None:
    """Each row is a JSON line and a line of CSV with the same values; a spreadsheet takes none of them for a formula."""
    ledger = ledger_of(tmp_path / "spend.db")
    lines, table = io.StringIO(), io.StringIO(newline="")
    assert ledger.export_json(lines) == ledger.export_csv(table) == 1
    row = json.loads(lines.getvalue())
    assert list(row) == list(COLUMNS)
    assert (row["usd"], row["known_usd"], row["tags"]) == (None, "0.00000001", {"team": "blau-grün"})
    assert row["unknown"][0] == "output: m has no price of it"
    assert (row["input_tokens"], row["cache_read_tokens"], row["cache_written_tokens"]) == (10, 3, None)
    assert (row["seconds"], row["error"], row["complete"]) == (1.5, "TimedOut", True)
    head, line = csv.reader(io.StringIO(table.getvalue()))
    assert head == list(COLUMNS)
    assert line[head.index("project")] == "'=cmd()"
    assert json.loads(line[head.index("usage")])["output_tokens"] == 7
