"""A conversation's last question: what was before it, and what it is, to undo it or to ask it again."""

from __future__ import annotations

from typing import Any

from keybearer.conversation.conversation import Conversation

__all__ = ["before_last_question", "last_question"]


def last_question(talk: Conversation) -> int | None:
    """Return the index of the last turn that a person wrote: of the user, and no result of a tool; None without any."""
    for index in range(len(talk) - 1, -1, -1):
        turn = talk[index]
        if isinstance(turn, dict) and turn["role"] == "user" and not _is_result(turn["content"]):
            return index
    return None


def before_last_question(talk: Conversation) -> tuple[Conversation, list[Any]] | None:
    """Return a conversation as it was before its last question, and the content of that; None without any."""
    index = last_question(talk)
    if index is None:
        return None
    content = talk[index]["content"]  # type: ignore[index] # a dict: `last_question` looked
    return talk.fork(at=index), [content] if isinstance(content, str) else list(content)


def _is_result(content: Any) -> bool:
    return not isinstance(content, str) and any(block.get("type") == "tool_result" for block in content)
