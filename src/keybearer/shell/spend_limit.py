"""`SpendLimit`: the most that may be spent, as callers give it to clients, calls and runs.

Strategy: the object is the limit: whatever it is given to shares it. Its account is in this process, or, for one with a name, in the
file of a ledger (`spend_file.py`), so that all processes of a machine share it, or in Redis (`redis/spending.py`), so that those of
all machines do.

Contract: what is spent and reserved never passes the limit. A limit in memory is one process's: a forked child is refused, and it
cannot be pickled, for a copy would allow the same money twice.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from keybearer.errors import SpendLimitExceeded, UsageError
from keybearer.flow import Flow, Sleep, Wait
from keybearer.policy.deadline import format_seconds
from keybearer.policy.spend_account import QueuePlace, SpendAccount
from keybearer.policy.spend_amounts import (
    Amount,
    Balance,
    Ceiling,
    Full,
    Per,
    Periods,
    Reservation,
    nanodollars,
    to_usd,
)
from keybearer.prices.amount import dollars
from keybearer.shell.spend_arguments import SpendState, check_choice, check_store, dollars_of, tokens_of, zone_of
from keybearer.types.hooks import LimitCrossed

if TYPE_CHECKING:
    from keybearer.config.redis_server import RedisServer
    from keybearer.shell.ledger import Ledger
    from keybearer.shell.redis.spending import SpendRedis
    from keybearer.shell.spend_file import SpendFile

__all__ = ["SpendLimit", "SpendState"]

LOOK: Final = 0.25
"""How long a call that waits lets pass before it looks again, in seconds: what an abandoned stream gives back wakes nobody."""

FORKED: Final = "A spend limit in memory is one process's, and this process was forked from it: nothing was sent."
NAMED: Final = (
    "Give it a name and a ledger, SpendLimit(..., name=..., ledger=...), or a store: then all processes share it."
)


class SpendLimit:
    """The most that may be spent.

    Args:
        usd: The most dollars; None for any number.
        tokens: The most tokens, read and written; None for any number.
        per: How often it is renewed: each `day` or `month`; never for `run`.
        name: The name by which all processes of the machine share it.
        ledger: The ledger in whose file it is kept; a client's own when omitted. Only for a limit with a name.
        store: The Redis in which it is kept in place of a file, so that the processes of all machines share it: a `RedisServer`, or
            its URL. Only for a limit with a name.
        on_full: What a call does that does not fit: `fail` at once, or `wait` for others to give back what they did not need, and for
            the next period, up to its deadline.
        timezone: Where a day begins, such as `Europe/Berlin`; UTC when omitted.
        alert_at: Warn, and call the client's `on_limit`, when this share of it is spent: once for each period.
        may_be_raised: Whether a run may ask its `approve` hook to raise it.

    Raises:
        UsageError: An argument cannot be what it is.

    Example:
        with Client(spend_limit=SpendLimit(usd=5)) as client:
            client.messages.create(...)
    """

    def __init__(
        self,
        *,
        usd: float | Decimal | str | None = None,
        tokens: int | None = None,
        per: Per = "run",
        name: str | None = None,
        ledger: Ledger | str | os.PathLike[str] | None = None,
        store: RedisServer | str | None = None,
        on_full: Literal["fail", "wait"] = "fail",
        timezone: str | None = None,
        alert_at: float | None = None,
        may_be_raised: bool = False,
    ) -> None:
        self.usd, self.tokens = dollars_of(usd), tokens_of(tokens)
        if self.usd is None and self.tokens is None:
            raise UsageError("A SpendLimit takes usd or tokens, or both.")
        check_choice("per", per, ("run", "day", "month"))
        check_choice("on_full", on_full, ("fail", "wait"))
        if name is not None and not str(name).strip():
            raise UsageError(f"The name of a SpendLimit is {name!r}: it takes text.")
        if ledger is not None and name is None:
            raise UsageError("A SpendLimit with a ledger takes a name, by which all processes share it.")
        check_store(store, name, ledger, self.usd)
        if alert_at is not None and not 0 < alert_at <= 1:
            raise UsageError(f"alert_at of a SpendLimit is {alert_at!r}: it takes a share, above 0 and at most 1.")
        self.per, self.name, self.on_full, self.alert_at = per, name, on_full, alert_at
        self.may_be_raised = may_be_raised
        self._periods = Periods(per=per, zone=zone_of(timezone))
        self._process = os.getpid()
        self._account = SpendAccount(self._periods, future=_future, lock=threading.Lock())
        self._file: SpendFile | SpendRedis | None = None
        self._alerted: set[str] = set()
        if ledger is not None:
            self.keep_in(ledger if isinstance(ledger, str | os.PathLike) else ledger.path)
        if store is not None:
            from keybearer.config.redis_server import redis_of
            from keybearer.shell.redis.spending import spend_redis

            self._file = spend_redis(redis_of(store))

    def keep_in(self, path: str | os.PathLike[str]) -> None:
        """Keep a limit with a name in the file of a ledger, unless it has one."""
        if self._file is None and self.name is not None:
            from keybearer.shell.spend_file import spend_file

            self._file = spend_file(Path(path))

    def state(self) -> SpendState:
        """Return what is spent, reserved and left; a limit in a file is read from there.

        Raises:
            UsageError: The file cannot be read.
        """
        period, balance = self._balance()
        ceiling = self._ceiling
        left = _left(ceiling, balance)
        return SpendState(
            spent=to_usd(balance.spent.nano),
            reserved=to_usd(balance.reserved.nano),
            left=None if left.nano is None else to_usd(left.nano),
            spent_tokens=balance.spent.tokens,
            reserved_tokens=balance.reserved.tokens,
            left_tokens=left.tokens,
            resets_at=self._periods.ends(period),
        )

    def raise_to(self, *, usd: float | Decimal | str | None = None, tokens: int | None = None) -> None:
        """Set another limit, for all that share this object; one that is lower holds too, from the next call on."""
        new_usd, new_tokens = dollars_of(usd), tokens_of(tokens)
        self.usd = self.usd if new_usd is None else new_usd
        self.tokens = self.tokens if new_tokens is None else new_tokens
        self._alerted.clear()
        if self._process == os.getpid():
            self._account.wake()

    def restore(self, *, usd: float | Decimal | str = 0, tokens: int = 0) -> None:
        """Say what is spent in the present period, for a limit in Redis whose account has lost something.

        Args:
            usd: The dollars that are spent.
            tokens: The tokens that are spent.

        Raises:
            RedisUnavailable: It cannot be written.
            UsageError: The limit is not kept in Redis.
        """
        from keybearer.shell.redis.spending import SpendRedis

        if not isinstance(self._file, SpendRedis):
            raise UsageError(f"{self._words.capitalize()} is not kept in Redis, so it has lost nothing.")
        spent = Amount(nanodollars(dollars_of(usd) or Decimal(0)), tokens_of(tokens) or 0)
        self._file.restore(self._key, self._periods, spent)

    # ── what the exchange calls (`SpendPort`) ────────────────────────────────

    @property
    def counts_dollars(self) -> bool:
        """Whether it limits dollars."""
        return self.usd is not None

    def reserve(self, asked: Amount, place: QueuePlace) -> Flow[Reservation | Full]:
        """Reserve an amount, if it fits."""
        if self.name is not None:
            return (yield from self._kept().reserve(self._key, self._periods, self._ceiling, asked))
        self._check_process()
        return self._account.reserve(self._ceiling, asked, time.time(), place)

    def mark_sent(self, reservation: Reservation) -> Flow[None]:
        """Record that the request of a reservation is sent now; in memory it dies with the process."""
        yield from ()
        if self.name is not None:
            self._kept().mark_sent(reservation)

    def settle(self, reservation: Reservation, amount: Amount, *, later: bool = False) -> None:
        """Book an amount in place of a reservation; `later` from a finalizer, where no lock may be taken."""
        if self._file is not None:
            self._file.settle(reservation, amount)
        elif self._process != os.getpid():
            pass  # the parent's, which settles it itself
        elif later:
            self._account.settle_later(reservation, amount, time.time())
        else:
            self._account.settle(reservation, amount, time.time())

    def keep_for_batch(self, reservation: Reservation, batch: str) -> None:
        """Let a reservation stand for a batch that was made, until it is known what its rows cost."""
        if self._file is not None:
            self._file.keep_for_batch(reservation, batch)
        elif self._process == os.getpid():
            self._account.keep_for_batch(reservation, batch, time.time())

    def settle_batch(self, batch: str, amount: Amount) -> None:
        """Book what the rows of a batch cost in place of what stands for it; nothing where nothing does."""
        if self.name is not None:
            self._kept().settle_batch(self._key, self._periods, batch, amount)
        elif self._process == os.getpid():
            self._account.settle_batch(batch, amount, time.time())

    def wait(self, full: Full, seconds: float, place: QueuePlace) -> Flow[None]:
        """Wait in line until a call may fit, or raise."""
        now = time.time()
        ends = self._periods.ends(full.period)
        in_time = ends is not None and ends - now < seconds and not self._ceiling.is_passed_by(full.asked)
        if self.on_full == "fail" or seconds <= 0 or (full.hopeless and not in_time):
            raise self.exceeded(full)
        pause = LOOK if not full.hopeless or ends is None else max(LOOK, min(60.0, ends - now))
        if self.name is not None:
            yield from Sleep(min(seconds, pause))
            return
        future, is_first = self._account.queue(place)
        with contextlib.suppress(TimeoutError):
            yield from Wait(future, min(seconds, pause) if is_first else _most(seconds))

    def leave(self, place: QueuePlace) -> None:
        """Leave the line, with a reservation or without."""
        if self.name is None and self._process == os.getpid():
            self._account.leave(place)

    def crossed(self) -> LimitCrossed | None:
        """Return that its alert threshold is crossed, once for each period."""
        if self.alert_at is None:
            return None
        period, balance = self._account.balance(time.time()) if self._file is None else self._file.last(self._key)
        used = max(
            spent / most if most else 1.0
            for spent, most in zip(balance.spent, self._ceiling, strict=True)
            if most is not None
        )
        if used < self.alert_at or period in self._alerted:
            return None
        self._alerted.add(period)
        return LimitCrossed(name=self._words, used=used, resets_at=self._periods.ends(period))

    def exceeded(self, full: Full) -> SpendLimitExceeded:
        """Return the error of a call that does not fit."""
        asked, balance, left = full.asked, full.balance, _left(self._ceiling, full.balance)
        ends = self._periods.ends(full.period)
        short = []
        if self.usd is not None and left.nano is not None and asked.nano > left.nano:
            figures = (asked.nano, left.nano, balance.spent.nano, balance.reserved.nano)
            cost, rest, spent, reserved = (dollars(to_usd(each)) for each in figures)
            short.append(
                f"may cost up to {cost}, and {rest} is left of {dollars(self.usd)}: {spent} is spent and {reserved} reserved"
            )
        if self.tokens is not None and left.tokens is not None and asked.tokens > left.tokens:
            short.append(
                f"may take up to {asked.tokens:,} tokens, and {left.tokens:,} are left of {self.tokens:,}: "
                f"{balance.spent.tokens:,} are spent and {balance.reserved.tokens:,} reserved"
            )
        when = f" It is renewed in {format_seconds(max(0.0, ends - time.time()))}." if ends is not None else ""
        return SpendLimitExceeded(
            f"Nothing was sent: {self._words} is full. The call {'; it '.join(short)}.",
            hint=f"Lower max_tokens, shorten the prompt, or raise the limit.{when}",
            limit=self,
            asked=to_usd(asked.nano),
            spent=to_usd(balance.spent.nano),
            reserved=to_usd(balance.reserved.nano),
            left=None if left.nano is None else to_usd(left.nano),
            asked_tokens=asked.tokens,
            spent_tokens=balance.spent.tokens,
            reserved_tokens=balance.reserved.tokens,
            left_tokens=left.tokens,
            resets_at=ends,
        )

    # ── the rest ─────────────────────────────────────────────────────────────

    @property
    def _ceiling(self) -> Ceiling:
        return Ceiling(None if self.usd is None else nanodollars(self.usd, down=True), self.tokens)

    @property
    def _key(self) -> str:
        """The name of its account: that of a day and that of a month are two."""
        return f"{self.name} per {self.per}"

    @property
    def _words(self) -> str:
        return "the spend limit" if self.name is None else f"the spend limit {self.name!r}"

    def _balance(self) -> tuple[str, Balance]:
        if self.name is not None:
            return self._kept().balance(self._key, self._periods)
        self._check_process()
        return self._account.balance(time.time())

    def _kept(self) -> SpendFile | SpendRedis:
        if self._file is None:
            hint = "Name one, SpendLimit(..., ledger='spend.db'), or give the client one."
            raise UsageError(f"{self._words.capitalize()} has no ledger in whose file it is kept.", hint=hint)
        return self._file

    def _check_process(self) -> None:
        if self._process != os.getpid():
            raise UsageError(FORKED, hint=NAMED)

    def __reduce__(self) -> Any:
        raise UsageError("A SpendLimit cannot be copied to another process: each would spend it whole.", hint=NAMED)

    def __repr__(self) -> str:
        most = [
            *([] if self.usd is None else [dollars(self.usd)]),
            *([] if self.tokens is None else [f"{self.tokens:,} tokens"]),
        ]
        named = "" if self.name is None else f" {self.name!r}"
        return f"<SpendLimit{named}: {' and '.join(most)} per {self.per}>"


def _future() -> Future[None]:
    return Future()


def _most(seconds: float) -> float | None:
    return None if seconds == float("inf") else seconds


def _left(ceiling: Ceiling, balance: Balance) -> Ceiling:
    taken = balance.spent.plus(balance.reserved)
    return Ceiling(*(None if most is None else max(0, most - each) for most, each in zip(ceiling, taken, strict=True)))
