"""The accounts of the spend limits with names, in the file of a ledger: all processes of a machine share them.

Strategy: a reservation is a row that a transaction adds, after it has looked at what is spent and reserved; settling removes it and
adds to what is spent. One thread of each process carries these out, many in one transaction. What must not be lost when the process
is killed, and must not wait, is a line in a file of its own first (`spend_owner.py`): settling is one write, and needs no lock, so
that it may happen in a finalizer.

Contract: a call is sent only when its reservation is on the disk. A file that cannot be written sends nothing. What a dead process
held is settled when a call does not fit, or when somebody asks what is left.
"""

from __future__ import annotations

import atexit
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple, TypeAlias

from keybearer.errors import KeybearerError, UsageError
from keybearer.flow import Flow, Wait
from keybearer.policy.spend_amounts import EMPTY, NOTHING, Amount, Balance, Ceiling, Full, Periods, Reservation, judge
from keybearer.shell.ledger_store import BUSY, LedgerStore
from keybearer.shell.spend_owner import Owner
from keybearer.shell.spend_rows import SpendRows, accounts_of

__all__ = ["SpendFile", "spend_file"]

_log = logging.getLogger("keybearer")

IDLE: Final = 2.0
"""How long the thread waits for work before it ends, in seconds, when nothing is held."""

MOST: Final = 500
"""How many steps one transaction has at the most."""

LOOK: Final = 0.2
"""How often it is looked for dead processes at the most, in seconds."""


class _Reserve(NamedTuple):
    name: str
    periods: Periods
    ceiling: Ceiling
    asked: Amount
    future: Future[Any]


class _Look(NamedTuple):
    name: str
    periods: Periods
    future: Future[Any]


class _Settle(NamedTuple):
    reservation: Reservation
    amount: Amount
    wall: float


class _KeepForBatch(NamedTuple):
    reservation: Reservation
    batch: str
    wall: float


class _SettleBatch(NamedTuple):
    name: str
    periods: Periods
    batch: str
    amount: Amount
    wall: float


class _GiveUp(NamedTuple):
    future: Future[Any]


_Ended: TypeAlias = _Settle | _KeepForBatch | _SettleBatch
"""What is booked, in this order and without anybody who waits for it."""


class SpendFile:
    """The accounts in one file.

    Args:
        path: The file of the ledger; it is made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.with_name(f"{path.name}.held")
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._starting = threading.Lock()
        self._steps: SimpleQueue[_Reserve | _Look | _Ended | _GiveUp | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._owner: Owner | None = None
        self._numbers = 0
        self._held: dict[int, tuple[str, Periods]] = {}
        self._unbooked: list[_Ended] = []
        self._looked = 0.0
        self._last: dict[str, tuple[str, Balance]] = {}

    # ── what a limit calls ───────────────────────────────────────────────────

    def reserve(self, name: str, periods: Periods, ceiling: Ceiling, asked: Amount) -> Flow[Reservation | Full]:
        """Reserve an amount, if it fits; nothing may be sent before this has returned.

        Raises:
            UsageError: In the flow; the file cannot be written.
        """
        future: Future[Reservation | Full] = Future()
        self._put(_Reserve(name, periods, ceiling, asked, future))
        try:
            return (yield from Wait(future))
        except KeybearerError:
            raise
        except BaseException:
            self._put(_GiveUp(future))  # whoever has asked for it is gone
            raise

    def mark_sent(self, reservation: Reservation) -> None:
        """Record that the request of a reservation is sent now.

        Raises:
            UsageError: It cannot be recorded, so that it must not be sent.
        """
        owner = self._owner
        assert owner is not None  # noqa: S101 - it has a reservation
        try:
            owner.mark_sent(reservation.number)
        except OSError as error:
            raise self._unwritable(error.strerror) from None

    def settle(self, reservation: Reservation, amount: Amount) -> None:
        """Book an amount in place of a reservation. It takes no lock and waits for nothing."""
        self._end(_Settle(reservation, amount, time.time()), lambda owner: owner.mark_ended(reservation.number, amount))

    def keep_for_batch(self, reservation: Reservation, batch: str) -> None:
        """Let a reservation stand for a batch that was made; like `settle`, it waits for nothing."""
        step = _KeepForBatch(reservation, batch, time.time())
        self._end(step, lambda owner: owner.mark_batch(reservation.number, batch))

    def settle_batch(self, name: str, periods: Periods, batch: str, amount: Amount) -> None:
        """Book what a batch took in place of what stands for it, whichever process has made it."""
        self._put(_SettleBatch(name, periods, batch, amount, time.time()))

    def _end(self, step: _Settle | _KeepForBatch, mark: Callable[[Owner], None]) -> None:
        owner = self._owner
        if owner is None or step.reservation.owner != owner.name or self._process != os.getpid():
            return  # of the process that this one was forked from, which settles it itself
        try:
            mark(owner)
        except OSError as error:
            _log.error("spend limits: what a call took could not be written to %s: %s", self._folder, error.strerror)
        self._steps.put(step)

    def balance(self, name: str, periods: Periods) -> tuple[str, Balance]:
        """Return the present period, and what is spent and reserved in it.

        Raises:
            UsageError: The file cannot be read.
        """
        future: Future[tuple[str, Balance]] = Future()
        self._put(_Look(name, periods, future))
        return future.result()

    def last(self, name: str) -> tuple[str, Balance]:
        """Return the same, as it was when this process last reserved."""
        return self._last.get(name, ("", EMPTY))

    def close(self) -> None:
        """Carry out what is left, and end the thread; it begins again when it is needed."""
        thread = self._thread
        if thread is not None and self._process == os.getpid():
            self._steps.put(None)
            thread.join(BUSY)

    # ── the thread ───────────────────────────────────────────────────────────

    def _put(self, step: _Reserve | _Look | _SettleBatch | _GiveUp) -> None:
        if self._process != os.getpid():
            self._begin()  # a forked child has none of its parent's threads and reservations
        with self._starting:
            self._steps.put(step)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="keybearer-spend", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        database: sqlite3.Connection | None = None
        closing, ended = False, False
        while not ended:
            steps = self._next_steps()
            closing = closing or None in steps
            if any(steps) or self._unbooked:
                database = self._carry_out(database, [each for each in steps if each is not None])
            with self._starting:
                done = not steps and not self._held and not self._unbooked
                ended = (closing or done) and self._steps.empty()
                if ended:
                    self._thread = None
                    self._let_go()
        if database is not None:
            database.close()

    def _next_steps(self) -> list[Any]:
        """Return the steps that are there; none when there was nothing to do for a while."""
        steps: list[Any] = []
        try:
            steps.append(self._steps.get(timeout=None if self._held and not self._unbooked else IDLE))
            while len(steps) < MOST:
                steps.append(self._steps.get_nowait())
        except Empty:
            pass
        return steps

    def _let_go(self) -> None:
        """End as an owner; what is still held is settled by others, once this process has ended."""
        if self._owner is not None and not self._held:
            self._owner.close()
            self._owner = None

    def _carry_out(self, database: sqlite3.Connection | None, steps: list[Any]) -> sqlite3.Connection | None:
        """Carry out steps in one transaction, and then say what came of them; return the open database."""
        self._unbooked += [step for step in steps if isinstance(step, _Ended)]
        asked = [step for step in steps if isinstance(step, _Reserve | _Look)]
        try:
            database = database or self._opened()
            if self._owner is None:
                self._owner = Owner(self._folder)
            with accounts_of(database, self._owner.name) as accounts:
                for ended in self._unbooked:
                    self._book(accounts, ended)
                answers = [self._answer(accounts, step) for step in asked]
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            if database is not None:
                database.close()
            words = error.strerror if isinstance(error, OSError) else str(error)
            for step in asked:
                step.future.set_exception(error if isinstance(error, UsageError) else self._unwritable(words))
            return None
        for ended in self._unbooked:
            if not isinstance(ended, _SettleBatch):
                self._held.pop(ended.reservation.number, None)
        self._unbooked = []
        self._say(list(zip(asked, answers, strict=True)), [step for step in steps if isinstance(step, _GiveUp)])
        if not self._held:
            self._owner.trim()
        return database

    def _book(self, accounts: SpendRows, ended: _Ended) -> None:
        if isinstance(ended, _SettleBatch):
            accounts.settle_batch(*ended)
        elif (held := self._held.get(ended.reservation.number)) is not None:
            name, periods = held
            if isinstance(ended, _KeepForBatch):
                accounts.keep_for_batch(ended.reservation, ended.batch, ended.wall, name, periods)
            else:
                accounts.settle(ended.reservation, ended.amount, ended.wall, name, periods)

    def _say(self, answered: list[tuple[_Reserve | _Look, Any]], given_up: list[_GiveUp]) -> None:
        """Give answers to those who wait, and take them back from those who have gone."""
        for step, answer in answered:
            if isinstance(answer, Reservation) and isinstance(step, _Reserve):
                self._held[answer.number] = (step.name, step.periods)
            step.future.set_result(answer)
        for gone in given_up:
            answer = gone.future.result() if gone.future.done() and gone.future.exception() is None else None
            if isinstance(answer, Reservation) and answer.number in self._held:
                self.settle(answer, NOTHING)

    def _answer(self, accounts: SpendRows, step: _Reserve | _Look) -> Any:
        if isinstance(step, _Look):
            accounts.settle_dead(self._folder, step.name, step.periods)
            accounts.sweep(self._folder)
            return accounts.balance(step.name, step.periods)
        answer = self._reserve(accounts, step)
        if isinstance(answer, Full) and time.monotonic() - self._looked > LOOK:
            self._looked = time.monotonic()
            accounts.settle_dead(self._folder, step.name, step.periods)
            answer = self._reserve(accounts, step)
        return answer

    def _reserve(self, accounts: SpendRows, step: _Reserve) -> Reservation | Full:
        period, balance = accounts.balance(step.name, step.periods)
        self._last[step.name] = period, balance
        if (full := judge(step.ceiling, balance, step.asked, period)) is not None:
            return full
        self._numbers += 1
        reservation = Reservation(self._numbers, step.asked, period, accounts.owner)
        accounts.reserve(step.name, reservation)
        return reservation

    def _opened(self) -> sqlite3.Connection:
        LedgerStore(self._path)  # makes the tables
        database = sqlite3.connect(self._path, timeout=BUSY, isolation_level=None)
        database.execute("PRAGMA synchronous = FULL")  # a reservation is on the disk before its call is sent
        return database

    def _unwritable(self, words: str | None) -> UsageError:
        return UsageError(
            f"Nothing was sent: the spend limits in {str(self._path)!r} cannot be written: {words}.",
            hint="A call is sent only when what it may cost is reserved on the disk.",
        )


_files: Final[dict[Path, SpendFile]] = {}
_making: Final = threading.Lock()


def spend_file(path: Path) -> SpendFile:
    """Return the accounts of a file: one object for each in a process."""
    path = path.absolute()
    with _making:
        if path not in _files:
            if not _files:
                atexit.register(_close_all)
            _files[path] = SpendFile(path)
        return _files[path]


def _close_all() -> None:
    for each in list(_files.values()):
        each.close()
