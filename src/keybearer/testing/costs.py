"""`pytest --claude-cost`: what each test's requests would have cost, by the simulator's bill, held to a baseline.

Strategy: the `claude_sim` fixture writes its simulator's bill into the test's properties, so that it is in JUnit XML as well and comes
from the workers of pytest-xdist by itself. The first run writes the baseline, a JSON file to commit; each later run compares. A test
that became dearer than the tolerance fails the run.

Limits: only tests that pass are compared, for one that fails may have stopped early. A bill with an unknown part is compared by what
is known, and one that was known and is not any more counts as dearer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from keybearer.simulator.control.bill_book import BilledCalls

__all__ = [
    "COST",
    "BilledTest",
    "CostPlugin",
    "add_options",
    "compare",
    "properties",
    "read_baseline",
    "read_tolerance",
]

COST, FILE, TOLERANCE, UPDATE = "--claude-cost", "--claude-cost-file", "--claude-cost-tolerance", "--claude-cost-update"
DEFAULT_FILE: Final = "claude-cost.json"
DEFAULT_TOLERANCE: Final = "1%"
PREFIX: Final = "claude_"
VERSION: Final = 1
SHOWN: Final = 10
"""How many of the dearest tests the summary names."""


class BilledTest(NamedTuple):
    """What a test's requests cost.

    Attributes:
        usd: The dollars that are known.
        calls: How many calls were billed.
        unknown: Whether a part of the cost has no known price.
    """

    usd: Decimal
    calls: int
    unknown: bool = False

    def __str__(self) -> str:
        return (
            f"{'at least ' if self.unknown else ''}${self.usd:f} for {self.calls} call{'' if self.calls == 1 else 's'}"
        )


def add_options(group: pytest.OptionGroup) -> None:
    """Add the flags."""
    group.addoption(
        COST, action="store_true", help="compare what each test costs with a baseline; write one if there is none"
    )
    group.addoption(
        FILE,
        metavar="FILE",
        default=DEFAULT_FILE,
        help=f"the baseline; {DEFAULT_FILE} beside pytest's configuration by default",
    )
    group.addoption(
        TOLERANCE, metavar="SHARE", default=DEFAULT_TOLERANCE,
        help=f"how much dearer a test may become, such as 5%% or 0.05; {DEFAULT_TOLERANCE}% by default",
    )  # fmt: skip
    group.addoption(
        UPDATE,
        action="store_true",
        help="take what the tests of this run cost as the baseline; other tests keep theirs",
    )


def properties(billed: BilledCalls) -> list[tuple[str, object]]:
    """Return a test's properties for what its simulator billed; none where that is nothing."""
    if not billed.calls:
        return []
    found = [(f"{PREFIX}usd", f"{billed.known:f}"), (f"{PREFIX}calls", str(billed.calls))]
    return [*found, (f"{PREFIX}unknown", "; ".join(billed.bill.unknown))] if billed.bill.unknown else [*found]


def cost_in(listed: list[tuple[str, object]]) -> BilledTest | None:
    """Return the cost in a test's properties; None for a test without billed calls."""
    found = {name.removeprefix(PREFIX): value for name, value in listed if name.startswith(PREFIX)}
    if "usd" not in found:
        return None
    return BilledTest(Decimal(str(found["usd"])), int(str(found["calls"])), "unknown" in found)


def read_tolerance(text: str) -> Decimal:
    """Read a share such as `5%` or `0.05`.

    Raises:
        ValueError: It is none.
    """
    try:
        share = Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation:
        share = Decimal(-1)
    if not share.is_finite() or share < 0:
        raise ValueError(f"{TOLERANCE} takes a share such as 5% or 0.05, not {text!r:.60}")
    return share


def read_baseline(text: str) -> tuple[str, dict[str, BilledTest]]:
    """Read a baseline: the day on which its prices were read, and the cost of each test.

    Raises:
        ValueError: It is none, or one of another version.
    """
    try:
        said = json.loads(text)
        version, tests = said["version"], said["tests"]
        found = {
            name: BilledTest(Decimal(row["usd"]), int(row["calls"]), row.get("unknown", False))
            for name, row in tests.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
        raise ValueError(f"it is no baseline of {COST}: {type(error).__name__}: {error}") from error
    if version != VERSION:
        raise ValueError(f"it is a baseline of version {version}, and this keybearer reads version {VERSION}")
    return str(said.get("prices_read")), found


def write_baseline(prices_read: str, tests: Mapping[str, BilledTest]) -> str:
    """Return the text of a baseline, a test to a line, so that a change is one line of a diff."""
    rows = [
        f"  {json.dumps(name)}: "
        + json.dumps({"usd": f"{each.usd:f}", "calls": each.calls, **({"unknown": True} if each.unknown else {})})
        for name, each in sorted(tests.items())
    ]
    return (
        f'{{\n "version": {VERSION},\n "prices_read": {json.dumps(prices_read)},\n "tests": {{\n'
        + ",\n".join(rows)
        + "\n }\n}\n"
    )


def compare(before: Mapping[str, BilledTest], now: Mapping[str, BilledTest], tolerance: Decimal) -> Iterator[str]:
    """Give each test that became dearer, in words; and all of them together, if only their sum did."""
    both = [name for name in now if name in before]
    dearer = [name for name in both if _is_dearer(before[name], now[name], tolerance)]
    for name in dearer:
        yield f"{name}: {now[name]}, {before[name]} before{_share(before[name].usd, now[name].usd)}"
    sums = [_summed(each[name] for name in both) for each in (before, now)]
    if not dearer and _is_dearer(sums[0], sums[1], tolerance):
        yield f"all together: {sums[1]}, {sums[0]} before{_share(sums[0].usd, sums[1].usd)}"


def _is_dearer(before: BilledTest, now: BilledTest, tolerance: Decimal) -> bool:
    return now.usd > before.usd * (1 + tolerance) or (now.unknown and not before.unknown)


def _summed(costs: Iterator[BilledTest]) -> BilledTest:
    total = BilledTest(Decimal(0), 0)
    for each in costs:
        total = BilledTest(total.usd + each.usd, total.calls + each.calls, total.unknown or each.unknown)
    return total


def _share(before: Decimal, now: Decimal) -> str:
    return f" (+{float((now - before) / before):.1%})" if before and now > before else ""


class CostPlugin:
    """Gathers the costs of one run, compares them at its end, and says what came of it.

    Args:
        config: pytest's configuration.

    Raises:
        pytest.UsageError: The tolerance is no share, or the file no baseline.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.path = config.rootpath / Path(config.getoption(FILE))
        self.tests: dict[str, BilledTest] = {}
        self.failed: set[str] = set()
        self.said: list[str] = []
        self.dearer: list[str] = []
        self.updates = bool(config.getoption(UPDATE))
        self.before: dict[str, BilledTest] | None = None
        self.prices_before = ""
        try:
            self.tolerance = read_tolerance(config.getoption(TOLERANCE))
            if self.path.exists():
                self.prices_before, self.before = read_baseline(self.path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise pytest.UsageError(f"{self.path.name}: {error}" if self.path.exists() else str(error)) from error

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a test's cost from its properties, and whether it passed."""
        if report.failed:
            self.failed.add(report.nodeid)
        if report.when == "teardown" and (found := cost_in(report.user_properties)) is not None:
            self.tests[report.nodeid] = found

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the baseline, or compare with it."""
        from keybearer.simulator.service.rate_card import rate_card

        passed = {name: each for name, each in self.tests.items() if name not in self.failed}
        prices = rate_card().read
        if self.before is not None:
            self.dearer = [] if self.updates else [*compare(self.before, passed, self.tolerance)]
            if self.prices_before != prices:
                self.said.append(
                    f"the baseline's prices were read on {self.prices_before}, these on {prices}: dollars may differ for that"
                )
        if self.before is None or self.updates:
            self._write(prices, passed)
        elif new := sorted(passed.keys() - self.before.keys()):
            self.said.append(f"not in the baseline: {', '.join(new)}; {UPDATE} adds what is new")
        if self.dearer:
            session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)

    def _write(self, prices: str, passed: Mapping[str, BilledTest]) -> None:
        if not passed:
            self.said.append(
                f"{self.path.name} is not written: no test that passed had a billed call through claude_sim"
            )
            return
        try:
            self.path.write_text(write_baseline(prices, {**(self.before or {}), **passed}), encoding="utf-8")
        except OSError as error:
            raise pytest.UsageError(f"{self.path}: the baseline cannot be written: {error.strerror}") from error
        self.said.append(f"wrote the baseline {self.path.name}: commit it")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what the tests cost, and which became dearer."""
        terminalreporter.section("cost by the simulator's bill")
        dearest = sorted(self.tests.items(), key=lambda each: -each[1].usd)
        for name, each in dearest[:SHOWN]:
            terminalreporter.write_line(f"{each}  {name}")
        if len(dearest) > SHOWN:
            terminalreporter.write_line(f"... and {len(dearest) - SHOWN} tests more")
        terminalreporter.write_line(f"{_summed(iter(self.tests.values()))} in all")
        for line in self.said:
            terminalreporter.write_line(line)
        for line in self.dearer:
            terminalreporter.write_line(f"DEARER {line}", red=True)
        if self.dearer:
            share = f"{float(self.tolerance):.3g}"
            terminalreporter.write_line(
                f"If that is meant, {UPDATE} takes it as the baseline (tolerance: {share}).", red=True
            )
