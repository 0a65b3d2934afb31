"""`pytest --claude-cost`: the baseline, what is dearer, and a run that fails for it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from keybearer.simulator.control.bill_book import BillBook
from keybearer.testing.costs import (
    BilledTest,
    CostPlugin,
    compare,
    cost_in,
    properties,
    read_baseline,
    read_tolerance,
    write_baseline,
)

ONE, TWO = BilledTest(Decimal("0.01"), 1), BilledTest(Decimal("0.02"), 2)
PERCENT = Decimal("0.01")


def test_a_bill_is_in_the_properties_of_its_test() -> None:
    """The dollars, the calls and whether a part is unknown go through the properties, as text; without calls there are none."""
    book, usage = BillBook(), {"input_tokens": 10_000, "output_tokens": 0}
    assert properties(book.total()) == []
    book.add(usage, "claude-haiku-4-5", 1.79e9, None)
    assert properties(book.total()) == [("claude_usd", "0.01"), ("claude_calls", "1")]
    book.add(usage, "gpt-9", 1.79e9, None)
    assert cost_in([("other", 3), *properties(book.total())]) == BilledTest(Decimal("0.01"), 2, unknown=True)
    assert cost_in([("other", 3)]) is None


@pytest.mark.parametrize(
    ("now", "dearer"),
    [
        ({"a": ONE, "b": TWO}, []),
        ({"a": BilledTest(Decimal("0.0101"), 1)}, []),  # just the tolerance
        ({"a": BilledTest(Decimal("0.0102"), 1)}, ["a: $0.0102 for 1 call, $0.01 for 1 call before (+2.0%)"]),
        ({"a": ONE._replace(unknown=True)}, ["a: at least $0.01 for 1 call, $0.01 for 1 call before"]),
        ({"new": BilledTest(Decimal(9), 9)}, []),
        ({"a": BilledTest(Decimal("0.001"), 9)}, []),
    ],
)
def test_what_is_dearer(now: dict[str, BilledTest], dearer: list[str]) -> None:
    """A test is dearer beyond the tolerance, or when its cost is not known any more; a new one is not, nor is a cheaper one."""
    assert [*compare({"a": ONE, "b": TWO}, now, PERCENT)] == dearer


@pytest.mark.parametrize(("text", "share"), [("5%", "0.05"), ("0.05", "0.05"), ("0", "0"), ("0.5%", "0.005")])
def test_a_tolerance_is_a_share(text: str, share: str) -> None:
    """In percent or as a number."""
    assert read_tolerance(text) == Decimal(share)


@pytest.mark.parametrize("text", ["", "much", "-1%", "nan", "inf"])
def test_another_tolerance_is_refused(text: str) -> None:
    """With the flag's name and what it takes."""
    with pytest.raises(ValueError, match="--claude-cost-tolerance takes a share"):
        read_tolerance(text)


def test_a_baseline_is_read_as_it_was_written() -> None:
    """Exact dollars and what is unknown survive; another file is refused with what is wrong."""
    tests = {"b::two": TWO._replace(unknown=True), "a::one": BilledTest(Decimal("1E-7"), 1)}
    assert read_baseline(write_baseline("2026-11-26", tests)) == ("2026-11-26", tests)
    assert read_baseline(write_baseline("2026-11-26", {})) == ("2026-11-26", {})
    for wrong in ("", "[]", "{}", '{"version": 1, "tests": {"a": {"usd": "x", "calls": 1}}}'):
        with pytest.raises(ValueError, match="it is no baseline"):
            read_baseline(wrong)
    with pytest.raises(ValueError, match="of version 9"):
        read_baseline('{"version": 9, "tests": {}}')


def run(
    folder: Path, costs: dict[str, str], *, failed: str = "", **options: Any
) -> tuple[int, list[str], dict[str, Any]]:
    """Run the plugin over tests that cost this much; return the exit status, what it says and the baseline's tests."""
    given = {"claude_cost_file": "base.json", "claude_cost_tolerance": "1%", "claude_cost_update": False, **options}
    config: Any = SimpleNamespace(
        rootpath=folder, getoption=lambda flag: given[flag.removeprefix("--").replace("-", "_")]
    )
    session: Any = SimpleNamespace(exitstatus=0)
    plugin = CostPlugin(config)
    for name, usd in costs.items():
        listed = [("claude_usd", usd), ("claude_calls", "1")]
        report: Any = SimpleNamespace(nodeid=name, when="teardown", failed=name == failed, user_properties=listed)
        plugin.pytest_runtest_logreport(report)
    plugin.pytest_sessionfinish(session)
    lines: list[str] = []
    terminal = SimpleNamespace(section=lines.append, write_line=lambda line, **_: lines.append(line))
    plugin.pytest_terminal_summary(terminal)
    path = folder / "base.json"
    return int(session.exitstatus), lines, json.loads(path.read_text())["tests"] if path.exists() else {}


def test_a_run_that_became_dearer_fails(tmp_path: Path) -> None:
    """The first run writes, an equal one passes, a dearer one fails and says which, and an update takes it as the baseline."""
    status, lines, base = run(tmp_path, {"a": "0.01", "b": "0.03"})
    assert (status, [*base]) == (0, ["a", "b"])
    assert lines[1:] == [
        "$0.03 for 1 call  b",
        "$0.01 for 1 call  a",
        "$0.04 for 2 calls in all",
        "wrote the baseline base.json: commit it",
    ]
    assert run(tmp_path, {"a": "0.01", "b": "0.03"})[0] == 0
    status, lines, base = run(tmp_path, {"a": "0.02"})
    assert (status, base["a"]["usd"]) == (1, "0.01")
    assert "DEARER a: $0.02 for 1 call, $0.01 for 1 call before (+100.0%)" in lines
    status, lines, base = run(tmp_path, {"a": "0.02"}, claude_cost_tolerance="2")
    assert status == 0
    status, _, base = run(tmp_path, {"a": "0.02"}, claude_cost_update=True)
    assert (status, base["a"]["usd"], base["b"]["usd"]) == (0, "0.02", "0.03")


def test_a_test_that_failed_is_not_compared(tmp_path: Path) -> None:
    """It may have stopped early, or asked again and again; it is not in the baseline either."""
    assert run(tmp_path, {"a": "0.01"}, failed="a")[2] == {}
    run(tmp_path, {"a": "0.01"})
    assert run(tmp_path, {"a": "9"}, failed="a")[0] == 0


def test_a_wrong_option_is_said_before_the_tests_run(tmp_path: Path) -> None:
    """As a usage error, with the flag or the file."""
    with pytest.raises(pytest.UsageError, match="tolerance takes a share"):
        run(tmp_path, {}, claude_cost_tolerance="much")
    (tmp_path / "base.json").write_text("[]")
    with pytest.raises(pytest.UsageError, match=r"base\.json: it is no baseline"):
        run(tmp_path, {})
