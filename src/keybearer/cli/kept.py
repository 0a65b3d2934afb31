"""The conversations that are kept: a file of JSON lines each, in the user's data folder.

Contract: only the user can read the files and their folder. A conversation that another process went on with meanwhile is not written
over: what came is kept under an id of its own. What cannot be kept is said, and ends no command.

Source: the XDG Base Directory Specification for the folder; on Windows, `LOCALAPPDATA`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from keybearer.config.paths import absolute, user_home
from keybearer.conversation.accept import role_of
from keybearer.conversation.conversation import Conversation
from keybearer.credentials.stores.private_files import private_folder
from keybearer.errors import ConversationError, UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.shell.conversation_file import ConversationFile

__all__ = ["KeptConversation", "conversations_folder", "data_folder", "find", "latest", "listed", "new_id", "started"]

_SUFFIX: Final = ".jsonl"
SHORT: Final = 8
"""How many characters of an id are shown where one line is all there is."""


def data_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Return the folder of what is kept for the user; it may not be there.

    Raises:
        UsageError: There is no home, and no variable that names another place.
    """
    home = user_home(environ)
    if platform == "win32":
        base = absolute(environ.get("LOCALAPPDATA")) or (home and home / "AppData" / "Local")
    else:
        base = absolute(environ.get("XDG_DATA_HOME")) or (home and home / ".local" / "share")
    if base is None:
        raise UsageError(
            "There is no place for conversations: this user has no home.",
            hint="Set HOME or XDG_DATA_HOME to an absolute path, or use --no-log.",
        )
    return base / "keybearer"


def conversations_folder() -> Path:
    """Return the folder of the conversations; it may not be there.

    Raises:
        UsageError: See `data_folder`.
    """
    return data_folder() / "conversations"


def new_id() -> str:
    """Return an id for a conversation: a random UUID (RFC 9562, version 4), without the cost of importing uuid."""
    number = bytearray(os.urandom(16))
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class KeptConversation:
    """A conversation that is kept, or not with `--no-log`.

    Attributes:
        id: Its id.
        talk: It, as it was when it was loaded or saved.
    """

    def __init__(self, conversation_id: str, talk: Conversation, file: ConversationFile | None = None) -> None:
        self.id = conversation_id
        self.talk = talk
        self._file = file

    def save(self, talk: Conversation) -> str:
        """Keep the conversation as it is now.

        Returns:
            What went wrong, as a sentence; empty if nothing did.
        """
        self.talk = talk
        try:
            if self._file is None:
                self._file = _new_file(self.id)
            self._file.save(talk)
        except ConversationError as error:
            if error.problem != "changed":
                return f"The conversation is not kept: {error}"
        except (OSError, UsageError) as error:
            return f"The conversation is not kept: {error}"
        else:
            return ""
        self.id, self._file = new_id(), None
        return self.save(talk) or f"Another process went on with this conversation; this one is kept as {self.id}."


def started(talk: Conversation) -> KeptConversation:
    """Return a conversation that begins."""
    return KeptConversation(new_id(), talk)


def _new_file(conversation_id: str) -> ConversationFile:
    folder = conversations_folder()
    private_folder(folder)
    return ConversationFile(folder / f"{conversation_id}{_SUFFIX}")


class Listed(NamedTuple):
    """A conversation's file.

    Attributes:
        id: The conversation's id.
        path: The file.
        changed: When it was last written, in seconds since the epoch.
    """

    id: str
    path: Path
    changed: float


def listed() -> list[Listed]:
    """Return the conversations that are kept, the one that was last gone on with first.

    Raises:
        UsageError: See `data_folder`.
    """
    return sorted(_files(conversations_folder()), key=lambda each: each.changed, reverse=True)


def _files(folder: Path) -> Iterator[Listed]:
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.name.endswith(_SUFFIX) and not entry.name.startswith(".") and entry.is_file():
                yield Listed(entry.name.removesuffix(_SUFFIX), Path(entry.path), entry.stat().st_mtime)


def latest() -> KeptConversation:
    """Return the conversation that was last gone on with.

    Raises:
        UsageError: There is none.
        ConversationError: It cannot be read.
    """
    if not (kept := listed()):
        raise UsageError("There is no conversation to go on with.", hint="Ask something without --continue first.")
    return _loaded(kept[0])


def find(beginning: str) -> KeptConversation:
    """Return a conversation by its id.

    Args:
        beginning: The id, or its first characters, as many as no other one begins with.

    Raises:
        UsageError: There is none, or more than one.
        ConversationError: It cannot be read.
    """
    return _loaded(find_file(beginning))


def find_file(beginning: str) -> Listed:
    """Return the file of a conversation by its id; see `find`."""
    found = [each for each in listed() if beginning and each.id.startswith(beginning.lower())]
    if len(found) == 1:
        return found[0]
    shown = sanitize(beginning, 80)
    if found:
        some = ", ".join(each.id[: max(SHORT, len(beginning) + 4)] for each in found[:5])
        raise UsageError(f"{len(found)} conversations begin with {shown!r}: {some}.", hint="Give more of the id.")
    raise UsageError(
        f"No conversation that is kept has the id {shown!r}.", hint="`keybearer logs list` has those that are there."
    )


def _loaded(entry: Listed) -> KeptConversation:
    file = ConversationFile(entry.path)
    return KeptConversation(entry.id, file.load(recover=True), file)


def first_words(talk: Conversation, most: int) -> str:
    """Return the beginning of a conversation's first question, on one line."""
    for turn in talk.messages:
        if words := " ".join(text_of(turn).split()):
            return words if len(words) <= most else words[: most - 1] + "…"
    return ""


def written(talk: Conversation) -> str:
    """Return a conversation as Markdown, a heading for each turn."""
    return "".join(f"## {role_of(turn)}\n\n{text_of(turn)}\n\n" for turn in talk)


def text_of(turn: Any) -> str:
    """Return the text of a turn, with notes for what is none."""
    from keybearer.types.messages import Message

    content = turn.to_dict()["content"] if isinstance(turn, Message) else turn.get("content")
    if isinstance(content, str):
        return content
    return "\n\n".join(part for part in map(_block_text, content or []) if part)


def _block_text(block: Mapping[str, Any]) -> str:
    kind = block.get("type")
    if kind == "text":
        return str(block.get("text", ""))
    if kind == "document":
        return f"[document: {block['title']}]" if block.get("title") else "[document]"
    if kind in {"tool_use", "server_tool_use", "mcp_tool_use"}:
        import json

        return f"[{block.get('name')} {json.dumps(block.get('input'), ensure_ascii=False)}]"
    if kind == "tool_result":
        content = block.get("content")
        inner = content if isinstance(content, str) else "\n".join(map(_block_text, content or []))
        return f"[result: {inner}]"
    return "" if kind in {"thinking", "redacted_thinking"} else f"[{kind}]"
