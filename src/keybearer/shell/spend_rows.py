"""The rows of the spend limits in a ledger's file: what is reserved by whom, and what is spent under which name in which period.

Contract: everything happens within one transaction, which excludes the other processes of the machine.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keybearer.policy.batch_hold import KEPT, BatchHold
from keybearer.policy.spend_amounts import NOTHING, Amount, Balance, Periods, Reservation
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
        query = (
            "SELECT coalesce(sum(nanodollars), 0), coalesce(sum(tokens), 0) FROM batches "
            "WHERE name = ? AND ? BETWEEN first AND last"
        )
        of_batches = self._database.execute(query, (name, period)).fetchone()
        return period, Balance(Amount(*spent) if spent else NOTHING, Amount(*reserved).plus(Amount(*of_batches)))

    def reserve(self, name: str, reservation: Reservation) -> None:
        """Add a reservation."""
        row = (self.owner, reservation.number, name, reservation.period, *reservation.amount)
        self._database.execute("INSERT INTO reserved VALUES (?, ?, ?, ?, ?, ?)", row)

    def settle(self, reservation: Reservation, amount: Amount, wall: float, name: str, periods: Periods) -> None:
        """Book an amount in place of a reservation of this process, in the period in which it was made and in that of now."""
        if self._remove(self.owner, reservation.number):
            self._book(name, {reservation.period, periods.current(wall)}, amount)

    def keep_for_batch(self, reservation: Reservation, batch: str, wall: float, name: str, periods: Periods) -> None:
        """Let a reservation of this process stand for a batch that was made."""
        if self._remove(self.owner, reservation.number):
            self._add_batch(name, batch, BatchHold.of(reservation.amount, reservation.period, periods, wall))

    def settle_batch(self, name: str, periods: Periods, batch: str, amount: Amount, wall: float) -> None:
        """Book what a batch took in place of what stands for it, whichever process has made it."""
        for held in self._take_batches(name, "batch = ?", batch):
            self._book(name, held.billed_in(periods.current(wall)), amount)

    def _add_batch(self, name: str, batch: str, held: BatchHold) -> None:
        for lost in self._take_batches(name, "(batch = ? OR made < ?)", batch, held.made - KEPT):
            self._book(name, {lost.first}, lost.amount)  # nobody will say what it cost
        row = (name, batch, *held.amount, held.first, held.last, held.made)
        self._database.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _take_batches(self, name: str, which: str, *values: object) -> list[BatchHold]:
        condition = f"FROM batches WHERE name = ? AND {which}"
        query = f"SELECT nanodollars, tokens, first, last, made {condition}"
        rows = self._database.execute(query, (name, *values)).fetchall()
        self._database.execute(f"DELETE {condition}", (name, *values))
        return [BatchHold(Amount(nano, tokens), *rest) for nano, tokens, *rest in rows]

    def settle_dead(self, folder: Path, name: str, periods: Periods) -> None:
        """Settle what processes that have died held under a limit."""
        query = "SELECT DISTINCT owner FROM reserved WHERE name = ? AND owner != ?"
        for (owner,) in self._database.execute(query, (name, self.owner)).fetchall():
            if owner not in self._dead and (dead := DeadOwner.find(folder, owner)) is not None:
                self._dead[owner] = dead
        query = "SELECT number, period, nanodollars, tokens FROM reserved WHERE name = ? AND owner = ?"
        for owner, dead in self._dead.items():
            for number, period, nano, tokens in self._database.execute(query, (name, owner)).fetchall():
                reserved, now = Amount(nano, tokens), time.time()
                if (batch := dead.batch(number)) is not None:
                    self._add_batch(name, batch, BatchHold.of(reserved, period, periods, now))
                else:
                    self._book(name, {period, periods.current(now)}, dead.amount(number, reserved))
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
