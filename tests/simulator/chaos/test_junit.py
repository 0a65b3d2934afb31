"""The report as JUnit XML: its counts, what XML cannot hold, and files that are kept. Readers of others read it in tests/e2e."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keybearer.simulator.chaos.junit import check_report_file, junit_xml
from keybearer.simulator.chaos.report import RunReport
from keybearer.simulator.chaos.tally import FaultOutcome
from keybearer.simulator.control.client_findings import Finding

REPORT = RunReport(
    profile="mine",
    seeds=(1, 2),
    tolerate=0,
    requests=9,
    outcomes=[
        FaultOutcome("a <b>", struck=2, recovered=2, extra=2),
        FaultOutcome("c", struck=1, given_up=1),
        FaultOutcome("d"),
    ],
    findings=[Finding("storm", "sent \x00 too often", ["req_1", "req_2"])],
    began=1_800_000_000,
    seconds=1.5,
)


def test_each_fault_and_each_finding_is_a_case() -> None:
    """A fault that made the client give up fails, one that struck nothing is skipped, a finding fails."""
    xml = junit_xml([("run", REPORT)]).decode()
    head = re.search(r"<testsuite (.*)>", xml)
    assert head is not None
    assert 'tests="4" failures="2" errors="0" skipped="1"' in head[1]
    assert 'timestamp="2027-01-15T08:00:00" time="1.500"' in head[1]
    assert re.findall(r'<testcase classname="keybearer.simulator.(.*?)" name="(.*?)" time="0"( />)?', xml) == [
        ("chaos.mine", "a &lt;b&gt;", " />"),
        ("chaos.mine", "c", ""),
        ("chaos.mine", "d", ""),
        ("findings", "storm 1", ""),
    ]
    assert '<property name="a &lt;b&gt;: extra" value="2" />' in xml
    assert 'message="sent \ufffd too often (req_1, req_2)" type="findings"' in xml


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    """A report is written over; anything else is kept, and said before the run."""
    path = tmp_path / "report.xml"
    check_report_file(path)
    path.write_bytes(junit_xml([("run", REPORT)]))
    check_report_file(path)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="is no report and is kept"):
        check_report_file(path)
    with pytest.raises(ValueError, match="it is a folder"):
        check_report_file(tmp_path)
    with pytest.raises(ValueError, match="there is no folder"):
        check_report_file(tmp_path / "none" / "report.xml")
