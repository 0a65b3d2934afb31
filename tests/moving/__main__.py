"""`make test-moving`: how many programs for the official SDK run when only their import is changed.

Each program runs with the SDK first: the newest, and if it fails there the last of 0.x. What neither can run is not counted. Then it
runs with its imports changed, in a process in which the SDK cannot be imported.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from moving.corpus import HERE, Program, examples, own, packages, snippets
from moving.names import count_names
from moving.report import HEADING, Outcome, figures, line, share, write
from moving.running import run
from moving.sdk_tests import run_tests

AT_LEAST: Final = 0.85
"""The share of programs that must run with the import changed, of those that run with the SDK; packages are counted apart."""

WORKERS: Final = 3
"""Programs that run at once."""


def main() -> int:
    """Run everything; the exit code is 1 when too few run."""
    parser = argparse.ArgumentParser(prog="moving", description=__doc__)
    parser.add_argument("sdk", type=Path, help="the SDK's source archive, unpacked")
    parser.add_argument("--python", type=Path, required=True, help="the interpreter with the SDK and the packages")
    parser.add_argument("--older", type=Path, required=True, help="the folder with the last SDK of 0.x")
    parser.add_argument("--only", default="", help="only programs whose name or kind has this in it, and no tests")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/moving.md")
    args = parser.parse_args()
    python, older = args.python.absolute(), args.older.absolute()

    def both(program: Program) -> Outcome:
        version, sdk = "2.14.0", run(program, python)
        if not sdk.works:
            last = run(program, python, path=[older])
            version, sdk = ("0.125.0", last) if last.works else (version, sdk)
        return Outcome(program, version, sdk, run(program, python, keybearer=True) if sdk.works else None)

    corpus = [*examples(args.sdk), *snippets(args.sdk), *own(), *packages()]
    with ThreadPoolExecutor(WORKERS) as pool:
        print(line(HEADING))
        outcomes = []
        for outcome in pool.map(both, [each for each in corpus if args.only in f"{each.name} {each.kind}"]):
            outcomes.append(outcome)
            print(line(outcome.row), flush=True)
    ours, theirs = share([outcome for outcome in outcomes if outcome.program.package is None])
    frameworks = share([outcome for outcome in outcomes if outcome.program.package is not None])
    print(f"\n{frameworks[0]} of {frameworks[1]} packages, which are better left with the SDK: they are not counted below")
    print(f"\n{ours} of {theirs} programs that run with the SDK run with the import changed: {ours / theirs:.0%}")
    if not args.only:
        text = figures(outcomes, count_names(args.sdk), run_tests(args.sdk, python))
        print("\n" + text)
        if args.write:
            write(HERE.parents[1] / "docs/moving.md", text)
    return int(ours < AT_LEAST * theirs)


if __name__ == "__main__":
    sys.exit(main())
