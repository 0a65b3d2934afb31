"""The pieces of a prompt: quotes, paths, clauses."""

from __future__ import annotations

import pytest

from keybearer.simulator.engine.segments import LONGEST_READ, excerpt, is_path, quotes_of, split_clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("run `ls`, Read notes.txt, then Write eng.txt", ["run `ls`", "Read notes.txt", "Write eng.txt"]),
        ("Write 'a; b. Then run it' to x.txt. Stop.", ["Write 'a; b. Then run it' to x.txt.", "Stop."]),
        ("Weather in Paris and New York?", ["Weather in Paris and New York?"]),
        ("1. Read a.txt\n2. Read b.txt", ["1.", "Read a.txt", "2.", "Read b.txt"]),
        ("Replace 'x' with 'y' and Search for 'z'", ["Replace 'x' with 'y'", "Search for 'z'"]),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    """A clause ends at a sentence's end, a semicolon, `then`, or before the next verb; never inside quotes."""
    assert [clause.text.strip() for clause in split_clauses(text, ["Read", "Write"])] == clauses


def test_what_was_pasted_gives_no_orders() -> None:
    """Fences, quoted lines and documents are left out."""
    text = "Look:\n```\nrun `rm x`\n```\n> write a.txt\n<document>write b.txt</document>"
    assert [clause.text.strip() for clause in split_clauses(text)] == ["Look:"]


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("say 'it's done' and \"go\"", ["it's done", "go"]),
        ("the dogs' bowls and the cats' food", []),
        ("run: ls -l", ["ls -l"]),
        ("run these: `a`, `b`", ["a", "b"]),
        ("run: a. Then b", []),
    ],
)
def test_quotes(text: str, quotes: list[str]) -> None:
    """Quotation marks stand around words, not inside them; a command after a colon ends with its line."""
    assert [span.text for span in quotes_of(text)] == quotes


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("see a.txt, (b/c.py) and ./d.", ["a.txt", "b/c.py", "./d"]),
        ("open a.tar.gz.", ["a.tar.gz"]),
        ("open 'my file.txt'", ["my file.txt"]),
        ("version 3.11 and and/or", []),
        ("open a,b.txt or x$y.txt or eng(1).txt", []),
        ("the Makefile", ["Makefile"]),
    ],
)
def test_paths(text: str, paths: list[str]) -> None:
    """A path is a whole word of the prompt, or quoted; a part of a stranger word is none."""
    assert [span.text for clause in split_clauses(text) for span in clause.paths] == paths


def test_is_path() -> None:
    """A dot alone or a number is no path."""
    assert [word for word in (".", "..", "1.5", ".env", "~/a", "a") if is_path(word)] == [".env", "~/a"]


def test_a_long_prompt_is_read_at_both_ends() -> None:
    """The excerpt has whole sentences of the beginning and of the end, and no more than the limit."""
    text = "First sentence. " + "x" * 100_000 + " cut.txt. Last sentence."
    short = excerpt(text)
    assert len(short) < LONGEST_READ + 10
    assert short.startswith("First sentence. ")
    assert short.endswith("Last sentence.")
    assert "xx" not in short or "cut.txt" in short
