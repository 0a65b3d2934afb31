"""A memory tool that keeps its files in a folder, under the official SDK's names and with its words to the model.

Contract: no command leaves the folder, by `..` or by a link. Folders and files are the owner's alone (0700, 0600); a file is replaced
as a whole.

Source: `lib/tools/_beta_builtin_memory_tool.py` of the `anthropic` 2.14.0 wheel, and the service's page on the memory tool.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from keybearer.compat.lib.tools._beta_builtin_memory_tool import BetaAbstractMemoryTool, BetaAsyncAbstractMemoryTool
from keybearer.shell.runtime import current_runtime
from keybearer.shell.tool_threads import in_thread
from keybearer.tools.tool import ToolError

__all__ = ["BetaAsyncLocalFilesystemMemoryTool", "BetaLocalFilesystemMemoryTool"]

ROOT: Final = "/memories"
MOST_LINES: Final = 999_999
WIDTH: Final = len(str(MOST_LINES))
DEPTH: Final = 2
"""How many levels of a folder are listed."""


class BetaLocalFilesystemMemoryTool(BetaAbstractMemoryTool):
    """A memory in files.

    Args:
        base_path: The folder in which its folder `memories` is.
    """

    def __init__(self, base_path: str = "./memory") -> None:
        super().__init__()
        self.base_path = Path(base_path)
        self.memory_root = self.base_path / "memories"
        _make_folder(self.memory_root)

    def _path(self, path: str) -> Path:
        """Return the file that a path of the model's means.

        Raises:
            ToolError: It leads out of the memory.
        """
        if path != ROOT and not path.startswith(ROOT + "/"):
            raise ToolError(f"Path must start with /memories, got: {path}")
        root = self.memory_root.resolve()
        found = (root / path.removeprefix(ROOT).lstrip("/")).resolve()
        if found != root and root not in found.parents:
            raise ToolError(f"Path {path} would escape /memories directory")
        return found

    def _text(self, path: str) -> tuple[Path, str]:
        """Return a file that is there, and its text."""
        found = self._path(path)
        if not found.exists():
            raise ToolError(f"The path {path} does not exist. Please provide a valid path.")
        if not found.is_file():
            raise ToolError(f"The path {path} is not a file.")
        return found, _read(found)

    def view(self, command: Any) -> str:
        """Show a file with line numbers, or what a folder has."""
        path: str = command.path
        found = self._path(path)
        if found.is_dir():
            listed = [f"{_size(found)}\t{path}", *(f"{size}\t{path}/{name}" for size, name in self._listed(found, ""))]
            head = f"Here're the files and directories up to {DEPTH} levels deep in {path}, excluding hidden items:"
            return "\n".join([head, *listed])
        if not found.exists():
            raise ToolError(f"The path {path} does not exist. Please provide a valid path.")
        if not found.is_file():
            raise ToolError(f"Unsupported file type for {path}")
        lines = _read(found).split("\n")
        if len(lines) > MOST_LINES:
            raise ToolError(f"File {path} exceeds maximum line limit of 999,999 lines.")
        first, last = 1, len(lines)
        if command.view_range and len(command.view_range) == 2:
            first = max(1, command.view_range[0])
            last = len(lines) if command.view_range[1] == -1 else command.view_range[1]
        return f"Here's the content of {path} with line numbers:\n" + _numbered(lines, first, last)

    def _listed(self, folder: Path, below: str, depth: int = 1) -> Iterator[tuple[str, str]]:
        root = self.memory_root.resolve()
        for each in sorted(folder.iterdir(), key=lambda item: item.name):
            if each.name.startswith(".") or root not in each.resolve().parents or not each.exists():
                continue
            name = f"{below}/{each.name}" if below else each.name
            if each.is_dir():
                yield _size(each), f"{name}/"
                if depth < DEPTH:
                    yield from self._listed(each, name, depth + 1)
            elif each.is_file():
                yield _size(each), name

    def create(self, command: Any) -> str:
        """Write a new file."""
        found = self._path(command.path)
        _make_folder(found.parent)
        try:
            _write(found, command.file_text, new=True)
        except FileExistsError:
            raise ToolError(f"File {command.path} already exists") from None
        return f"File created successfully at: {command.path}"

    def str_replace(self, command: Any) -> str:
        """Replace a text that a file has once."""
        found, text = self._text(command.path)
        places = _places(text, command.old_str)
        if not places:
            raise ToolError(
                f"No replacement was performed, old_str `{command.old_str}` did not appear verbatim in {command.path}."
            )
        lines = [text.count("\n", 0, place) for place in places]
        if len(places) > 1:
            named = ", ".join(str(line + 1) for line in lines)
            raise ToolError(
                f"No replacement was performed. Multiple occurrences of old_str `{command.old_str}` in lines: {named}. "
                "Please ensure it is unique"
            )
        text = text.replace(command.old_str, command.new_str)
        _write(found, text)
        shown = _numbered(text.split("\n"), max(0, lines[0] - 2) + 1, lines[0] + 3)
        return f"The memory file has been edited. Here is the snippet showing the change (with line numbers):\n{shown}"

    def insert(self, command: Any) -> str:
        """Insert text after a line; 0 is the beginning."""
        found, text = self._text(command.path)
        lines = text.removesuffix("\n").split("\n") if text else []
        if not 0 <= command.insert_line <= len(lines):
            raise ToolError(
                f"Invalid `insert_line` parameter: {command.insert_line}. It should be within the range [0, {len(lines)}]."
            )
        lines.insert(command.insert_line, command.insert_text.rstrip("\n"))
        text = "\n".join(lines)
        _write(found, text if text.endswith("\n") else text + "\n")
        return f"The file {command.path} has been edited."

    def delete(self, command: Any) -> str:
        """Delete a file, or a folder with all in it."""
        found = self._path(command.path)
        if found == self.memory_root.resolve():
            raise ToolError("Cannot delete the /memories directory itself")
        try:
            shutil.rmtree(found) if found.is_dir() else found.unlink()
        except FileNotFoundError:
            raise ToolError(f"The path {command.path} does not exist") from None
        return f"Successfully deleted {command.path}"

    def rename(self, command: Any) -> str:
        """Give a file or a folder another path."""
        old, new = self._path(command.old_path), self._path(command.new_path)
        if old == self.memory_root.resolve():
            raise ToolError("Cannot rename the /memories directory itself")
        if new.exists():
            raise ToolError(f"The destination {command.new_path} already exists")
        if not old.exists():
            raise ToolError(f"The path {command.old_path} does not exist")
        _make_folder(new.parent)
        old.rename(new)
        return f"Successfully renamed {command.old_path} to {command.new_path}"

    def clear_all_memory(self) -> str:
        """Delete everything."""
        shutil.rmtree(self.memory_root, ignore_errors=True)
        _make_folder(self.memory_root)
        return "All memory cleared"


class BetaAsyncLocalFilesystemMemoryTool(BetaAsyncAbstractMemoryTool):
    """The same, awaited: each command runs in a thread.

    Args:
        base_path: The folder in which its folder `memories` is.
    """

    def __init__(self, base_path: str = "./memory") -> None:
        super().__init__()
        self._files = BetaLocalFilesystemMemoryTool(base_path)
        self.base_path, self.memory_root = self._files.base_path, self._files.memory_root

    async def view(self, command: Any) -> str:
        """Show a file with line numbers, or what a folder has."""
        return await _awaited(lambda: self._files.view(command))

    async def create(self, command: Any) -> str:
        """Write a new file."""
        return await _awaited(lambda: self._files.create(command))

    async def str_replace(self, command: Any) -> str:
        """Replace a text that a file has once."""
        return await _awaited(lambda: self._files.str_replace(command))

    async def insert(self, command: Any) -> str:
        """Insert text after a line; 0 is the beginning."""
        return await _awaited(lambda: self._files.insert(command))

    async def delete(self, command: Any) -> str:
        """Delete a file, or a folder with all in it."""
        return await _awaited(lambda: self._files.delete(command))

    async def rename(self, command: Any) -> str:
        """Give a file or a folder another path."""
        return await _awaited(lambda: self._files.rename(command))

    async def clear_all_memory(self) -> str:
        """Delete everything."""
        return await _awaited(self._files.clear_all_memory)


async def _awaited(function: Callable[[], str]) -> str:
    done: str = await current_runtime().wait(in_thread(function), None)
    return done


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for the owner alone whatever the umask is."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def _write(file: Path, text: str, *, new: bool = False) -> None:
    """Write a file as a whole.

    Raises:
        FileExistsError: It is there, and was to be new.
    """
    if new and file.exists():
        raise FileExistsError
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".tmp-")  # 0600
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(text.encode())
            written.flush()
            os.fsync(written.fileno())
        if new:
            os.link(name, file)  # fails where somebody was faster
        else:
            Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def _read(file: Path) -> str:
    return file.read_bytes().decode()


def _places(text: str, wanted: str) -> list[int]:
    places, at = [], text.find(wanted)
    while at >= 0:
        places.append(at)
        at = text.find(wanted, at + 1)
    return places


def _numbered(lines: list[str], first: int, last: int) -> str:
    return "\n".join(
        f"{str(number).rjust(WIDTH)}\t{line}" for number, line in enumerate(lines[first - 1 : last], first)
    )


def _size(file: Path) -> str:
    size = file.stat().st_size
    if not size:
        return "0B"
    unit = min((size.bit_length() - 1) // 10, 3)
    value = size / 1024**unit
    return f"{int(value) if value == int(value) else f'{value:.1f}'}{'BKMG'[unit]}"
