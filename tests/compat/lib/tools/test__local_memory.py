"""A memory in files, beside the official SDK's: the same words for the same commands, and nothing outside its folder."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import anthropic.tools
import pytest

from keybearer.compat.tools import BetaAsyncLocalFilesystemMemoryTool, BetaLocalFilesystemMemoryTool

TEXT = "one\ntwo\nthree\nfour\nfive\ntwo and a half\n"

COMMANDS: list[dict[str, Any]] = [
    {"command": "view", "path": "/memories"},
    {"command": "create", "path": "/memories/a.txt", "file_text": TEXT},
    {"command": "create", "path": "/memories/a.txt", "file_text": "again"},
    {"command": "create", "path": "/memories/b/c/d.txt", "file_text": "x" * 1500},
    {"command": "create", "path": "/memories/b/e.txt", "file_text": ""},
    {"command": "view", "path": "/memories/a.txt"},
    {"command": "view", "path": "/memories/a.txt", "view_range": [2, 3]},
    {"command": "view", "path": "/memories/a.txt", "view_range": [5, -1]},
    {"command": "view", "path": "/memories/none"},
    {"command": "str_replace", "path": "/memories/a.txt", "old_str": "three", "new_str": "3\n3.5"},
    {"command": "str_replace", "path": "/memories/a.txt", "old_str": "two", "new_str": "2"},
    {"command": "str_replace", "path": "/memories/a.txt", "old_str": "seven", "new_str": "7"},
    {"command": "str_replace", "path": "/memories/b", "old_str": "a", "new_str": "b"},
    {"command": "insert", "path": "/memories/a.txt", "insert_line": 0, "insert_text": "zero\n"},
    {"command": "insert", "path": "/memories/a.txt", "insert_line": 99, "insert_text": "late"},
    {"command": "insert", "path": "/memories/none", "insert_line": 0, "insert_text": "a"},
    {"command": "insert", "path": "/memories/b/e.txt", "insert_line": 0, "insert_text": "first"},
    {"command": "view", "path": "/memories/a.txt"},
    {"command": "view", "path": "/memories/b/e.txt"},
    {"command": "rename", "old_path": "/memories/a.txt", "new_path": "/memories/f/g.txt"},
    {"command": "rename", "old_path": "/memories/none", "new_path": "/memories/h"},
    {"command": "rename", "old_path": "/memories/b", "new_path": "/memories/f"},
    {"command": "rename", "old_path": "/memories", "new_path": "/memories/i"},
    {"command": "delete", "path": "/memories/b/c"},
    {"command": "delete", "path": "/memories/b/c"},
    {"command": "delete", "path": "/memories"},
    {"command": "view", "path": "/memories/../secret"},
    {"command": "create", "path": "/memories/out/new", "file_text": "a"},
    {"command": "view", "path": "/etc/passwd"},
]


def said(memory: Any, folder: Path, command: dict[str, Any]) -> str:
    """Return what a memory says to a command; sizes of folders are the file system's."""
    try:
        answer = memory.call(command)
        if asyncio.iscoroutine(answer):
            answer = asyncio.run(answer)
    except Exception as error:  # noqa: BLE001 - whatever it says
        return f"{type(error).__name__}: {error}".replace(str(folder), "")
    return str(answer)


@pytest.mark.parametrize("ours", [BetaLocalFilesystemMemoryTool, BetaAsyncLocalFilesystemMemoryTool])
def test_each_command_says_what_the_sdks_says(ours: Any, tmp_path: Path) -> None:
    """In the order of a session: every text and every refusal, also of a link that leads out."""
    came = []
    for name, kind in (("theirs", anthropic.tools.BetaLocalFilesystemMemoryTool), ("ours", ours)):
        memory: Any = kind(str(tmp_path / name))
        (tmp_path / "secret").mkdir(exist_ok=True)
        (memory.memory_root / "out").symlink_to(tmp_path / "secret")
        came.append([said(memory, tmp_path / name, command) for command in COMMANDS])
    for theirs, mine, command in zip(*came, COMMANDS, strict=True):
        assert mine == theirs, command
    assert not any((tmp_path / "secret").iterdir())


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask is; clearing leaves an empty folder."""
    before = os.umask(0)
    try:
        memory = BetaLocalFilesystemMemoryTool(str(tmp_path / "deep" / "memory"))
        memory.call({"command": "create", "path": "/memories/a/b", "file_text": "c"})
    finally:
        os.umask(before)
    made = memory.memory_root / "a"
    assert [oct(each.stat().st_mode & 0o777) for each in (tmp_path / "deep", made, made / "b")] == [
        "0o700",
        "0o700",
        "0o600",
    ]
    assert memory.clear_all_memory() == "All memory cleared"
    assert list(memory.memory_root.iterdir()) == []
