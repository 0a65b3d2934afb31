"""`keybearer migrate`: say line by line what will differ when a program for the official SDK moves here, and change its imports.

Nothing of the program is imported or run. Without `--write` nothing is changed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from keybearer.cli.output import complain, say
from keybearer.migrate.programs import Program, Unreadable, programs, read
from keybearer.migrate.table import KINDS, Difference

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("path", nargs="+", type=Path, help="a program, a notebook or a folder of them")
    parser.add_argument("--write", action="store_true", help="change the imports in place")
    parser.add_argument("--json", action="store_true", help="print a JSON line for each finding")


def run(args: argparse.Namespace) -> int:
    """Read the programs and print what will differ.

    Args:
        args: The parsed flags.

    Returns:
        0 when the change of import is enough, 1 when something is to be done by hand or could not be read, 2 for a path that is not
        there.
    """
    missing = [path for path in args.path if not path.exists()]
    for path in missing:
        complain(f"keybearer migrate: {path}: there is no such file or folder")
    if missing:
        return 2
    counts: Counter[str] = Counter()
    failed = False
    for file in dict.fromkeys(file for path in args.path for file in programs(path)):
        try:
            program = read(file)
            _print(program, as_json=args.json)
            counts.update(finding.kind for finding in program.findings)
            counts["files"] += bool(program.findings)
            if args.write:
                program.write()
        except Unreadable as error:
            complain(f"{file}:{error.line}: not read: {error}")
            failed = True
        except OSError as error:
            complain(f"{file}: {error.strerror or error}")
            failed = True
    if not args.json:
        say(_summary(counts, written=args.write, failed=failed))
    return int(failed or bool(counts["hand"] or counts["sdk"]))


def _print(program: Program, *, as_json: bool) -> None:
    for finding in program.findings:
        say(_json_line(program, finding) if as_json else _line(program, finding))


def _line(program: Program, finding: Difference) -> str:
    return f"{program.place(finding.line)}: {finding.kind}: {finding.what}: {finding.todo}"


def _json_line(program: Program, finding: Difference) -> str:
    line: dict[str, object] = {"file": str(program.path), **finding._asdict()}
    if program.cells:
        line["cell"], line["line"] = program.cells[finding.line - 1]
    return json.dumps(line)


def _summary(counts: Counter[str], *, written: bool, failed: bool) -> str:
    """Return the last line: how many findings of each kind, and what is done about them."""
    if not counts["files"]:
        return f"Nothing {'that could be read ' if failed else ''}imports the official SDK."
    words = {**KINDS, "import": "changed"} if written else KINDS
    found = [f"{counts[kind]} {kind}: {words[kind]}" for kind in KINDS if counts[kind]]
    files = f"{counts['files']} file" + "s" * (counts["files"] != 1)
    return f"{files}. " + "; ".join(found) + "."
