"""Kill a process at steps of its work with a named spend limit, and look at what is booked: run as a program, for it forks.

    python tests/support/killed_spending.py FOLDER EVERY

A child reserves 10 dollars, says that it sends, settles on 3, does the same for a batch that it has made, and is killed at its n-th
line of this code, for each EVERY-th n until it lives to its end. After each kill another process asks what is left, and says that the
batch came to 3. What the child had not said it sends must be given back, what it had sent must count, with what it settled on if it
said so, and nothing may stay reserved.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from keybearer import SpendLimit
from keybearer.flow import Flow, Wait
from keybearer.policy.spend_account import QueuePlace
from keybearer.policy.spend_amounts import Amount, Reservation

ASKED, CAME = Amount(10 * 10**9, 0), Amount(3 * 10**9, 0)
FILES = ("spend_file.py", "spend_owner.py", "spend_rows.py", "spend_limit.py")


def run(flow: Flow[Any]) -> Any:
    """Run a flow that waits for futures alone."""
    try:
        effect = next(flow)
        while True:
            assert isinstance(effect, Wait)
            effect = flow.send(effect.future.result())
    except StopIteration as end:
        return end.value


def limit(path: Path, name: str) -> SpendLimit:
    """Return a limit of 100 dollars."""
    return SpendLimit(usd=100, name=name, ledger=path)


def work(path: Path, said: int, step: int) -> None:
    """Make a call under a limit, until the step at which this process is killed; say what has been done."""
    left = step

    def at_line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        del argument
        if not frame.f_code.co_filename.endswith(FILES):
            return None
        left -= event == "line"
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return at_line

    import threading

    threading.settrace(at_line)
    sys.settrace(at_line)
    own = limit(path, str(step))
    reservation = run(own.reserve(ASKED, QueuePlace()))
    assert isinstance(reservation, Reservation)
    os.write(said, b"r")
    run(own.mark_sent(reservation))
    os.write(said, b"s")
    own.settle(reservation, CAME)
    os.write(said, b"e")
    made = run(own.reserve(ASKED, QueuePlace()))
    os.write(said, b"R")
    run(own.mark_sent(made))
    os.write(said, b"S")
    own.keep_for_batch(made, "msgbatch_1")
    os.write(said, b"K")
    own.state()
    sys.settrace(None)


def wrong(said: bytes, spent: int, reserved: int) -> bool:
    """Return whether what is booked does not follow from what a child has said; a step may be done and not yet said."""
    may_be = {
        b"": {0},
        b"r": {0, 10},
        b"rs": {10, 3},
        b"rse": {3},
        b"rseR": {3, 13},
        b"rseRS": {13, 6},
        b"rseRSK": {6},
    }[said]
    return spent not in may_be or reserved != 0


def main(folder: Path, every: int) -> dict[str, int]:
    """Kill a child at each EVERY-th step; return how many were killed, how often, and how often what is booked was wrong."""
    path = folder / "spend.db"
    kills, step, mistakes, given_back, counted = 0, 1, 0, 0, 0
    while True:
        reading, says = os.pipe()
        child = os.fork()
        if not child:
            work(path, says, step)
            os._exit(0)
        os.close(says)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        own = limit(path, str(step))
        own.state()  # settles what the dead child held
        own.settle_batch("msgbatch_1", CAME)
        state = own.state()
        mistakes += wrong(said, int(state.spent), int(state.reserved))
        given_back, counted = given_back + (said == b"r" and state.spent == 0), counted + (state.spent == 10)
        if not os.WIFSIGNALED(status):
            left = len(list(folder.glob("*.held/*.held"))) - 1  # this process's own
            return {"kills": kills, "wrong": mistakes, "given_back": given_back, "counted": counted, "files": left}
        kills, step = kills + 1, step + every


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
