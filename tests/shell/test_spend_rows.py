"""The rows of spend limits in a ledger's file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from keybearer.policy.spend_amounts import NOTHING, Amount, Balance, Periods, Reservation
from keybearer.shell.ledger_store import LedgerStore
from keybearer.shell.spend_owner import Owner
from keybearer.shell.spend_rows import accounts_of

ONE = Amount(1, 2)
ALWAYS = Periods()


def database(path: Path) -> sqlite3.Connection:
    """Open a ledger's file."""
    LedgerStore(path)
    return sqlite3.connect(path, isolation_level=None)


def test_what_is_reserved_is_booked_once(tmp_path: Path) -> None:
    """It counts for its name alone until it is settled; a settlement of what is held no more does nothing."""
    held, opened = Reservation(1, ONE, "", "me"), database(tmp_path / "spend.db")
    with accounts_of(opened, "me") as accounts:
        accounts.reserve("a", held)
        assert accounts.balance("a", ALWAYS) == ("", Balance(NOTHING, ONE))
        assert accounts.balance("b", ALWAYS) == ("", Balance(NOTHING, NOTHING))
        accounts.settle(held, Amount(7, 7), 0.0, "a", ALWAYS)
        accounts.settle(held, Amount(7, 7), 0.0, "a", ALWAYS)
        assert accounts.balance("a", ALWAYS) == ("", Balance(Amount(7, 7), NOTHING))
    opened.close()


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    """What was reserved in it is not."""
    opened = database(tmp_path / "spend.db")

    def fail() -> None:
        with accounts_of(opened, "me") as accounts:
            accounts.reserve("a", Reservation(1, ONE, "", "me"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with accounts_of(opened, "me") as accounts:
        assert accounts.balance("a", ALWAYS) == ("", Balance(NOTHING, NOTHING))
    opened.close()


def test_what_a_dead_process_held_is_settled_by_name(tmp_path: Path) -> None:
    """Its file goes when nothing of it is left under any name; that of a process that lives stays."""
    opened, folder = database(tmp_path / "spend.db"), tmp_path / "held"
    dead, alive = Owner(folder), Owner(folder)
    for owner in (dead, alive):
        with accounts_of(opened, owner.name) as accounts:
            accounts.reserve("a", Reservation(1, ONE, "", owner.name))
            accounts.reserve("b", Reservation(2, ONE, "", owner.name))
    dead.mark_sent(1)
    dead._lock.release()
    file = folder / f"{dead.name}.held"
    for name, balance, there in (("a", Balance(ONE, ONE), True), ("b", Balance(NOTHING, ONE), False)):
        with accounts_of(opened, "me") as accounts:
            accounts.settle_dead(folder, name, ALWAYS)
            accounts.sweep(folder)
            assert accounts.balance(name, ALWAYS) == ("", balance)
        assert file.exists() is there
    assert (folder / f"{alive.name}.held").exists()
    opened.close()
    alive.close()
