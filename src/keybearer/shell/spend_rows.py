"""The rows of the spend limits in a ledger's file: what is reserved by whom, and what is spent under which name in which period.

Contract: everything happens within one transaction, which excludes the other processes of the machine.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keybearer.policy.spend_account import NOTHING, Amount, Balance, Periods, Reservation
from keybearer.shell.spend_owner import DeadOwner

__all__ = ["SpendRows", "accounts_of"]


@contextmanager
def accounts_of(database: sqlite3.Connection, owner: str) -> Iterator[SpendRows]:
    """Give the accounts within a transaction; what was done is undone when the block raises."""
    database.execute("BEGIN IMMEDIATE")
    accounts = SpendRows(database, owner)
    try:
        yield accounts
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        accounts.let_go(remove=False)
        raise
    accounts.let_go(remove=True)


class SpendRows:
    """The accounts, within a transaction."""

    def __init__(self, database: sqlite3.Connection, owner: str) -> None:
        self._database = database
        self.owner = owner
        self._dead: dict[str, DeadOwner] = {}

    def balance(self, name: str, periods: Periods) -> tuple[str, Balance]:
        """Return the present period, and what is spent and reserved in it."""
        latest = self._database.execute("SELECT max(period) FROM spent WHERE name = ?", (name,)).fetchone()[0]
        period = periods.current(time.time(), latest or "")
        query = "SELECT nanodollars, tokens FROM spent WHERE name = ? AND period = ?"
        spent = self._database.execute(query, (name, period)).fetchone()
        query = "SELECT coalesce(sum(nanodollars), 0), coalesce(sum(tokens), 0) FROM reserved WHERE name = ?"
        reserved = self._database.execute(query, (name,)).fetchone()
        return period, Balance(Amount(*spent) if spent else NOTHING, Amount(*reserved))

    def reserve(self, name: str, reservation: Reservation) -> None:
        """Add a reservation."""
        row = (self.owner, reservation.number, name, reservation.period, *reservation.amount)
        self._database.execute("INSERT INTO reserved VALUES (?, ?, ?, ?, ?, ?)", row)

    def settle(self, reservation: Reservation, amount: Amount, wall: float, held: tuple[str, Periods] | None) -> None:
        """Book an amount in place of a reservation of this process, in the period in which it was made and in that of now."""
        if held is not None and self._remove(self.owner, reservation.number):
            name, periods = held
            self._book(name, {reservation.period, periods.current(wall)}, amount)

    def settle_dead(self, folder: Path, name: str, periods: Periods) -> None:
        """Settle what processes that have died held under a limit."""
        query = "SELECT DISTINCT owner FROM reserved WHERE name = ? AND owner != ?"
        for (owner,) in self._database.execute(query, (name, self.owner)).fetchall():
            if owner not in self._dead and (dead := DeadOwner.find(folder, owner)) is not None:
                self._dead[owner] = dead
        query = "SELECT number, period, nanodollars, tokens FROM reserved WHERE name = ? AND owner = ?"
        for owner, dead in self._dead.items():
            for number, period, nano, tokens in self._database.execute(query, (name, owner)).fetchall():
                amount = dead.amount(number, Amount(nano, tokens))
                self._book(name, {period, periods.current(time.time())}, amount)
                self._remove(owner, number)

    def sweep(self, folder: Path) -> None:
        """Remove the files of processes that have died holding nothing."""
        for file in folder.glob("*.held"):
            known = file.stem == self.owner or file.stem in self._dead
            if not known and not self._holds(file.stem) and (dead := DeadOwner.find(folder, file.stem)) is not None:
                self._dead[file.stem] = dead

    def let_go(self, *, remove: bool) -> None:
        """Let the files of the dead processes go; remove those of which nothing is left."""
        for owner, dead in self._dead.items():
            dead.close(remove=remove and not self._holds(owner))

    def _holds(self, owner: str) -> bool:
        query = "SELECT 1 FROM reserved WHERE owner = ? LIMIT 1"
        return self._database.execute(query, (owner,)).fetchone() is not None

    def _remove(self, owner: str, number: int) -> bool:
        query = "DELETE FROM reserved WHERE owner = ? AND number = ?"
        return self._database.execute(query, (owner, number)).rowcount == 1

    def _book(self, name: str, periods: set[str], amount: Amount) -> None:
        for each in periods:
            self._database.execute(
                "INSERT INTO spent VALUES (?, ?, ?, ?) ON CONFLICT (name, period) DO UPDATE SET "
                "nanodollars = nanodollars + excluded.nanodollars, tokens = tokens + excluded.tokens",
                (name, each, *amount),
            )
