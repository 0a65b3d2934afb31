"""The program that tries a release: what it takes from the project, and what it refuses."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("release_check", ROOT / "packaging" / "release_check.py")
assert _spec is not None
assert _spec.loader is not None
release_check = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(release_check)
WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def test_the_programs_of_the_readme_are_found() -> None:
    """Each Python block is one; other blocks are not."""
    assert release_check.readme_programs("a\n```python\nx = 1\n```\n```console\n$ ls\n```\n```python\ny\n```\n") == [
        "x = 1\n",
        "y\n",
    ]
    assert release_check.readme_programs((ROOT / "README.md").read_text(encoding="utf-8"))


def test_an_extra_is_its_packages() -> None:
    """Their names, without versions and extras of their own; without an extra there are none."""
    assert release_check.requirement_names("httpx") == ["httpx2"]
    assert release_check.requirement_names("simulator") == ["jsonschema", "python-multipart", "starlette"]
    assert release_check.requirement_names("") == []
    assert set(release_check.SHORT_EXTRAS) <= set(release_check.EXTRAS)


def test_a_sample_is_of_tests_that_are_there() -> None:
    """A path that is gone would end the check."""
    assert [path for path in release_check.SAMPLE if not (ROOT / path).exists()] == []


def test_a_program_that_fails_is_reported_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it printed is in the error; it sees no key of the user's."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    seen = "import os, sys; print(os.environ.get('ANTHROPIC_API_KEY'), 'HERE'); sys.exit(int(sys.argv[1]))"
    assert release_check.run([sys.executable, "-c", seen, "0"], tmp_path) == "None HERE\n"
    with pytest.raises(release_check.CheckError, match=r"ended with 3:\nNone HERE"):
        release_check.run([sys.executable, "-c", seen, "3"], tmp_path)


def test_the_runtime_lock_has_every_requirement() -> None:
    """The environments and the bill of materials are made of it."""
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE))
    needed = {name.lower() for extra in release_check.EXTRAS for name in release_check.requirement_names(extra)}
    needed |= {re.split(r"[>\[]", line)[0].lower() for line in release_check.PROJECT["dependencies"]}
    assert needed - locked == set(), "run make lock"


def test_the_workflow_trusts_commits_and_keeps_no_token() -> None:
    """Each action is pinned by its commit, with its version beside; permissions are given a job each; no secret is read."""
    uses = re.findall(r"uses: (\S+)@(\S+)(.*)$", WORKFLOW, re.MULTILINE)
    assert uses
    assert all(
        re.fullmatch(r"[0-9a-f]{40}", commit) and re.fullmatch(r" # v\d+\.\d+\.\d+", version)
        for _, commit, version in uses
    )
    assert "secrets." not in WORKFLOW
    jobs = yaml.safe_load(WORKFLOW)
    assert jobs["permissions"] == {}
    assert {name: sorted(job["permissions"]) for name, job in jobs["jobs"].items()} == {
        "build": ["contents"],
        "attest": ["attestations", "id-token"],
        "publish": ["id-token"],
    }
