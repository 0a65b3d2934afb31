"""The conversations that are kept."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from uuid import UUID

import pytest

from keybearer.cli.kept import conversations_folder, data_folder, find, latest, listed, new_id, started, text_of
from keybearer.conversation.conversation import Conversation
from keybearer.errors import UsageError
from keybearer.types.messages import Message

TALK = Conversation(model="claude-haiku-4-5").user("Hello").assistant("Hi.")


def test_a_conversation_is_a_private_file() -> None:
    """Only its user can read it, and the folder; it comes back as it was."""
    kept = started(Conversation())
    assert kept.save(TALK) == ""
    path = conversations_folder() / f"{kept.id}.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert find(kept.id[:6]).talk == TALK


def test_the_last_one_is_the_one_that_was_last_written() -> None:
    """Not the one that began last."""
    first, second = started(Conversation()), started(Conversation())
    first.save(TALK)
    second.save(TALK)
    folder = conversations_folder()
    os.utime(folder / f"{second.id}.jsonl", ns=(1, 1))
    (folder / ".draft.jsonl").write_text("")
    (folder / "other.txt").write_text("")
    assert latest().id == first.id
    assert [each.id for each in listed()] == [first.id, second.id]


def test_what_is_not_there_is_a_mistake_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """No conversation at all, none of that id, more than one."""
    assert listed() == []
    with pytest.raises(UsageError, match="no conversation to go on with"):
        latest()
    for conversation_id in ("abc1", "abc2"):
        kept = started(Conversation())
        kept.id = conversation_id
        kept.save(TALK)
    with pytest.raises(UsageError, match=r"2 conversations begin with 'ab': abc[12], abc[12]\."):
        find("ab")
    with pytest.raises(UsageError, match="No conversation that is kept has the id '../x'"):
        find("../x")
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, "")
    with pytest.raises(UsageError, match="this user has no home"):
        data_folder()


def test_one_that_another_process_went_on_with_is_not_written_over() -> None:
    """What came is kept under an id of its own, which is said."""
    kept = started(Conversation())
    kept.save(TALK)
    mine, theirs = find(kept.id), find(kept.id)
    assert theirs.save(TALK.user("theirs")) == ""
    said = mine.save(TALK.user("mine"))
    assert re.fullmatch(r"Another process went on with this conversation; this one is kept as [0-9a-f-]{36}\.", said)
    assert len(find(kept.id).talk) == len(find(mine.id).talk) == 3


def test_what_cannot_be_kept_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It ends no command."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert started(Conversation()).save(TALK).startswith("The conversation is not kept: ")


def test_where_the_data_of_a_user_is() -> None:
    """The XDG folder, or the home's; on Windows the local one of applications."""
    posix = {"HOME": "/home/a"}
    assert data_folder(posix, "linux") == Path("/home/a/.local/share/keybearer")
    assert data_folder(posix | {"XDG_DATA_HOME": "/data"}, "darwin") == Path("/data/keybearer")
    assert data_folder(posix | {"XDG_DATA_HOME": "relative"}, "linux") == Path("/home/a/.local/share/keybearer")
    assert data_folder({"LOCALAPPDATA": "/local"}, "win32") == Path("/local/keybearer")


def test_an_id_is_a_random_uuid() -> None:
    """Of version 4, as `claude -p` has."""
    first = UUID(new_id())
    assert (first.version, first.variant) == (4, UUID(int=0x8000 << 48).variant)
    assert str(first) != new_id()


def test_the_text_of_a_turn() -> None:
    """What is no text has a note in its place, and thinking none."""
    answer = Message.from_dict(
        {
            "id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "tool_use", "usage": {},
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "t", "name": "read", "input": {"path": "ä"}},
            ],
        }
    )  # fmt: skip
    assert text_of(answer) == 'I look.\n\n[read {"path": "ä"}]'
    asked = [
        {"type": "image"},
        {"type": "document", "title": "a.txt"},
        {"type": "document"},
        {"type": "text", "text": "Hi"},
    ]
    assert text_of({"role": "user", "content": asked}) == "[image]\n\n[document: a.txt]\n\n[document]\n\nHi"
    results = [
        {"type": "tool_result", "content": [{"type": "text", "text": "ok"}]},
        {"type": "tool_result", "content": "no"},
    ]
    assert text_of({"role": "user", "content": results}) == "[result: ok]\n\n[result: no]"
