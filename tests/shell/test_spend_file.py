"""Spend limits with a name: one account for all processes of a machine, which no kill and no full disk breaks."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from keybearer import Ledger, SpendLimit, UsageError
from keybearer.policy.spend_account import QueuePlace
from keybearer.policy.spend_amounts import NOTHING, Amount, Full, Reservation
from keybearer.shell.spend_file import SpendFile, spend_file
from support.killed_spending import ASKED, CAME, limit, run
from support.whole import WHOLE


def taken(of: SpendLimit, amount: Amount = ASKED) -> Reservation:
    """Reserve what fits."""
    found = run(of.reserve(amount, QueuePlace()))
    assert isinstance(found, Reservation)
    return found


def numbers(of: SpendLimit) -> tuple[int, int]:
    """Return the dollars that are spent and reserved."""
    state = of.state()
    return int(state.spent), int(state.reserved)


def test_a_kill_leaves_what_is_certain_and_counts_what_is_not(tmp_path: Path) -> None:
    """A process killed at any step gives back what it had not sent; what it had sent counts, with what it came to if it said so."""
    script = Path(__file__).parents[1] / "support" / "killed_spending.py"
    command = [sys.executable, str(script), str(tmp_path), "1" if WHOLE else "61"]
    environment = os.environ | {"PYTHONPATH": str(script.parents[1])}
    done = json.loads(
        subprocess.run(command, check=True, capture_output=True, timeout=200, env=environment).stdout  # noqa: S603
    )
    assert done["kills"] >= 4
    assert (done["wrong"], done["files"]) == (0, 0)


def test_a_name_is_one_account_whatever_the_object(tmp_path: Path) -> None:
    """Two objects of one name share it, a ledger and its path are one file, and a day and a month are two accounts."""
    ledger = Ledger(tmp_path / "spend.db")
    one, two = limit(tmp_path / "spend.db", "team"), SpendLimit(usd=15, name="team", ledger=ledger)
    daily = SpendLimit(usd=100, name="team", per="day", ledger=ledger)
    held = taken(one)
    assert numbers(two) == (0, 10)
    assert isinstance(run(two.reserve(ASKED, QueuePlace())), Full)  # the smaller limit is held to what both have taken
    one.settle(held, CAME)
    assert numbers(two) == (3, 0)
    assert numbers(daily) == (0, 0)
    taken(two)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # from 3.12 on; the child starts afresh
def test_two_processes_race_for_the_last_of_it(tmp_path: Path) -> None:
    """Of four processes that ask at once for more than there is, together they get no more than the limit."""
    path, racers = tmp_path / "spend.db", []
    limit(path, "team").state()
    begin_reading, begin = os.pipe()
    for _ in range(4):
        child = os.fork()
        if not child:
            own = limit(path, "team")
            os.read(begin_reading, 1)
            os._exit(sum(isinstance(run(own.reserve(ASKED, QueuePlace())), Reservation) for _ in range(5)))
        racers.append(child)
    os.write(begin, b"....")
    got = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in racers]
    assert sum(got) >= 10  # one that died meanwhile had sent nothing, so its money was there again
    assert numbers(limit(path, "team")) == (0, 0)


def test_threads_get_no_more_than_there_is(tmp_path: Path) -> None:
    """Of forty threads that ask for a tenth each, ten get it; nothing is booked twice."""
    own, found = limit(tmp_path / "spend.db", "team"), list[Any]()
    threads = [threading.Thread(target=lambda: found.append(run(own.reserve(ASKED, QueuePlace())))) for _ in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    held = [each for each in found if isinstance(each, Reservation)]
    assert len(held) == 10
    for reservation in held * 2:  # a second settlement is no more
        own.settle(reservation, CAME)
    assert numbers(own) == (30, 0)


def test_who_gives_up_the_wait_holds_nothing(tmp_path: Path) -> None:
    """A call that is cancelled while its reservation is made leaves nothing behind."""
    own = limit(tmp_path / "spend.db", "team")
    flow = own.reserve(ASKED, QueuePlace())
    future = getattr(next(flow), "future")  # noqa: B009 - of a `Wait`
    with pytest.raises(GeneratorExit):
        flow.throw(GeneratorExit)
    assert isinstance(future.result(), Reservation)
    own.state()  # a step later
    assert numbers(own) == (0, 0)


def test_a_file_that_cannot_be_written_sends_nothing(tmp_path: Path) -> None:
    """Nothing is reserved that is not on the disk, and the words say why; when it can be written again, all goes on."""
    path = tmp_path / "spend.db"
    own = limit(path, "team")
    held = taken(own)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TRIGGER full BEFORE INSERT ON reserved BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")
    with pytest.raises(
        UsageError, match="Nothing was sent: the spend limits in .* cannot be written: the disk is full"
    ):
        taken(own)
    other.execute("DROP TRIGGER full")
    other.close()
    own.settle(held, CAME)
    assert numbers(own) == (3, 0)


def test_a_full_disk_when_it_is_sent_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it cannot be recorded that a request is sent, it is not, and its reservation is given back."""
    own = limit(tmp_path / "spend.db", "team")
    held = taken(own)
    with monkeypatch.context() as full:
        full.setattr("keybearer.shell.spend_owner.os.write", lambda *_: 0)
        with pytest.raises(UsageError, match="cannot be written: No space left"):
            run(own.mark_sent(held))
        own.settle(held, NOTHING)  # logged; the database has it
    assert numbers(own) == (0, 0)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # from 3.12 on; the child starts afresh
def test_a_forked_child_has_an_account_of_its_own_in_the_same_file(tmp_path: Path) -> None:
    """It shares the limit, holds nothing of its parent's, and cannot settle what is its parent's."""
    own = limit(tmp_path / "spend.db", "team")
    held = taken(own)
    child = os.fork()
    if not child:
        own.settle(held, CAME)
        mine = taken(own)
        run(own.mark_sent(mine))
        os._exit(0 if numbers(own) == (0, 20) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert numbers(own) == (10, 10)  # it died, and had sent


def test_the_thread_ends_and_begins_again(tmp_path: Path) -> None:
    """An account that is closed leaves no file and no thread, and goes on when it is used again."""
    accounts = spend_file(tmp_path / "spend.db")
    assert accounts is spend_file(tmp_path / "spend.db")
    own = limit(tmp_path / "spend.db", "team")
    own.settle(taken(own), CAME)
    accounts.close()
    assert list((tmp_path / "spend.db.held").iterdir()) == []
    assert not any(thread.name == "keybearer-spend" and thread.is_alive() for thread in _of(accounts))
    assert numbers(own) == (3, 0)
    accounts.close()


def _of(accounts: SpendFile) -> list[threading.Thread]:
    return [] if accounts._thread is None else [accounts._thread]


def test_a_limit_with_a_name_needs_a_file(tmp_path: Path) -> None:
    """Without a ledger of its own or of its client's, it says so; a client's ledger is where it is kept."""
    from keybearer import Client

    own = SpendLimit(usd=1, name="team")
    with pytest.raises(UsageError, match="has no ledger in whose file it is kept"):
        own.state()
    with Client(api_key="sk-ant-test", ledger=tmp_path / "spend.db", spend_limit=own):
        assert numbers(own) == (0, 0)
