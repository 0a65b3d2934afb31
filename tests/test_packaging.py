"""What is in the archive that is published."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_the_archive_of_the_sources_has_what_its_tests_need(tmp_path: Path) -> None:
    """`make test` and `make check` run in the unpacked archive: the recipes, the locks, the tests and the pages are in it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603 - our own build
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.iterdir()
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    files = {
        "Makefile",
        "pyproject.toml",
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "LICENSE",
        "examples/demo.py",
    }
    locks = {"requirements/demo.txt", "requirements/dev.txt", "bench/requirements.txt"}
    assert files | locks | {"fuzz/streams.py", "tests/conftest.py", "tests/test_packaging.py"} <= names
    pages = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert pages <= names
    assert not [name for name in names if "node_modules" in name or name.startswith((".venv", "bench/.venv"))]


PROMISE = re.compile(r"(?:pip|pipx|uv)\s+(?:tool\s+)?(?:install|add|run)[^`\n]*?[ \t]['\"]?keybearer(?![\w/.-])")
"""The name on a package index is not this project's: an install by name would bring somebody else's package."""


def test_no_text_promises_the_name_on_an_index() -> None:
    """Pages, messages and recipes install from a checkout or a wheel."""
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S607
    names = listed.stdout.split() or [str(path.relative_to(ROOT)) for path in ROOT.glob("*.md")]
    files = [ROOT / name for name in names if Path(name).suffix in {".md", ".py", ".pyi", ".yml", ".yaml", ".toml"}]
    found = {
        str(file.relative_to(ROOT)): match[0]
        for file in files
        if file.name != Path(__file__).name and file.exists()
        for match in [PROMISE.search(file.read_text(encoding="utf-8"))]
        if match
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "promises"),
    [
        ("pip install keybearer", True),
        ("$ pip install 'keybearer[httpx]'", True),
        ("uv tool install keybearer", True),
        ("python -m pip install --upgrade keybearer", True),
        ("pip install .", False),
        ("pip install '.[httpx]'", False),
        ("pip install dist/keybearer-1.0-py3-none-any.whl", False),
        ("pip install keybearer-1.0-py3-none-any.whl", False),
    ],
)
def test_what_such_a_promise_is(text: str, promises: bool) -> None:
    """An install by name, of any tool; a path is none."""
    assert (PROMISE.search(text) is not None) is promises
