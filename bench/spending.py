"""Whether a spend limit holds: thousands of runs in many processes that are killed at random, against the simulator's bill.

    python -m bench.spending --runs 10000 [--beside pydantic-ai] [--write]

Sixteen processes share one limit. In each of them 32 runs are under way at once, plain and streamed; some streams are left. Prompts
are short, long, and beyond the length at which Haiku 5.5 costs five times as much, so that together they cost more than the limit.
Processes are killed at random, and others take their place. At the end the simulator's bill is compared with the limit.

It prints JSON, and fails when the bill is above the limit or, with 10,000 runs, less than 95 % of the limit is used. What had to be
written off, because nobody knows what a process that was killed or a stream that was left was billed, is no use of the limit.

pydantic-ai's limit is one of a process, so each has a sixteenth of it, and none is killed, for its account would die too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

from keybearer import SpendLimit
from keybearer.simulator import Simulator

WORKERS: Final = 16
OURS: Final = "keybearer"
ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = {
    OURS: (Path(sys.executable), "bench.spending_work"),
    "pydantic-ai": (ROOT / "bench" / ".venv" / "bin" / "python", "bench.spending_pydantic_ai_agent"),
}
WORST: Final = Decimal("0.21")
"""More than the worst case of the longest prompt, in dollars; the limit of 10,000 runs is a hundred times that."""
WHOLE: Final = 10_000
"""So many runs cost about twice the limit; fewer have a tenth of their part of it, which the short prompts alone fill."""
KILLED: Final = 1 / 100
"""How probable it is that a process is killed, each time that one is looked at."""
LOOK: Final = 0.25
"""How often they are looked at, in seconds."""


class Crowd:
    """The processes, and how many runs each has begun.

    Args:
        program: The interpreter and the module of each.
        arguments: Where the simulator is, its key, the limit, and the ledger.
        runs: How many runs all of them begin together.
        folder: Where they note what they have begun.
    """

    def __init__(self, program: tuple[Path, str], arguments: list[str], runs: int, folder: Path) -> None:
        self._program, self._arguments, self._folder = program, arguments, folder
        self._left = [runs // WORKERS + (number < runs % WORKERS) for number in range(WORKERS)]
        self._started = 0
        self.kills = 0
        self._running = [self._start(number) for number in range(WORKERS)]

    def _start(self, number: int) -> tuple[subprocess.Popen[bytes], Path]:
        self._started += 1
        note = self._folder / f"begun-{self._started}"
        note.touch()
        python, module = self._program
        more = [str(self._left[number]), str(note), str(self._started)]
        return subprocess.Popen([python, "-m", module, *self._arguments, *more], cwd=ROOT), note

    def step(self, random: Random, killed: float) -> bool:
        """Kill some, and let others take their place; return whether any is at work."""
        busy = False
        for number, (process, note) in enumerate(self._running):
            if process.poll() is None and random.random() < killed:
                process.kill()
                process.wait()
                self.kills += 1
                self._left[number] -= note.stat().st_size
                if self._left[number] > 0:
                    self._running[number] = self._start(number)
            elif process.poll() not in {None, 0, -signal.SIGKILL}:
                raise SystemExit(f"a process failed: {process.returncode}")
            busy = busy or self._running[number][0].poll() is None
        return busy

    def end(self) -> None:
        """End those that are left."""
        for process, _ in self._running:
            if process.poll() is None:
                process.kill()
            process.wait()


def measure(runs: int, library: str, seed: int) -> dict[str, Any]:
    """Run them all; return what was billed."""
    limit = (100 if runs >= WHOLE else 10) * WORST * runs / WHOLE
    random = Random(seed)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as folder, Simulator() as sim:
        ledger = Path(folder) / "spend.db"
        crowd = Crowd(PROGRAMS[library], [sim.base_url, sim.api_key, str(limit), str(ledger)], runs, Path(folder))
        begun = time.monotonic()
        try:
            while crowd.step(random, KILLED if library == OURS else 0.0):
                time.sleep(LOOK)
        finally:
            crowd.end()
        seconds = time.monotonic() - begun
        billed = _settled_bill(sim)
        made = sum(note.stat().st_size for note in Path(folder).glob("begun-*"))
        state = SpendLimit(usd=limit, name="figure", ledger=ledger).state()
        booked = state.spent + state.reserved if library == OURS else billed
    written_off = booked - billed
    return {
        "library": library,
        "runs": made,
        "processes": WORKERS,
        "kills": crowd.kills,
        "calls": sim.billed.calls,
        "limit": f"{limit:.4f}",
        "billed": f"{billed:.4f}",
        "overspent": f"{max(Decimal(0), billed - limit):.2f}",
        "booked": f"{booked:.4f}",
        "written_off": f"{written_off:.4f}",
        "used": round(float(billed / (limit - written_off)), 4),
        "seconds": round(seconds),
        "holds": billed <= booked <= limit and (runs < WHOLE or billed >= Decimal("0.95") * (limit - written_off)),
    }


def _settled_bill(sim: Simulator) -> Decimal:
    """Return the bill, once the simulator has noticed that the last streams were left."""
    before, after = Decimal(-1), sim.billed.known
    while before != after:
        time.sleep(0.5)
        before, after = after, sim.billed.known
    return after


def main() -> int:
    """Measure, print, and return whether the limit held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=WHOLE)
    parser.add_argument("--beside", action="append", choices=[each for each in PROGRAMS if each != OURS], default=[])
    parser.add_argument("--write", action="store_true", help="write bench/spending.json")
    parser.add_argument("--seed", type=int, default=17)
    args = parser.parse_args()
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        del os.environ[name]
    results = [measure(args.runs, library, args.seed) for library in (OURS, *args.beside)]
    text = "[\n" + ",\n".join(f" {json.dumps(each)}" for each in results) + "\n]\n"
    print(text, end="")
    if args.write:
        (ROOT / "bench" / "spending.json").write_text(text)
    return 0 if results[0]["holds"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
