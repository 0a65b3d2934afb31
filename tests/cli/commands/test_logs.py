"""`keybearer logs`, as a user runs it."""

from __future__ import annotations

import json

import pytest

from keybearer.cli.kept import conversations_folder, started
from keybearer.conversation.conversation import Conversation
from support.command import keybearer


@pytest.fixture
def kept() -> str:
    """The id of the last of two conversations that are kept."""
    started(Conversation()).save(Conversation(model="m").user("Why tea?").assistant("Because."))
    last = started(Conversation())
    last.save(Conversation(model="m").user("What is\nthe ship \x1b[2J?" + " long" * 30).assistant("**Gone**."))
    return last.id


def test_the_list(kept: str) -> None:
    """A line each, the last one first; no question can steer the terminal or breaks its line."""
    first, second = keybearer("logs", "list").stdout.splitlines()
    assert first.startswith(f"{kept[:8]}  ")
    assert first.endswith("…")
    assert "  2  What is the ship \ufffd[2J? long" in first
    assert second.endswith("   2  Why tea?")
    rows = json.loads(keybearer("logs", "list", "--json", "-n", "1").stdout)
    assert [(row["id"], row["turns"], row["model"]) for row in rows] == [(kept, 2, "m")]


def test_one_conversation(kept: str) -> None:
    """The last one, or one by its id; its last answer alone; its lines."""
    done = keybearer("logs", "show")
    assert done.stdout.startswith("## user\n\nWhat is\nthe ship \x1b[2J?")  # a pipe gets what was said
    assert done.stdout.endswith("## assistant\n\n**Gone**.\n\n")
    assert done.stderr == f"conversation {kept}, m\n"
    assert keybearer("logs", "show", kept[:9], "-r").stdout == "**Gone**.\n"
    lines = [json.loads(line) for line in keybearer("logs", "show", "--json").stdout.splitlines()]
    assert [next(iter(line)) for line in lines] == ["keybearer_conversation", "turn", "turn"]
    assert keybearer("logs", "show", "zz").returncode == 2


@pytest.mark.usefixtures("kept")
def test_what_was_said_is_found() -> None:
    """Whatever its capitals, with what is around it; where nothing is found the exit code is 1."""
    done = keybearer("logs", "search", "THE", "SHIP")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert "What is the ship" in done.stdout
    assert json.loads(keybearer("logs", "search", "because", "--json").stdout)[0]["found"] == "Because."
    assert keybearer("logs", "search", "nothing of it").returncode == 1


def test_where_they_are_and_that_there_is_none_yet() -> None:
    """The folder is named also before it is there."""
    assert keybearer("logs", "path").stdout == f"{conversations_folder()}\n"
    done = keybearer("logs", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no conversation is kept yet" in done.stderr
    assert keybearer("logs", "show").returncode == 2


def test_a_damaged_file_is_passed_over(kept: str) -> None:
    """It is said, and the others are shown."""
    (conversations_folder() / "bad.jsonl").write_text("what\n")
    done = keybearer("logs", "list")
    assert len(done.stdout.splitlines()) == 2
    assert "bad.jsonl" in done.stderr
    assert kept[:8] in done.stdout
