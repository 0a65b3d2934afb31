"""The programs of a folder: files of Python and notebooks, read, changed and written back.

A notebook's cells are read as one program, without its lines that are no Python (`%pip install`). A file is replaced whole or not at
all, and keeps its permissions; its encoding mark and its line ends stay.
"""

from __future__ import annotations

import ast
import codecs
import json
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from keybearer.migrate.differences import differences
from keybearer.migrate.imports import change, edits
from keybearer.migrate.table import Difference

__all__ = ["Program", "Unreadable", "programs", "read"]

SKIPPED: Final = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})
"""Folders whose programs are not the user's; those with a dot and virtual environments are skipped too."""

ENDINGS: Final = frozenset({".py", ".pyi", ".ipynb"})

LARGEST: Final = 20_000_000
"""Bytes of a file that is read."""


class Unreadable(Exception):  # noqa: N818  # it says what the file is
    """A file that is no program that Python can read.

    Args:
        why: The reason.
        line: Its line, from 1.
    """

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


class Program(NamedTuple):
    """A program that was read.

    Attributes:
        path: Its file.
        findings: What will differ.
        changed: The file's bytes with its imports changed; None when none is.
        cells: For a notebook the number of each line's cell and its line there, from 1; empty for a file of Python.
    """

    path: Path
    findings: list[Difference]
    changed: bytes | None
    cells: list[tuple[int, int]]

    def place(self, line: int) -> str:
        """Return where a line is, as `file:line` or `file:cell 3:line`."""
        if not self.cells:
            return f"{self.path}:{line}"
        cell, within = self.cells[line - 1]
        return f"{self.path}:cell {cell}:{within}"

    def write(self) -> None:
        """Write the file with its imports changed, in one step.

        Raises:
            OSError: It could not be written; the file is as it was.
        """
        if self.changed is None:
            return
        target = self.path.resolve()  # a link stays one
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(self.changed)
                os.fchmod(descriptor, target.stat().st_mode)
            made.replace(target)
        except BaseException:
            made.unlink()
            raise


def programs(path: Path) -> Iterator[Path]:
    """Yield the programs of a folder, by name; a file is itself.

    Args:
        path: The folder or file.
    """
    if not path.is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not _skipped(here / name))
        yield from (here / name for name in sorted(files) if Path(name).suffix in ENDINGS)


def _skipped(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name in SKIPPED or (folder / "pyvenv.cfg").exists()


def read(path: Path) -> Program:
    """Read a program and what will differ in it.

    Args:
        path: Its file.

    Raises:
        Unreadable: It is no Python, or no notebook.
        OSError: It could not be read.
    """
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"it has more than {LARGEST:,} bytes")
    raw = path.read_bytes()
    return _notebook(path, raw) if path.suffix == ".ipynb" else _python(path, raw)


def _python(path: Path, raw: bytes) -> Program:
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    source = raw.removeprefix(mark)
    tree = _parsed(source)
    found = edits(source, tree)
    return Program(path, differences(tree), mark + change(source, found) if found else None, [])


def _parsed(source: bytes) -> ast.Module:
    try:
        source.decode("utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a program's own escapes
            return ast.parse(source)
    except UnicodeDecodeError as error:
        raise Unreadable("it is not in UTF-8", source.count(b"\n", 0, error.start) + 1) from None
    except SyntaxError as error:
        raise Unreadable(f"Python cannot read it: {error.msg}", error.lineno or 1) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"Python cannot read it: {error}") from None


def _notebook(path: Path, raw: bytes) -> Program:
    try:
        notebook = json.loads(raw)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        texts = ["".join(cell["source"]) for cell in cells]  # a list of lines, or one text
    except (ValueError, KeyError, TypeError):
        raise Unreadable("it is no notebook of version 4") from None
    kept = [_python_lines(text) for text in texts]
    where = [(number, line) for number, lines in enumerate(kept, 1) for line in range(1, len(lines) + 1)]
    source = "\n".join([*(line for lines in kept for line in lines), ""]).encode()
    tree = _parsed(source)
    found = edits(source, tree)
    new = iter(change(source, found).decode().split("\n"))
    for cell, text, lines in zip(cells, texts, kept, strict=True):
        pairs = zip(text.split("\n"), lines, new, strict=False)  # `new` goes on with the next cell
        written = [now if line else old for old, line, now in pairs]
        if "\n".join(written) != text:
            cell["source"] = _in_the_form_of(cell["source"], "\n".join(written))
    return Program(path, differences(tree), _as_it_was(notebook, raw) if found else None, where)


def _python_lines(text: str) -> list[str]:
    """Return a cell's lines, without those that are no Python; a cell that cannot be read has empty ones."""
    lines = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in text.split("\n")]
    if text.startswith("%%"):
        return [""] * len(lines)
    try:
        _parsed("\n".join(lines).encode())
    except Unreadable:
        return [""] * len(lines)
    return lines


def _in_the_form_of(source: Any, text: str) -> Any:
    """Return a cell's text as its source was: one text, or a list of lines."""
    return text if isinstance(source, str) else text.splitlines(keepends=True)


def _as_it_was(notebook: Any, raw: bytes) -> bytes:
    """Return a notebook's JSON in the layout that it had: Jupyter's is an indent of one."""
    text = raw.decode("utf-8")
    first = text.split("\n", 2)[1:2]
    indent = len(first[0]) - len(first[0].lstrip()) if first else None
    end = text[len(text.rstrip()) :]
    return (json.dumps(notebook, indent=indent, ensure_ascii=text.isascii() and "\\u" in text) + end).encode()
