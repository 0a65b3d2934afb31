"""A conversation as JSON lines, and back.

Strategy: the first line says what the file is and holds the conversation's settings; each turn is a line.
A later line of settings takes the place of the earlier ones.
So a file grows by a line a turn, and what was written is never written again.

    {"keybearer_conversation": 1, "defaults": {"system": ...}, "thread": false, "taken_out": [0, 0]}
    {"turn": {"role": "user", "content": "Hello"}}
    {"answer": {"id": "msg_...", "usage": {...}, ...}, "reply": {"request-id": "req_...", "date": "..."}}

Contract: `read_lines` gives back what `write_lines` was given: an answer with every field, the id of its request and its time. A line
that cannot be read is an error with its number. Only the last line can be left out, and only when it has no line end: it was being
written when the process ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from keybearer.conversation.accept import Turn
from keybearer.errors import ConversationError, UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.json import dumps, loads, sendable

__all__ = ["FORMAT", "SavedConversation", "is_saved", "read_lines", "write_lines", "write_settings"]

FORMAT: Final = 1
"""The version of the format that this version writes; it reads those up to it."""

_MARK: Final = "keybearer_conversation"
_REPLY: Final = ("request-id", "date")
"""The headers of a reply that are kept."""


class SavedConversation(NamedTuple):
    """What the lines hold.

    Attributes:
        turns: The turns.
        settings: The last line of settings, without its version.
    """

    turns: list[Turn]
    settings: dict[str, Any]


def write_settings(settings: Mapping[str, Any]) -> bytes:
    """Return the line of a conversation's settings."""
    return _line({_MARK: FORMAT, **settings}, "its settings have")


def write_lines(turns: Iterable[Turn], first: int = 0) -> bytes:
    """Return the lines of turns.

    Args:
        turns: The turns.
        first: The index of the first one, for errors.

    Raises:
        UsageError: A turn has a value that JSON has no form for.
    """
    return b"".join(_line(_saved(turn), f"its turn {index} has") for index, turn in enumerate(turns, first))


def _saved(turn: Turn) -> dict[str, Any]:
    if not isinstance(turn, Message):
        return {"turn": turn}
    reply: dict[str, str] = {name: turn.headers[name] for name in _REPLY if name in turn.headers}
    if turn.thread is not None:
        reply["thread"] = turn.thread
    return {"answer": turn.to_dict(), **({"reply": reply} if reply else {})}


def _line(value: dict[str, Any], whose: str) -> bytes:
    try:
        return dumps(sendable(value)) + b"\n"
    except (TypeError, ValueError, RecursionError):
        pass
    raise UsageError(
        f"The conversation cannot be saved: {whose} a value that JSON has no form for.",
        hint="keybearer.lint names it and its place.",
    )


def is_saved(line: Any) -> bool:
    """Return whether a decoded line is the first one of a saved conversation."""
    return isinstance(line, dict) and _MARK in line


def read_lines(text: str | bytes, *, recover: bool = False) -> SavedConversation:
    """Read the lines of a conversation.

    Args:
        text: The lines.
        recover: Whether to leave out a last line that was cut.

    Raises:
        ConversationError: A line cannot be read, or the text is no conversation.
    """
    lines: list[Any] = text.split("\n") if isinstance(text, str) else text.split(b"\n")
    ended = not lines[-1]
    if ended:
        del lines[-1]
    turns: list[Turn] = []
    settings: dict[str, Any] | None = None
    for number, line in enumerate(lines, 1):
        problem, value = _read(line, begun=settings is not None)
        if not problem:
            if is_saved(value):
                settings = {name: each for name, each in value.items() if name != _MARK}
            else:
                turns.append(value)
        elif problem == _BROKEN and number == len(lines) and not ended and settings is not None:
            if not recover:
                raise ConversationError(
                    f"Line {number} of the conversation is cut: it has no end.",
                    line=number,
                    problem="cut",
                    hint="It was being written when its process ended. Read with recover=True to leave it out.",
                )
        else:
            name = "newer" if problem == _NEWER else "not_one" if settings is None else "damaged"
            raise ConversationError(
                f"Line {number} of the conversation {problem}.", line=number, problem=name, hint=_HINTS[name]
            )
    if settings is None:
        raise ConversationError("The conversation is empty: it has no line.", problem="not_one", hint=_HINTS["not_one"])
    return SavedConversation(turns, settings)


_BROKEN: Final = "is no JSON object"
_NEWER: Final = f"is of a newer format than {FORMAT}"
_HINTS: Final = {
    "newer": "Install a newer version of keybearer.",
    "not_one": "A file of another kind, such as a transcript of Claude Code, is read by keybearer.repair.",
    "damaged": "Mend the line, or take it out; the lines before it are whole.",
}


def _read(line: str | bytes, *, begun: bool) -> tuple[str, Any]:
    """Return what is wrong with a line, and its value: a turn, or a dict of settings."""
    try:
        value = loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return _BROKEN, None
    if _MARK in value:
        return _read_settings(value)
    if not begun:
        return "is not the first line of one", None
    kind = next((name for name in ("turn", "answer") if isinstance(value.get(name), dict)), None)
    if kind is None or value.keys() - {kind, "reply"}:
        return f"is neither a turn nor an answer: {sanitize(', '.join(value), 60)}", None
    turn = value[kind]
    if kind == "turn":
        return ("has a turn without a role", None) if not isinstance(turn.get("role"), str) else ("", turn)
    reply = value.get("reply") or {}
    if not isinstance(reply, dict) or not all(isinstance(each, str) for each in reply.values()):
        return "has a reply that is not one", None
    answer = Message.of(turn)
    headers = [(name, reply[name]) for name in _REPLY if name in reply]
    answer = answer.with_headers(Headers(headers)) if headers else answer
    return "", answer.with_thread(reply["thread"]) if "thread" in reply else answer


def _read_settings(value: dict[str, Any]) -> tuple[str, Any]:
    version = value[_MARK]
    if type(version) is not int or version < 1:
        return "has no version", None
    if version > FORMAT:
        return _NEWER, None
    for name, each in value.items():
        kind = _SETTINGS.get(name)
        if kind is None:
            return f"has a setting that format {version} does not have: {sanitize(name, 60)}", None
        if type(each) is not kind or (isinstance(each, list) and list(map(type, each)) != [int, int]):
            return f"has {name} of a wrong type", None
    return "", value


_SETTINGS: Final[dict[str, type]] = {_MARK: int, "defaults": dict, "thread": bool, "taken_out": list}
