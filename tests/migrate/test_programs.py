"""Files and notebooks are read, changed in one step, and otherwise left as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer.migrate.programs import Unreadable, programs, read


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def notebook(*cells: Any) -> str:
    """Return a notebook's text as Jupyter writes it."""
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    whole = {"cells": [{"cell_type": "markdown", "source": ["import anthropic"]}, *made], "metadata": {}, "nbformat": 4}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def test_a_folder_is_walked_without_other_peoples_programs(tmp_path: Path) -> None:
    """Programs and notebooks are found by name; environments, hidden folders and packages are not entered."""
    for name in ("b.py", "a.ipynb", "sub/c.py", ".git/x.py", "node_modules/y.py", "env/z.py", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "env/pyvenv.cfg").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in programs(tmp_path)] == ["a.ipynb", "b.py", "sub/c.py"]


def test_a_file_is_replaced_with_its_mark_and_its_permissions(tmp_path: Path) -> None:
    """The bytes before and after the names stay, and so does who may run the file."""
    path = tmp_path / "program.py"
    path.write_bytes(b"\xef\xbb\xbfimport anthropic  # x\r\nprint('\xc3\xbc')")
    path.chmod(0o750)
    link = tmp_path / "link.py"
    link.symlink_to(path)
    read(link).write()
    assert path.read_bytes() == b"\xef\xbb\xbfimport keybearer.compat as anthropic  # x\r\nprint('\xc3\xbc')"
    assert path.stat().st_mode & 0o777 == 0o750
    assert link.is_symlink()
    assert names(tmp_path) == ["link.py", "program.py"]


def test_a_file_that_cannot_be_replaced_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure while it is written leaves the old file and nothing beside it."""
    path = tmp_path / "program.py"
    path.write_text("import anthropic", encoding="utf-8")
    program = read(path)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        program.write()
    assert names(tmp_path) == ["program.py"]
    assert path.read_text(encoding="utf-8") == "import anthropic"


def test_a_file_without_the_sdk_is_not_written(tmp_path: Path) -> None:
    """Nothing to change is nothing to write."""
    path = tmp_path / "program.py"
    path.write_text("import os", encoding="utf-8")
    before = path.stat().st_ino
    read(path).write()
    assert (read(path).changed, path.stat().st_ino) == (None, before)


def test_a_notebook_is_one_program_with_places_by_cell(tmp_path: Path) -> None:
    """Lines of commands and cells that cannot be read are left out; an import in one cell is known in the next."""
    path = tmp_path / "book.ipynb"
    path.write_text(
        notebook(
            ["%pip install anthropic\n", "import anthropic\n", "text = 'ü'"],
            "%%bash\nimport anthropic",
            "x = (",
            ["client = anthropic.Anthropic(\n", "    http_client=h)"],
        ),
        encoding="utf-8",
    )
    program = read(path)
    assert [(program.place(each.line), each.kind) for each in program.findings] == [
        (f"{path}:cell 1:2", "import"),
        (f"{path}:cell 4:2", "hand"),
    ]
    before = path.read_text(encoding="utf-8")
    program.write()
    assert path.read_text(encoding="utf-8") == before.replace(
        '"import anthropic\\n"', '"import keybearer.compat as anthropic\\n"'
    )


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.py", b"x = 1\ny = (", 2),
        ("a.py", b"# \xff", 1),
        ("a.py", b"print 'x'", 1),
        ("a.ipynb", b"{}", 1),
        ("a.py", b"a\0", 1),
    ],
)
def test_what_is_no_program_says_so_with_its_line(tmp_path: Path, name: str, content: bytes, line: int) -> None:
    """Old Python, another encoding and another notebook are refused in words."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=r"Python cannot read it|UTF-8|notebook") as caught:
        read(tmp_path / name)
    assert caught.value.line == line
