"""What is in the archive that is published."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

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
