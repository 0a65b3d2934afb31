"""The page of reliability: its rows are of faults and tests that there are, and it is what was last found."""

from __future__ import annotations

import json

from support.reliability import PAGE, RESULTS, Row, defines, load, page, results_of

ROWS = load()


def test_the_page_is_up_to_date() -> None:
    """It is made of the table and the last results; `make reliability` writes both anew."""
    assert PAGE.read_text(encoding="utf-8") == page(ROWS, json.loads(RESULTS.read_text(encoding="utf-8")))


def test_each_row_is_a_fault_of_its_own() -> None:
    """There are at least 120, and no fault, and no test of one, stands twice."""
    assert len(ROWS) >= 120
    assert len({row.test for row in ROWS}) == len(ROWS)
    assert len({(row.area, row.fault) for row in ROWS}) == len(ROWS)


def test_each_row_names_a_test_that_passed() -> None:
    """The function is there, and the last run of its cases passed."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    assert [row.test for row in ROWS if not defines(row.test)] == []
    assert {row.test: results.get(row.test) for row in ROWS if not results.get(row.test, "").startswith("passed")} == {}


def test_a_row_has_the_worst_result_of_its_cases() -> None:
    """One failure is the row's; a pattern takes the cases that it fits; what has no case was not run."""
    rows = [Row("", "", "", test) for test in ("a.py::t", "a.py::t[*b-1]", "a.py::other", "a.py::t[zork]")]
    cases = {"a.py::t[x-b-1]": "passed", "a.py::t[x-c-2]": "failed", "a.py::other": "skipped"}
    assert results_of(cases, rows) == {
        "a.py::t": "failed, 2 cases",
        "a.py::t[*b-1]": "passed",
        "a.py::other": "skipped",
        "a.py::t[zork]": "not run",
    }


def test_a_test_that_is_gone_is_noticed() -> None:
    """By its file and by its function."""
    assert not defines("docs/test_reliability.py::test_zork")
    assert not defines("docs/test_zork.py::test_the_page_is_up_to_date")
    assert defines("docs/test_reliability.py::test_the_page_is_up_to_date[some case]")
