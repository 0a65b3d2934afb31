"""Which tools change something, and what a clause allows them."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.engine.effects import commands_of, effect_of, is_allowed, is_destructive, targets_of
from keybearer.simulator.engine.roles import about_words, is_final, is_search, short_name
from keybearer.simulator.engine.segments import split_clauses


def tool(name: str, *arguments: str) -> dict[str, Any]:
    """Make a tool."""
    return {
        "name": name,
        "input_schema": {"type": "object", "properties": {each: {"type": "string"} for each in arguments}},
    }


@pytest.mark.parametrize(
    ("name", "arguments", "effect"),
    [
        ("Write", ["file_path"], "writes"),
        ("mcp__fs__move_file", [], "writes"),
        ("deleteUser", ["id"], "writes"),
        ("Bash", ["command"], "runs"),
        ("evaluate", ["code"], "runs"),
        ("Read", ["file_path"], "none"),
        ("get_weather", ["city"], "none"),
    ],
)
def test_effects(name: str, arguments: list[str], effect: str) -> None:
    """A tool's effect is judged by its name and its arguments' names."""
    assert effect_of(tool(name, *arguments)) == effect


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("Write eng.txt", ["eng.txt"]),
        ("Write the text 'eins' to eng.txt", ["eng.txt"]),
        ("please create a new file called a/b.txt", ["a/b.txt"]),
        ("write notes.txt to out.txt", ["out.txt"]),
        ("Write a summary of notes.txt to out.txt", ["out.txt"]),
        ("replace 'x' with 'y' in a.txt", ["a.txt"]),
        ("Use the Write tool on a.txt", ["a.txt"]),
        ('save it as "my file.txt"', ["my file.txt"]),
        ("Write 'see b.txt' to a.txt", ["a.txt"]),
        ("Write a summary of notes.txt", []),
        ("Write down what is in notes.txt", []),
        ("Write the changes I made to notes.txt", []),
        ("Write hello to my file.txt", []),
        ("Write to eng(1).txt", []),
        ("do not write eng.txt", []),
        ("Read notes.txt", []),
        ("Explain what Write eng.txt would do", []),
    ],
)  # fmt: skip
def test_targets(text: str, paths: list[str]) -> None:
    """A path is named for writing by its verb or preposition; where there is a doubt it is not."""
    assert [span.text for clause in split_clauses(text, ["Write"]) for span in targets_of(clause, "Write")] == paths


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("run `ls`", ["ls"]),
        ("First run `ls` with Bash", ["ls"]),
        ("use the Bash tool to run: echo hi", ["echo hi"]),
        ("Run these with Bash, one after the other: `a`, `b`, and `c`", ["a", "b", "c"]),
        ("Run `a`, then `b`", ["a", "b"]),
        ("Run `pytest` in the `src` folder", ["pytest"]),
        ("Run the tests", []),
        ("Do not run `rm x`", []),
        ("Tell me what happens if I run `rm x`", []),
        ("create a file a.sh saying run `rm x`", []),
        ("run: make all. Then stop", []),
    ],
)
def test_commands(text: str, commands: list[str]) -> None:
    """A command is what an order to run quotes, or what stands after its colon to the line's end."""
    assert [command for clause in split_clauses(text, ["Bash"]) for command in commands_of(clause, "Bash")] == commands


def test_what_is_allowed() -> None:
    """A writing tool needs its path among the targets, a running one its command among the commands."""
    write, bash = tool("Write", "file_path", "content"), tool("Bash", "command")
    assert is_allowed(write, {"file_path": "a.txt", "content": "b.txt"}, ["a.txt"], [])
    assert not is_allowed(write, {"file_path": "b.txt", "content": "x"}, ["a.txt"], [])
    assert not is_allowed(tool("save_note", "name"), {"name": "b.txt"}, [], [])
    assert is_allowed(bash, {"command": "ls"}, [], ["ls"])
    assert not is_allowed(bash, {"command": "ls -l"}, [], ["ls"])
    assert not is_allowed(bash, {}, [], ["ls"])
    assert is_allowed(tool("Read", "file_path"), {"file_path": "b.txt"}, [], [])


def test_destructive_commands() -> None:
    """Commands that delete or overwrite are run only where their tool is named."""
    assert [command for command in ("ls -l", "rm -rf x", "echo a > b", "git push --force", "cat a") if is_destructive(command)] == [
        "rm -rf x", "echo a > b", "git push --force",
    ]  # fmt: skip


def test_roles() -> None:
    """A tool's name says what it is about, and whether it searches or ends."""
    assert short_name("mcp__tools__greet") == "greet"
    assert about_words("mcp__w__get_weatherReport") == ["weather", "report"]
    assert [name for name in ("ToolSearch", "search_available_tools", "search", "find_tools") if is_search(name)] == [
        "ToolSearch", "search_available_tools", "find_tools",
    ]  # fmt: skip
    assert [name for name in ("final_answer", "finish", "final_result_City", "StructuredOutput", "answer") if is_final(name)] == [
        "final_answer", "finish", "final_result_City", "StructuredOutput",
    ]  # fmt: skip
