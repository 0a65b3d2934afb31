"""The docs say what the code does."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from keybearer.config.fields import is_section
from keybearer.config.schema import ProviderConfig
from keybearer.simulator import Simulator

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/reference/*.md")])


def keys(cls: type, prefix: str = "") -> set[str]:
    """Return the key paths of a section of the schema."""
    found = set()
    for field in msgspec.structs.fields(cls):
        inner = field.type if is_section(field.type) else None
        found |= keys(inner, f"{prefix}{field.name}.") if inner else {prefix + field.name}
    return found


def test_the_page_of_the_configuration_has_every_key() -> None:
    """docs/configuration.md lists the schema's keys, all of them and no other."""
    page = (ROOT / "docs" / "configuration.md").read_text().partition("## Options of a client")[0]
    assert set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE)) == keys(ProviderConfig)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the project leads to one that is there."""
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


RUN = [
    page
    for page in PAGES
    if page.parent.name != "reference"  # tests/docs/test_reference.py runs those
    and page.name
    in {
        "README.md",
        "bulk.md",
        "caching.md",
        "cost.md",
        "ledger.md",
        "requests.md",
        "spend-limits.md",
        "streams.md",
        "guide.md",
        "conversations.md",
        "structured-answers.md",
        "tools.md",
    }
]
ELSEWHERE = {
    "why.md": "below: what it prints is compared",
    "tutorial.md": "tests/docs/test_howto.py",
    "web.md": "tests/docs/test_web.py",
    "jupyter.md": "tests/docs/test_howto.py",
    "workers.md": "tests/docs/test_howto.py",
    "keys.md": "tests/docs/test_howto.py",
    "streaming.md": "tests/docs/test_howto.py",
    "telemetry.md": "tests/docs/test_telemetry.py",
}
"""Pages whose programs another test runs, and where."""

OTHERS = [
    (page, code)
    for page in PAGES
    if page.parent.name != "reference" and page not in RUN and page.name not in ELSEWHERE
    for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
]

PARTS = {
    "agents-compared.md": "bench/agents runs the files that it shows",
    "deployment.md": "of a program of yours; the whole files are in examples/deployment",
    "jupyter.md": "tests/e2e/test_servers.py runs it in a kernel",
    "resources.md": "paths of the API that the simulator does not have",
    "simulator-bill.md": "a test in a suite of your own",
    "simulator-federation.md": "a part of a test",
    "simulator-scenarios.md": "tests/simulator/test_docs.py",
    "simulator.md": "tests/simulator/test_docs.py",
    "telemetry.md": "tests/e2e/test_otel.py with a real Prometheus",
    "testing.md": "tests/docs/test_howto.py",
    "tools.md": "an MCP server, which docs/reference/tools.md has whole",
    "web.md": "tests/e2e/test_servers.py",
    "workers.md": "tests/e2e/test_servers.py",
}
"""Pages with Python, marked as `py`, that does not run as it stands, and why or where it runs."""

CODE = [(page, code) for page in RUN for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]


@pytest.mark.parametrize(("page", "code"), CODE, ids=[page.name for page, _ in CODE])
def test_python_on_a_page_runs_against_the_simulator(
    page: Path, code: str, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page shows works as it stands."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    exec(compile(code, page.name, "exec"), {})  # noqa: S102 - our own pages
    assert sim.requests


@pytest.mark.parametrize(("page", "code"), OTHERS, ids=[page.name for page, _ in OTHERS])
def test_python_on_any_other_page_runs(
    page: Path, code: str, sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program runs as it stands, with a configuration where the page has one; it need not send anything."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "llm.yaml").write_text("providers: {anthropic: {auth: {mode: static}}}\n")
    with warnings.catch_warnings(action="ignore"):  # a page may leave its client open
        exec(compile(code, page.name, "exec"), {"__name__": "page"})  # noqa: S102 - our own pages
        gc.collect()


def test_what_does_not_run_says_where_it_does() -> None:
    """A program marked as `py` is on a page of the list, with a reason."""
    marked = {page.name for page in PAGES if page.parent.name != "reference" and "```py\n" in page.read_text()}
    assert marked == PARTS.keys()


SHOWN = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", (ROOT / "docs" / "why.md").read_text(), re.DOTALL)


@pytest.mark.parametrize(("code", "output"), SHOWN, ids=range(len(SHOWN)))
def test_a_program_that_argues_prints_what_the_page_says(code: str, output: str) -> None:
    """Each program of docs/why.md is followed by its output."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own pages
    assert run.stdout == output


def test_the_page_of_reasons_argues_with_programs() -> None:
    """No program of docs/why.md is without its output."""
    assert len(SHOWN) == (ROOT / "docs" / "why.md").read_text().count("```python") == 3


def test_the_files_that_the_architecture_names_are_there() -> None:
    """Each path in docs/architecture.md is one of the source, or of the repository; so are the files of the transports."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    source = ROOT / "src" / "keybearer"
    named = set(re.findall(r"`([\w./]+(?:\.py|/))`", page)) | set(re.findall(r"`((?:tests|src)/[\w./]+)`", page))
    places = (source, ROOT, source / "shell" / "transports", source / "simulator")
    assert len(named) > 40
    assert [name for name in sorted(named) if not any((place / name).exists() for place in places)] == []


WRITTEN_ELSEWHERE = {
    "benchmarks.md": "make bench writes it",
    "agents-compared.md": "make agents writes it",
}
"""Pages that are not held to the form of the prose, and why."""

PROSE = [page for page in PAGES if page.name not in {*WRITTEN_ELSEWHERE, "CHANGELOG.md"}]

TWO_SENTENCES = re.compile(r"(?<!e\.g)(?<!i\.e)[.!?][\"')*_`]*\s+(?=[A-Z`\"(\[*]|keybearer\b)")
"""A sentence's end with another sentence behind it on the same line."""


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines of a page, numbered from 1, that are neither code, nor of a table, nor a numbered item's mark."""
    fenced = False
    blank_before = True
    indented = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        indented = line.startswith("    ") and (indented or blank_before)
        blank_before = not line.strip()
        if not (fenced or indented or line.startswith("|")):
            yield number, re.sub(r"^\s*\d+\.\s", "", line)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_a_line_holds_one_sentence(page: Path) -> None:
    """A change of one sentence is then a change of one line."""
    wrong = [f"{page.name}:{number}: {line}" for number, line in prose(page.read_text()) if TWO_SENTENCES.search(line)]
    assert wrong == [], "two sentences on a line\n" + "\n".join(wrong)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_the_words_are_those_of_the_glossary(page: Path) -> None:
    """The simulator is called so, and nothing is `told`."""
    assert re.findall(r"(?i).*\b(?:twins?|told)\b.*", page.read_text()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One sentence. Another.", [1]),
        ("It is `a.b`. `c` is next.", [1]),
        ("- An item (in full). And more.", [1]),
        ("One sentence.\nAnother, e.g. This one.", []),
        ("1. **Bold.**\n   It follows.", []),
        ("```\nOne. Two.\n```\n\n    Code. More.\n\n| A. B. |", []),
    ],
)
def test_the_check_of_the_lines_can_fail(text: str, found: list[int]) -> None:
    """Two sentences on a line are found in prose and lists, and not in code or tables."""
    assert [number for number, line in prose(text) if TWO_SENTENCES.search(line)] == found


def test_the_page_of_installing_has_every_extra() -> None:
    """Its table has the extras of pyproject.toml, all of them and no other."""
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / "installing.md").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(re.findall(r"`([a-z-]+)`", " ".join(rows))) == project["optional-dependencies"].keys()


def test_an_extra_is_named_without_the_package() -> None:
    """Outside of a file's name, `keybearer[...]` would be typed behind `pip install`, and that is somebody else's package."""
    shown = {page.name: re.findall(r"(?<![./\w-])keybearer\[[\w,-]+\](?! @ file:)", page.read_text()) for page in PAGES}
    assert {name: found for name, found in shown.items() if found} == {}


def test_the_words_of_the_glossary_are_in_the_code() -> None:
    """Each name of docs/glossary.md is one that the source uses, so that a rename takes the page along."""
    page = (ROOT / "docs" / "glossary.md").read_text()
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "keybearer").rglob("*.py"))
    words = set(re.findall(r"\w+", source))
    named = set(re.findall(r"`([A-Za-z_]+)`", page))
    assert len(named) > 30
    assert named - words == set()
