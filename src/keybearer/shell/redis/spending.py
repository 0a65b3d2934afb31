"""The accounts of the spend limits with names, in Redis: all processes of a fleet share them.

Strategy: a script reserves, if it fits, and settles, each in one step (`spending.lua`). A call waits for its reservation; what it took
is booked by a thread, many calls in one step, so that settling waits for nothing and may happen in a finalizer. A reservation belongs
to a process that is heard of while it holds any. One that is not heard of for a minute has died, and what it held counts as spent, for
nobody knows what it sent.

Contract: a call is sent only when its reservation is in Redis, and on as many replicas as the URL asks for. When Redis does not
answer, nothing is sent. An account that has gone back, as after a failover that lost what the old primary had confirmed, refuses all
calls until somebody says what is spent (`SpendLimit.restore`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
import uuid
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple

from keybearer.config.redis_server import RedisServer
from keybearer.errors import KeybearerError, RedisUnavailable
from keybearer.flow import Blocking, Flow
from keybearer.policy.batch_hold import BatchHold
from keybearer.policy.spend_amounts import EMPTY, NOTHING, Amount, Balance, Ceiling, Full, Periods, Reservation
from keybearer.shell.redis.fleet_scope import hashed
from keybearer.shell.redis.link import RedisScript, redis_link
from keybearer.shell.redis.per_server import PerServer

__all__ = ["SpendRedis", "spend_redis"]

_log = logging.getLogger("keybearer")

BEAT: Final = 20.0
"""How often a process that holds a reservation is heard of at the least, in seconds; a minute without makes it dead."""

AGAIN: Final = 1.0
"""How long until what could not be booked is tried again, in seconds."""

MOST: Final = 200
"""How many calls are settled in one step at the most."""

ACCOUNT: Final = RedisScript.of_file("keybearer.shell.redis", "spending.lua")

LOST: Final = (
    "Nothing was sent: the spend limit {name!r} in {where} has lost bookings: a failover, or data that was removed."
)
RESTORE: Final = (
    "Find out what is spent, and say it with SpendLimit.restore(usd=...); and let Redis keep an append-only file."
)

NOT_DONE: Final = frozenset({"refused", "starting", "read_only", "full", "cluster"})
"""Problems after which it is certain that a script was not carried out."""


class _Settled(NamedTuple):
    """What is booked: a call, a reservation that stands for a batch from now on (`last`), or a batch, which has no number."""

    name: str
    number: int | None
    amount: Amount
    period: str
    batch: str = ""
    last: str = ""


class _LastSeen(NamedTuple):
    """What this process last saw of an account."""

    id: str = ""
    changes: int = 0
    latest: str = ""


class SpendRedis:
    """The accounts in one Redis; it has the methods of `SpendFile`.

    Args:
        server: The server.
    """

    def __init__(self, server: RedisServer) -> None:
        self._server, self._link = server, redis_link(server)
        self._link.check()
        self._begin()

    def _begin(self) -> None:
        self._process, self._owner = os.getpid(), uuid.uuid4().hex
        self._lock = threading.Lock()
        self._booking = threading.Lock()  # held from when ended calls are taken until they are booked
        self._numbers = 0
        self._seen: dict[str, _LastSeen] = {}
        self._last: dict[str, tuple[str, Balance]] = {}
        self._held: dict[int, tuple[str, Periods]] = {}
        self._ended: SimpleQueue[_Settled] = SimpleQueue()
        self._woken: SimpleQueue[None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._said = False

    # ── what a limit calls ───────────────────────────────────────────────────

    def reserve(self, name: str, periods: Periods, ceiling: Ceiling, asked: Amount) -> Flow[Reservation | Full]:
        """Reserve an amount, if it fits; nothing may be sent before this has returned.

        Raises:
            RedisUnavailable: In the flow; it could not be reserved, or nobody knows.
        """
        if self._process != os.getpid():
            self._begin()  # a forked child has none of its parent's threads and reservations
        with self._lock:
            self._numbers += 1
            number = self._numbers
        waited_for: Future[None] = Future()  # cancelled when whoever has asked is gone
        made: list[Reservation | Full] = []

        def work() -> Reservation | Full:
            made.append(self._reserve(name, periods, ceiling, asked, number))
            if not waited_for.set_running_or_notify_cancel():
                self._give_back(made[0])
            return made[0]

        try:
            return (yield from Blocking(work))
        except BaseException:
            if not waited_for.cancel() and made:
                self._give_back(made[0])
            raise

    def mark_sent(self, reservation: Reservation) -> None:
        """Do nothing: in Redis a reservation counts as spent from the moment when its process is not heard of."""

    def settle(self, reservation: Reservation, amount: Amount) -> None:
        """Book an amount in place of a reservation. It takes no lock and waits for nothing."""
        if (held := self._mine(reservation)) is not None:
            self._end(_Settled(held[0], reservation.number, amount, self._period(*held)))

    def keep_for_batch(self, reservation: Reservation, batch: str) -> None:
        """Let a reservation stand for a batch that was made; like `settle`, it waits for nothing."""
        if (held := self._mine(reservation)) is not None:
            last = BatchHold.of(reservation.amount, reservation.period, held[1], time.time()).last
            self._end(_Settled(held[0], reservation.number, NOTHING, self._period(*held), batch, last))

    def settle_batch(self, name: str, periods: Periods, batch: str, amount: Amount) -> None:
        """Book what a batch took in place of what stands for it, whichever process has made it."""
        if self._process != os.getpid():
            self._begin()
        self._end(_Settled(name, None, amount, self._period(name, periods), batch))
        with self._lock:
            self._run_thread()

    def _mine(self, reservation: Reservation) -> tuple[str, Periods] | None:
        is_mine = reservation.owner == self._owner and self._process == os.getpid()
        return self._held.get(reservation.number) if is_mine else None

    def _period(self, name: str, periods: Periods) -> str:
        return periods.current(time.time(), self._seen.get(name, _LastSeen()).latest)

    def _end(self, settled: _Settled) -> None:
        self._ended.put(settled)
        self._woken.put(None)

    def balance(self, name: str, periods: Periods) -> tuple[str, Balance]:
        """Return the present period, and what is spent and reserved in it.

        Raises:
            RedisUnavailable: It cannot be read.
        """
        self.flush()
        period, _ = self._ask(name, periods, "look", owner="")
        return period, self._last[name][1]

    def restore(self, name: str, periods: Periods, spent: Amount) -> None:
        """Say what is spent in the present period, after an account has lost something; reservations stay as they are.

        Raises:
            RedisUnavailable: It cannot be written.
        """
        self._ask(name, periods, "restore", owner="", nano=spent.nano, tokens=spent.tokens)

    def last(self, name: str) -> tuple[str, Balance]:
        """Return the balance as it was when this process last asked."""
        return self._last.get(name, ("", EMPTY))

    def flush(self) -> None:
        """Book what has ended, as far as Redis answers; what the thread is booking is booked when this returns."""
        if self._process == os.getpid():
            with self._booking:
                self._book(self._next_ended())

    def _give_back(self, answer: Reservation | Full) -> None:
        if isinstance(answer, Reservation):
            self.settle(answer, NOTHING)

    # ── the script ───────────────────────────────────────────────────────────

    def _reserve(self, name: str, periods: Periods, ceiling: Ceiling, asked: Amount, number: int) -> Reservation | Full:
        amounts = {"nano": asked.nano, "tokens": asked.tokens}
        most = {
            "most_nano": -1 if ceiling.nano is None else ceiling.nano,
            "most_tokens": -1 if ceiling.tokens is None else ceiling.tokens,
        }
        try:
            period, outcome = self._ask(name, periods, "reserve", number=number, **amounts, **most)
        except RedisUnavailable as error:
            if error.problem in NOT_DONE:
                raise
            self._hold(number, name, periods)  # it may have been reserved: it is given back when Redis answers
            self.settle(Reservation(number, asked, "", self._owner), NOTHING)
            raise
        if outcome == "full":
            balance = self._last[name][1]
            return Full(asked, balance, ceiling.is_passed_by(balance.spent.plus(asked)), period)
        self._hold(number, name, periods)
        return Reservation(number, asked, period, self._owner)

    def _ask(self, name: str, periods: Periods, what: str, **more: Any) -> tuple[str, str]:
        """Run the script, again where another process has booked in a later period; return the period and the outcome."""
        for _ in range(3):
            seen = self._seen.get(name, _LastSeen())
            period = periods.current(time.time(), seen.latest)
            asked = {
                "what": what,
                "period": period,
                "latest_seen": max(seen.latest, period),
                **self._known(name),
                **more,
            }
            answer = self._run(name, asked, period)
            if answer["outcome"] != "later":
                break
        if answer["outcome"] == "lost":
            words = LOST.format(name=name, where=self._server.words)
            raise RedisUnavailable(words, hint=RESTORE, server=self._server.words, problem="lost")
        return period, str(answer["outcome"])

    def _known(self, name: str) -> dict[str, Any]:
        seen = self._seen.get(name, _LastSeen())
        return {"owner": self._owner, "id": uuid.uuid4().hex, "id_seen": seen.id, "changes_seen": seen.changes}

    def _run(self, name: str, asked: dict[str, Any], period: str) -> Any:
        key = self._server.key(hashed(name, "budget"), "budget")
        try:
            answer = json.loads(self._link.run_confirmed(ACCOUNT, [key], [json.dumps(asked)]))
        except RedisUnavailable as error:
            failure = _nothing_sent(name, error) if asked["what"] == "reserve" else error
        else:
            with self._lock:
                before = self._seen.get(name, _LastSeen())
                if answer["id"] != before.id or answer["changes"] >= before.changes:
                    self._seen[name] = _LastSeen(answer["id"], answer["changes"], answer["latest"])
                self._last[name] = period, Balance(Amount(*answer["spent"]), Amount(*answer["reserved"]))
            return answer
        raise failure

    # ── the thread ───────────────────────────────────────────────────────────

    def _hold(self, number: int, name: str, periods: Periods) -> None:
        with self._lock:
            self._held[number] = name, periods
            self._run_thread()

    def _run_thread(self) -> None:
        """Start the thread unless it runs; under the lock."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="keybearer-budgets", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            woken = self._wait(BEAT)
            with self._booking:
                booked = self._book(self._next_ended())
            if not booked:
                time.sleep(AGAIN)
            elif not woken:
                self._beat()
            with self._lock:
                if not self._held and self._ended.empty():
                    self._thread = None
                    return

    def _wait(self, seconds: float) -> bool:
        """Wait until something has ended; return whether it has."""
        try:
            self._woken.get(timeout=seconds)
        except Empty:
            return False
        return True

    def _next_ended(self) -> list[_Settled]:
        """Return what has ended, so many calls at the most."""
        ended: list[_Settled] = []
        with contextlib.suppress(Empty):
            while len(ended) < MOST:
                ended.append(self._ended.get_nowait())
        return ended

    def _book(self, ended: list[_Settled]) -> bool:
        """Book what calls took; what cannot be booked now is put back. Return whether all of it was."""
        done = True
        for name in {each.name for each in ended}:
            mine = [each for each in ended if each.name == name]
            settled = [
                {
                    "number": "" if each.number is None else str(each.number),
                    "nano": each.amount.nano,
                    "tokens": each.amount.tokens,
                    "period": each.period,
                    "batch": each.batch,
                    "last": each.last,
                }
                for each in mine
            ]
            asked = {
                "what": "settle",
                "period": mine[0].period,
                "latest_seen": "",
                "settled": settled,
                **self._known(name),
            }
            try:
                self._run(name, asked, mine[0].period)
            except KeybearerError as error:
                if not self._said:
                    _log.error("spend limits: what calls took is not booked yet, and tried again: %s", error.message)
                self._said = True
                for each in mine:
                    self._ended.put(each)
                self._woken.put(None)
                done = False
            else:
                self._said = False
                with self._lock:
                    for each in mine:
                        if each.number is not None:
                            self._held.pop(each.number, None)
        return done

    def _beat(self) -> None:
        """Let Redis hear of this process, for every account of which it holds anything."""
        for name, periods in dict(self._held.values()).items():
            try:
                self._ask(name, periods, "beat")
            except KeybearerError as error:
                _log.warning("spend limits: %s", error.message)


def _nothing_sent(name: str, error: RedisUnavailable) -> RedisUnavailable:
    message = f"Nothing was sent: the spend limit {name!r} cannot be kept. {error.message}"
    return RedisUnavailable(message, hint=error.hint, server=error.server, problem=error.problem)


_accounts: Final = PerServer(SpendRedis, SpendRedis.flush)


def spend_redis(server: RedisServer) -> SpendRedis:
    """Return the accounts of a server: one object for each in a process."""
    return _accounts.of(server)
