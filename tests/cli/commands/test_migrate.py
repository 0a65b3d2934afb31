"""`keybearer migrate` reports each place, changes nothing unless asked, and its exit code says whether hands are needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keybearer.cli import main

PLAIN = "import anthropic\nprint(anthropic.Anthropic().messages)\n"
ODD = PLAIN + "anthropic.Anthropic(http_client=1)\n"


def test_a_program_that_needs_its_import_changed_is_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The place is named, the file stays, and the exit code is 0."""
    path = tmp_path / "a.py"
    path.write_text(PLAIN, encoding="utf-8")
    assert main(["migrate", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path}:1: import: import anthropic: It becomes `import keybearer.compat as anthropic`.",
        "1 file. 1 import: changes by itself, with --write.",
    ]
    assert path.read_text(encoding="utf-8") == PLAIN


def test_write_changes_the_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After --write nothing is left to report."""
    path = tmp_path / "a.py"
    path.write_text(PLAIN, encoding="utf-8")
    assert main(["migrate", "--write", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == PLAIN.replace("import anthropic", "import keybearer.compat as anthropic")
    assert "1 import: changed" in capsys.readouterr().out
    assert main(["migrate", str(path)]) == 0
    assert capsys.readouterr().out == "Nothing imports the official SDK.\n"


def test_hands_are_an_exit_code_of_one_and_json_lines_name_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has to be done by hand fails a build; each finding is a line of JSON."""
    path = tmp_path / "a.py"
    path.write_text(ODD, encoding="utf-8")
    assert main(["migrate", "--json", str(path), str(tmp_path)]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["file"], line["line"], line["kind"]) for line in lines] == [
        (str(path), 1, "import"),
        (str(path), 3, "hand"),
    ]
    assert "transport=" in lines[1]["todo"]


def test_what_cannot_be_read_is_named_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that Python cannot read does not stop the others; a path that is not there is wrong usage."""
    (tmp_path / "a.py").write_text("print 'x'", encoding="utf-8")
    (tmp_path / "b.py").write_text(PLAIN, encoding="utf-8")
    assert main(["migrate", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert "b.py:1: import" in out
    assert "a.py:1: not read: Python cannot read it" in err
    assert main(["migrate", str(tmp_path / "none")]) == 2
