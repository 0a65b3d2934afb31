"""The line that is edited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from keybearer.cli.chat.editing import ChatCompleter, EditedLines

ENTER, ALT_ENTER, CTRL_J, UP = "\r", "\x1b\r", "\n", "\x1b[A"


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    """What is typed."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("hello" + ENTER, "hello"),
        ("one" + ALT_ENTER + "two" + CTRL_J + "three" + ENTER, "one\ntwo\nthree"),
        ("one\\" + ENTER + "two" + ENTER, "one\ntwo"),
        ("\x1b[200~pasted\nlines\x1b[201~" + ENTER, "pasted\nlines"),
    ],
)
def test_a_question_of_several_lines(typed: str, read: str, keys: PipeInput) -> None:
    """Enter sends; Alt-Enter, Ctrl-J and a backslash go on; what is pasted is one question."""
    keys.send_text(typed)
    assert EditedLines(None).read() == read


def test_ctrl_c_and_ctrl_d(keys: PipeInput) -> None:
    """Each is its own exception."""
    lines = EditedLines(None)
    keys.send_text("half\x03")
    with pytest.raises(KeyboardInterrupt):
        lines.read()
    keys.send_text("\x04")
    with pytest.raises(EOFError):
        lines.read()


def test_the_history_is_kept(keys: PipeInput, tmp_path: Path) -> None:
    """A question of another day is an arrow away."""
    keys.send_text("first" + ENTER)
    assert EditedLines(tmp_path / "history").read() == "first"
    assert "+first" in (tmp_path / "history").read_text()


def completions(text: str) -> list[str]:
    """Return what may follow a text."""
    return [each.text for each in ChatCompleter().get_completions(Document(text), CompleteEvent())]


def test_what_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands at the beginning; paths after @ and after a command that takes one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("")
    assert completions("/re") == ["/retry"]
    assert set(completions("/")) >= {"/help", "/quit", "/undo"}
    assert completions("sum up @no") == completions("/file no") == ["tes.txt"]
    assert completions("sum up no") == completions("/system no") == []
