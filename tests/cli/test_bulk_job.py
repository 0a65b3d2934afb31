"""`keybearer batch run` as a job: its flags, what it says, and its exit codes."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from keybearer.bulk.progress import BulkProgress
from keybearer.cli.bulk_bar import ProgressLine, words_of
from keybearer.simulator import Simulator
from support.command import keybearer


@pytest.fixture
def environ(sim: Simulator) -> dict[str, str]:
    """The simulator, as a command finds it."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


def rows_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return the results by the names of their rows."""
    return {row["id"]: row for row in map(json.loads, path.read_text().splitlines())}


def test_a_job_of_a_csv(environ: dict[str, str], tmp_path: Path, sim: Simulator) -> None:
    """Each row is asked; run again it sends what is new, and a row that fails is exit code 1."""
    (tmp_path / "in.csv").write_text("id,text\na,Hello\nb,World\n")
    words = ("batch", "run", "in.csv", "-o", "out.jsonl", "-p", "Say {text}", "-s", "Be brief.", "--concurrency", "2")
    done = keybearer(*words, environ=environ, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    found = rows_of(tmp_path / "out.jsonl")
    assert {name: row["text"] for name, row in found.items()} == {
        "a": "You said: “Say Hello”",
        "b": "You said: “Say World”",
    }
    assert found["a"]["message"]["model"].startswith("claude-haiku-4-5")
    assert Decimal(found["a"]["cost_usd"]) > 0
    assert "2 succeeded; $0.0" in done.stderr
    assert json.loads(done.stderr.splitlines()[-2])["done"] == 2
    assert json.loads(sim.requests[-1].body)["system"] == "Be brief."
    sent = len(sim.requests)
    (tmp_path / "in.csv").write_text("id,text\nb,World\nc,\na,Hello\n")
    sim.fail("invalid_request_error")
    again = keybearer(*words, environ=environ, cwd=tmp_path)
    assert (again.returncode, len(sim.requests)) == (1, sent + 1), again.stderr
    assert "2 succeeded, 1 failed; 2 of 3 rows were done before; $0.00 in this run, $0.0" in again.stderr


def test_a_template_file_and_requests_on_standard_input(
    environ: dict[str, str], tmp_path: Path, sim: Simulator
) -> None:
    """YAML with the parameters, whose prompt is the turn; and rows that are requests, in their order."""
    (tmp_path / "t.yaml").write_text("model: claude-haiku-4-5\nmax_tokens: 20\nprompt: 'Say {a}'\n")
    text = '{"id": "x", "a": "one"}\n{"id": "y", "a": "two"}\n'
    words = ("batch", "run", "-", "-o", "o", "--template", "t.yaml", "--progress", "none")
    done = keybearer(*words, text=text, environ=environ, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "keybearer batch: 2 succeeded; $0.00007\n")
    assert json.loads(sim.requests[-1].body)["max_tokens"] == 20
    turns = [{"role": "user", "content": "hi"}]
    rows = [{"custom_id": name, "params": {"messages": turns, "max_tokens": 9}} for name in "ba"]
    words = ("batch", "run", "-", "-o", "o2", "--engine", "local", "--ordered", "-q")
    done = keybearer(*words, text="\n".join(map(json.dumps, rows)), environ=environ, cwd=tmp_path)
    assert (done.returncode, done.stderr, list(rows_of(tmp_path / "o2"))) == (0, "", ["b", "a"])


def test_a_dry_run(environ: dict[str, str], tmp_path: Path, sim: Simulator) -> None:
    """The service counts each row; no model is asked, and nothing is written."""
    (tmp_path / "in.csv").write_text("id,text\na,Hello\nb,World\n")
    done = keybearer("batch", "run", "in.csv", "-p", "{text}", "--dry-run", environ=environ, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 rows: ")
    assert "; about 1 s to " in done.stdout
    assert "at most 8,192 out; from $0.0000" in done.stdout
    assert {request.path for request in sim.requests} == {"/v1/messages/count_tokens"}
    assert [each.name for each in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("in.csv", "-p", "{text}"), 2, "needs -o FILE"),
        (("in.csv", "-o", "o", "-p", "{zork}"), 2, "There is no column 'zork'; there are: id, text."),
        (("in.csv", "-o", "o", "-p", "{text}", "--no-wait"), 2, "--no-wait"),
        (("in.csv", "-o", "o", "-p", "{text}", "--sample", "3"), 2, "--sample is of --dry-run"),
        (("in.csv", "-o", "o", "-p", "{text}", "--deadline", "3"), 2, "A deadline is for the engine batches"),
        (("in.csv", "-o", "o.parquet", "-p", "{text}"), 2, "keybearer[parquet]"),
        (("-", "-o", "o", "-s", "Be brief.", "--no-wait"), 2, "--no-wait"),
        (("in.csv", "-o", "o", "-p", "{text}", "--template", "t"), 2, "not allowed with"),
        (("in.csv", "-o", "o", "--template", "t"), 2, "t: it cannot be read"),
        (
            ("in.csv", "-o", "o", "-p", "{text}", "--max-budget-usd", "0.0001"),
            13,
            "The budget of $0.0001 has no room for the next request",
        ),
        (("in.csv", "-o", "o", "-p", "{text}", "--give-up-after", "-1"), 2, "whole number"),
    ],
)
def test_jobs_that_cannot_be_run(
    environ: dict[str, str], tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    """They are refused in words, before a row is sent."""
    (tmp_path / "in.csv").write_text("id,text\na,Hello\n")
    done = keybearer("batch", "run", *words, environ=environ, cwd=tmp_path)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr


def progress(done: int) -> BulkProgress:
    """Return how far a job is."""
    return BulkProgress(
        rows=1_000_000,
        done=done,
        passed=0,
        failed=3,
        rate=1950.4,
        usd=Decimal("1.2351"),
        run_usd=Decimal("1.2351"),
        expected_usd=Decimal("99.8"),
        seconds_left=7_500.0,
        cache_hits=0.61,
        seconds=6.0,
    )


def test_the_line_of_a_terminal() -> None:
    """Rate, failures, cost so far and expected, cache hits, time left."""
    due = "12,400 of 1,000,000 (1%)  1,950/s  3 failed  $1.24 of about $99.80  cache 61%  2 h 5 min left"
    assert words_of(progress(12_400)) == due
    stream = io.StringIO()
    line = ProgressLine("bar", stream=stream)
    line.show(progress(12_400))
    line.end()
    assert stream.getvalue() == f"\r\x1b[K{due}\n"


def test_a_run_that_goes_on() -> None:
    """What it paid stands beside what the job did, a number of rows that is a guess is said to be one, and no rate where none came."""
    seen = structs.replace(progress(12_400), run_usd=Decimal("0.2"), rows_estimated=True, failed=0, cache_hits=0.0)
    due = "12,400 of about 1,000,000 (1%)  1,950/s  $0.20 in this run, $1.24 of about $99.80 in all  2 h 5 min left"
    assert words_of(seen) == due
    over = structs.replace(
        seen,
        rows=12_400,
        rows_estimated=False,
        passed=12_400,
        run_usd=Decimal(0),
        expected_usd=seen.usd,
        seconds_left=None,
    )
    assert words_of(over) == "12,400 of 12,400 (100%)  $0.00 in this run, $1.24 in all"


def test_json_lines_without_a_terminal() -> None:
    """One every few seconds, and one for the last row."""
    stream = io.StringIO()
    line = ProgressLine(None, stream=stream)
    for done in (1, 2, 1_000_000):
        line.show(progress(done))
    line.end()
    found = [json.loads(each) for each in stream.getvalue().splitlines()]
    assert [each["done"] for each in found] == [1, 1_000_000]
    assert (found[0]["usd"], found[0]["rate"], found[0]["rows_estimated"]) == ("1.235100", 1950.4, False)
