"""The command that gathers the fragments of `changes/` into the changelog."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("changelog", ROOT / "packaging" / "changelog.py")
assert _spec is not None
assert _spec.loader is not None
changelog = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(changelog)


def project(folder: Path, **fragments: str) -> Path:
    """Make a project with fragments, by their names with `__` for the dots."""
    (folder / "changes").mkdir()
    for name, text in fragments.items():
        (folder / "changes" / name.replace("__", ".")).write_text(text)
    (folder / "CHANGELOG.md").write_text(changelog.HEAD)
    return folder


def test_fragments_become_a_section_and_are_gone(tmp_path: Path) -> None:
    """A kind has a heading, a fragment a line; the next release stands above the last one."""
    root = project(tmp_path, b__added__md="Two\nlines.\n", a__added__md="One.", c__fixed__md="Mended.")
    assert changelog.main(["0.1.0", "--date", "2026-11-26"], root) == 0
    first = "## 0.1.0 (2026-11-26)\n\n### Added\n\n- One.\n- Two lines.\n\n### Fixed\n\n- Mended.\n"
    assert (root / "CHANGELOG.md").read_text() == f"{changelog.HEAD}\n{first}"
    assert list((root / "changes").iterdir()) == []
    (root / "changes" / "d.removed.md").write_text("Gone.")
    assert changelog.main(["0.2.0rc1", "--date", "2026-12-01"], root) == 0
    second = "## 0.2.0rc1 (2026-12-01)\n\n### Removed\n\n- Gone.\n"
    assert (root / "CHANGELOG.md").read_text() == f"{changelog.HEAD}\n{second}\n{first}"


@pytest.mark.parametrize(
    ("fragments", "version", "words"),
    [
        ({}, "0.1.0", "nothing in changes/"),
        ({"a__new__md": "x"}, "0.1.0", "changes/a.new.md should be called"),
        ({"a__added__txt": "x"}, "0.1.0", "changes/a.added.txt should be called"),
        ({"a__added__md": " \n"}, "0.1.0", "changes/a.added.md is empty"),
        ({"a__added__md": "x"}, "1.0", "is no version"),
    ],
)
def test_what_cannot_be_gathered_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fragments: dict[str, str], version: str, words: str
) -> None:
    """The mistake is named; fragments and changelog stay."""
    root = project(tmp_path, **fragments)
    assert changelog.main([version], root) == 1
    assert words in capsys.readouterr().err
    assert (root / "CHANGELOG.md").read_text() == changelog.HEAD
    assert len(list((root / "changes").iterdir())) == len(fragments)


def test_a_release_is_gathered_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second section of the same version is refused, and its fragments stay."""
    root = project(tmp_path, a__added__md="One.")
    assert changelog.main(["0.1.0"], root) == 0
    (root / "changes" / "b.added.md").write_text("Two.")
    assert changelog.main(["0.1.0"], root) == 1
    assert "already" in capsys.readouterr().err
    assert (root / "changes" / "b.added.md").exists()


def test_the_fragments_that_there_are_can_be_gathered(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is of a known kind; a draft changes nothing."""
    before = sorted(path for path in (ROOT / "changes").iterdir() if not path.name.startswith("."))
    if not before:
        pytest.skip("a release has gathered them")
    assert changelog.main(["9.9.9", "--draft"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("## 9.9.9 (")
    assert printed.count("\n- ") == len(before)
    assert all(path.exists() for path in before)
