"""Conversations in files: whole or not at all, a turn at a time, and never over what somebody else wrote."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from keybearer import Conversation, ConversationError, ConversationFile, UsageError
from keybearer.credentials.stores.disk import DISK

TALK = Conversation(system="Be brief.").user("one")


class FailingDisk:
    """A disk that is full at one of its operations."""

    def __init__(self, operation: str) -> None:
        self.operation = operation

    def __getattr__(self, name: str) -> Any:
        if name != self.operation:
            return getattr(DISK, name)

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        return full


def test_turns_are_appended(tmp_path: Path) -> None:
    """A conversation that goes on costs its new lines; the file's beginning is not written again."""
    file = ConversationFile(tmp_path / "talk.jsonl")
    file.save(TALK)
    before, inode = file.path.read_bytes(), file.path.stat().st_ino
    file.save(TALK.assistant("two").user("three"))
    after = file.path.read_bytes()
    assert (after.startswith(before), file.path.stat().st_ino, after.count(b"\n")) == (True, inode, 4)
    file.save(TALK.assistant("two").user("three"))
    assert file.path.read_bytes() == after
    assert ConversationFile(file.path).load() == TALK.assistant("two").user("three")


def test_a_loaded_file_goes_on(tmp_path: Path) -> None:
    """What was loaded is known: the next save appends; changed settings are a line of their own."""
    path = tmp_path / "talk.jsonl"
    ConversationFile(path).save(TALK)
    file = ConversationFile(path)
    talk = file.load().assistant("two").replace(system="Be long.")
    file.save(talk)
    assert len(path.read_bytes().splitlines()) == 4
    assert ConversationFile(path).load() == talk


def test_another_history_is_written_anew(tmp_path: Path) -> None:
    """A fork or a trim takes the file's place as a whole, and only its owner can read it."""
    file = ConversationFile(tmp_path / "talk.jsonl")
    file.save(TALK.assistant("two"))
    file.path.chmod(0o644)
    file.load()
    file.save(TALK.fork(at=0).user("else"))
    assert ConversationFile(file.path).load()[0] == {"role": "user", "content": "else"}
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["talk.jsonl"]


@pytest.mark.parametrize("operation", ["create", "write", "sync", "rename"])
def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, operation: str) -> None:
    """Whatever step fails, the old conversation is there, no other file is, and the error says so; it can be saved again."""
    path = tmp_path / "talk.jsonl"
    ConversationFile(path).save(TALK)
    before = path.read_bytes()
    file = ConversationFile(path, disk=FailingDisk(operation))
    other = file.load().fork(at=0).user("else")
    with pytest.raises(ConversationError, match="cannot be written: No space left on device. It is as it was") as error:
        file.save(other)
    assert (error.value.problem, error.value.file) == ("unwritable", str(path))
    assert (path.read_bytes(), [each.name for each in tmp_path.iterdir()]) == (before, ["talk.jsonl"])


def test_what_was_half_appended_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up in the middle of a line leaves no half line."""
    path = tmp_path / "talk.jsonl"
    file = ConversationFile(path)
    file.save(TALK)
    before, write, left = path.read_bytes(), os.write, [7]

    def some(descriptor: int, data: bytes) -> int:
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, bytes(data)[: left.pop()])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", some)
        with pytest.raises(ConversationError, match="No space left"):
            file.save(TALK.assistant("two"))
    assert path.read_bytes() == before
    file.save(TALK.assistant("two"))
    assert ConversationFile(path).load() == TALK.assistant("two")


def test_a_cut_file_is_recovered(tmp_path: Path) -> None:
    """After a kill in the middle of a line the rest is read when that is asked for, and the next save mends the file."""
    path = tmp_path / "talk.jsonl"
    talk = TALK.assistant("two")
    path.write_bytes(talk.dumps().encode()[:-5])
    file = ConversationFile(path)
    with pytest.raises(ConversationError, match="Line 3 of the conversation is cut") as error:
        file.load()
    assert (error.value.line, error.value.problem, error.value.file) == (3, "cut", str(path))
    assert file.load(recover=True) == TALK
    file.save(talk)
    assert path.read_text() == talk.dumps()


def test_a_last_line_without_an_end_is_whole(tmp_path: Path) -> None:
    """An editor's missing line end loses no turn, and the next turn is a line of its own."""
    path = tmp_path / "talk.jsonl"
    path.write_text(TALK.dumps().rstrip("\n"))
    file = ConversationFile(path)
    assert file.load() == TALK
    file.save(TALK.assistant("two"))
    assert path.read_text() == TALK.assistant("two").dumps()


def test_what_others_wrote_is_not_written_over(tmp_path: Path) -> None:
    """A file of another kind is refused, and so is one that changed; an empty one, and one with a cut end, are fine."""
    path = tmp_path / "notes.txt"
    path.write_text("my notes")
    with pytest.raises(ConversationError, match="is there, and is no conversation. Save to another file"):
        ConversationFile(path).save(TALK)
    assert path.read_text() == "my notes"
    path.write_text("")
    file = ConversationFile(path)
    file.save(TALK)
    ConversationFile(path).save(TALK.user("from elsewhere"))
    with pytest.raises(ConversationError, match="was changed since") as error:
        file.save(TALK.user("from here"))
    assert error.value.problem == "changed"
    path.unlink()
    with pytest.raises(ConversationError, match="was changed since"):
        file.save(TALK)


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    """The file behind a symbolic link is written, whole and a turn at a time."""
    (tmp_path / "real").mkdir()
    link = tmp_path / "talk.jsonl"
    link.symlink_to(tmp_path / "real" / "talk.jsonl")
    file = ConversationFile(link)
    file.save(TALK)
    file.save(TALK.assistant("two"))
    file.save(TALK.fork(at=0))
    assert link.is_symlink()
    assert ConversationFile(tmp_path / "real" / "talk.jsonl").load() == TALK.fork(at=0)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe, a path that is none: each with its word, at once."""
    os.mkfifo(tmp_path / "pipe")
    for name, problem, words in (
        ("none", "missing", "does not exist"),
        (".", "unreadable", "is no file|Is a directory"),
        ("pipe", "unreadable", "is no file"),
        ("a\0b", "unreadable", "cannot be read"),
    ):
        with pytest.raises(ConversationError, match=words) as error:
            ConversationFile(tmp_path / name).load()
        assert error.value.problem == problem
    with pytest.raises(ConversationError, match="cannot be written: .*null"):
        ConversationFile(tmp_path / "a\0b").save(TALK)
    with pytest.raises(ConversationError, match="cannot be written: No such file or directory"):
        ConversationFile(tmp_path / "no" / "folder").save(TALK)


def test_what_cannot_be_written_changes_no_file(tmp_path: Path) -> None:
    """A turn that JSON has no form for is reported before anything is written."""
    file = ConversationFile(tmp_path / "talk.jsonl")
    file.save(TALK)
    with pytest.raises(UsageError, match="its turn 1 has a value"):
        file.save(TALK.append({"role": "user", "content": [{"type": "x", "n": float("inf")}]}))
    assert ConversationFile(file.path).load() == TALK
