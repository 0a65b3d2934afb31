"""The report of a run as JUnit XML, in the part of the format that Ant's schema and Jenkins' share.

Each fault of the profile is a test case, which fails if the client gave up, and is skipped if no request met it. Each finding is
a failed test case; without one there is a case that passes. The counts are the suite's properties, for that schema gives a case
none. What XML cannot hold is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from keybearer.simulator.chaos.report import RunReport
from keybearer.simulator.core.patterns import lazy

__all__ = ["check_report_file", "junit_xml"]

SUITE: Final = "keybearer.simulator"
NO_XML: Final = lazy("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEAD: Final = b"<?xml version='1.0' encoding='utf-8'?>\n"
COUNTS: Final = ("struck", "recovered", "answered", "final", "given_up", "extra", "missed")

Case = tuple[str, str, str | None, str]
"""Class, name, the element that says how it ended (None for passed), and words."""


def _cases(report: RunReport) -> Iterator[Case]:
    for outcome in report.outcomes:
        end = "failure" if report.is_bad(outcome) else None if outcome.struck else "skipped"
        yield f"chaos.{report.profile}", outcome.name, end, report.words(outcome)
    for number, finding in enumerate(report.findings, 1):
        words = f"{finding.message} ({', '.join(finding.request_ids)})"
        yield "findings", f"{finding.kind} {number}", "failure", words
    if not report.findings:
        yield "findings", "nothing wrong about the client", None, ""


def _text(words: str) -> str:
    return NO_XML.sub("\ufffd", words)


def _suite(report: RunReport, name: str, number: int) -> ET.Element:
    cases = list(_cases(report))
    ends = [end for _, _, end, _ in cases]
    suite = ET.Element(
        "testsuite",
        name=_text(name),
        package=SUITE,
        id=str(number),
        hostname="localhost",
        timestamp=datetime.fromtimestamp(report.began, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        time=f"{max(report.seconds, 0):.3f}",
        tests=str(len(cases)),
        failures=str(ends.count("failure")),
        errors="0",
    )
    if skipped := ends.count("skipped"):
        suite.set("skipped", str(skipped))  # the attribute is not in Ant's older schema
    properties = ET.SubElement(suite, "properties")
    facts = {"requests": report.requests, "seed": report.seeds[0], "simulator seed": report.seeds[1]}
    facts |= {f"{outcome.name}: {count}": getattr(outcome, count) for outcome in report.outcomes for count in COUNTS}
    for fact, value in facts.items():
        ET.SubElement(properties, "property", name=_text(fact), value=str(value))
    for group, case, end, words in cases:
        element = ET.SubElement(suite, "testcase", classname=_text(f"{SUITE}.{group}"), name=_text(case), time="0")
        if end is not None:
            ended = ET.SubElement(element, end)
            ended.text = _text(words)
            if end == "failure":  # Jenkins' schema gives `skipped` no attributes
                ended.set("message", _text(words))
                ended.set("type", group)
    ET.SubElement(suite, "system-out").text = _text("\n".join(report.lines()))
    ET.SubElement(suite, "system-err").text = ""
    return suite


def junit_xml(reports: Sequence[tuple[str, RunReport]]) -> bytes:
    """Write reports as one JUnit file.

    Args:
        reports: Names and reports; each is a suite.

    Returns:
        The XML.
    """
    root = ET.Element("testsuites")
    root.extend(_suite(report, name, number) for number, (name, report) in enumerate(reports))
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode").encode() + b"\n"


def check_report_file(path: Path) -> None:
    """Refuse a report file that cannot be written, or would overwrite what is no report.

    Raises:
        ValueError: It is a folder, its folder does not exist, or it holds something else.
    """
    if path.is_dir():
        raise ValueError(f"--report {path}: it is a folder")
    if not path.parent.is_dir():
        raise ValueError(f"--report {path}: there is no folder {path.parent}")
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            begin = file.read(len(HEAD) + len(b"<testsuites"))
        if begin != HEAD + b"<testsuites":
            raise ValueError(f"--report {path}: there is another file by that name, which is no report and is kept")
