"""The page of what is tested to fail well: `python -m support.reliability` runs the table's tests and writes docs/reliability.md.

Strategy: `tests/reliability.toml` has a row for each fault, with the promise and the test. The tests are run by pytest, their results
are kept in `bench/reliability.json`, and the page is made of both, so that it can be compared without running anything.
"""

from __future__ import annotations

import ast
import datetime as dt
import json
import platform
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

__all__ = ["PAGE", "RESULTS", "TABLE", "Row", "defines", "load", "page", "results_of"]

ROOT: Final = Path(__file__).parents[2]
TESTS: Final = ROOT / "tests"
TABLE: Final = TESTS / "reliability.toml"
RESULTS: Final = ROOT / "bench" / "reliability.json"
PAGE: Final = ROOT / "docs" / "reliability.md"
HEAD: Final = """# Reliability

Each fault that is tested, the promise that holds under it, the test that runs the fault, and how its last run ended.
The page is generated: `make reliability` runs the tests of `tests/reliability.toml`, below `tests`, and writes it anew.

All faults of the simulator strike together in `make soak`: 300 streams at once for half an hour.
Nothing may grow meanwhile, and every call must end in its whole answer or in a typed error.

"""


class Row(NamedTuple):
    """One fault.

    Attributes:
        area: What it is a fault of.
        fault: What goes wrong.
        promise: What holds all the same.
        test: The file and the function, below tests; where a function has many cases, the pattern of a case's id in brackets.
    """

    area: str
    fault: str
    promise: str
    test: str

    @property
    def function(self) -> str:
        """The test without the pattern."""
        return self.test.partition("[")[0]

    def has(self, case: str) -> bool:
        """Return whether a case, such as `file.py::test[id]`, is one of this row's."""
        function, _, named = case.partition("[")
        _, _, pattern = self.test.partition("[")
        return function == self.function and (not pattern or fnmatchcase(named[:-1], pattern[:-1]))


def load(path: Path = TABLE) -> list[Row]:
    """Read the table."""
    areas = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Row(area, *row) for area, rows in areas.items() for row in rows]


@cache
def _functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def defines(test: str) -> bool:
    """Return whether there is a test of a name, such as `wire/test_json.py::test_this`, below tests."""
    file, _, function = test.partition("[")[0].partition("::")
    return (TESTS / file).is_file() and function in _functions(TESTS / file)


def results_of(cases: dict[str, str], rows: Iterable[Row]) -> dict[str, str]:
    """Return each row's result, by its test.

    Args:
        cases: How each case ended: `passed`, `failed` or `skipped`.
        rows: The rows.

    Returns:
        Such as `passed` or `passed, 4 cases`; `failed` if one of them did, and `not run` without any.
    """
    found = {}
    for row in rows:
        ended = Counter(how for case, how in cases.items() if row.has(case))
        worst = next((how for how in ("failed", "passed", "skipped") if ended[how]), "not run")
        count = sum(ended.values())
        found[row.test] = f"{worst}, {count} cases" if count > 1 else worst
    return found


def page(rows: list[Row], results: dict[str, Any]) -> str:
    """Return the text of the page."""
    text = f"{HEAD}{len(rows)} faults, last run on {results['date']} with Python {results['python']} on {results['system']}.\n"
    for area in dict.fromkeys(row.area for row in rows):
        text += f"\n## {area}\n\n| fault | promise | test | last result |\n|---|---|---|---|\n"
        for row in rows:
            if row.area == area:
                text += f"| {row.fault} | {row.promise} | `{row.test}` | {results['rows'].get(row.test, 'not run')} |\n"
    return text


def _run(rows: list[Row], options: list[str]) -> dict[str, str]:
    """Run the tests; return how each case ended."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        tests = sorted({f"tests/{row.function}" for row in rows})
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *options, *tests]
        subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own suite
        cases = {}
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
            name = case.get("classname", "").removeprefix("tests.").replace(".", "/") + ".py::" + case.get("name", "")
            ended = {child.tag for child in case}
            cases[name] = "failed" if ended & {"failure", "error"} else "skipped" if "skipped" in ended else "passed"
        return cases


def main() -> int:
    """Run the tests, and write results and page; return whether all passed."""
    rows = load()
    found: dict[str, Any] = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": platform.python_version(),
        "system": platform.system(),
        "rows": results_of(_run(rows, sys.argv[1:]), rows),
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(rows, found), encoding="utf-8")
    bad = {test: how for test, how in found["rows"].items() if not how.startswith("passed")}
    for test, how in bad.items():
        sys.stderr.write(f"{how}: {test}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
