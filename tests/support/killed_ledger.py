"""Kill a process at steps of its work with a ledger, and count what is lost: run as a program, for it forks.

    python tests/support/killed_ledger.py FOLDER EVERY

A child adds rows and folds them, and is killed at its n-th line of the ledger's own code, for each EVERY-th n until it lives to its
end. After each kill another process reads the ledger: what the child had said was written must be there, once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from keybearer.shell.ledger import Ledger
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import Usage

ROWS = 3


def report(name: str) -> UsageReported:
    """Return the report of a call."""
    return UsageReported(usage=Usage(input_tokens=1, output_tokens=1), model="m", request_id=name)


def work(path: Path, said: int, step: int) -> None:
    """Add rows, and fold them twice, until the step at which this process is killed."""
    left = step

    def at_line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        del argument
        if not frame.f_code.co_filename.endswith(("ledger.py", "ledger_store.py")):
            return None
        left -= event == "line"
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return at_line

    sys.settrace(at_line)
    ledger = Ledger(path)
    for number in range(ROWS):
        ledger.add(report(f"{step}-{number}"))
        os.write(said, b".")
        if number == 1:
            ledger.store()
    ledger.close()
    sys.settrace(None)


def main(folder: Path, every: int) -> dict[str, int]:
    """Kill a child at each EVERY-th step; return how many were killed, and how many rows were lost or there twice."""
    path = folder / "spend.db"
    kills, step, wrong, due = 0, 1, 0, set[str]()
    while True:
        reading, said = os.pipe()
        child = os.fork()
        if not child:
            work(path, said, step)
            os._exit(0)
        os.close(said)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as pipe:
            due |= {f"{step}-{number}" for number in range(len(pipe.read()))}
        names = [row["request_id"] for row in Ledger(path).rows()]
        wrong += len(due - set(names)) + len(names) - len(set(names))
        if not os.WIFSIGNALED(status):
            return {
                "kills": kills,
                "rows": len(names),
                "wrong": wrong,
                "files": len(list(folder.glob("*.rows/*.jsonl"))),
            }
        kills, step = kills + 1, step + every


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
