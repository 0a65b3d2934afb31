"""Turns from elsewhere, made into turns of the API: other libraries' objects, roles, fields and calls.

Source of the other shapes: the OpenAI chat format (`tool_calls`, role `tool`), and the roles of LangChain (`human`, `ai`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.conversation.accept import turn_of, with_request_id
from keybearer.conversation.draft import DraftTurn, HistoryDraft, joined
from keybearer.types.messages import Message
from keybearer.wire.json import detached, loads

__all__ = ["add_turn"]

_ROLES: Final = {"human": "user", "ai": "assistant", "model": "assistant", "developer": "system"}
_OWN: Final = frozenset({"role", "content"})
_FIELDS: Final = frozenset(
    {
        "id", "name", "type", "model", "usage", "stop_reason", "stop_sequence", "stop_details", "container", "timestamp", "created_at",
        "createdAt", "created", "metadata", "tool_calls", "tool_call_id", "function_call", "refusal", "audio", "annotations",
        "reasoning_content", "uuid", "parentUuid", "session_id",
    }
)  # fmt: skip
"""Fields that a turn has elsewhere, and that the service refuses."""
_BLOCK_FIELDS: Final = frozenset({"parsed_output", "partial_json", "incomplete", "index"})
"""Fields that a client's own blocks have, and that the service refuses."""


def add_turn(history: HistoryDraft, where: str, value: Any) -> None:
    """Add a turn to a history, and note what had to be changed for it.

    Args:
        history: The history.
        where: The turn's place.
        value: The turn.
    """
    if isinstance(value, Message):
        history.turns.append(_without_marks(history, DraftTurn.of(where, value)))
        return
    plain = {"role": "user", "content": value} if isinstance(value, str) else detached(value)
    if not isinstance(plain, dict):
        history.note(where, f"it is of type {type(value).__name__}, which is no turn; it was taken out")
        return
    if isinstance(value, str):
        history.note(where, "it is a text without a role; it is the user's now")
    elif not isinstance(value, Mapping):
        history.note(where, f"it is an object of type {type(value).__name__}; it is kept as what it would be sent as")
    given = plain.get("role")
    if given == "tool" and "tool_call_id" in plain:
        history.note(where, "it has the role 'tool'; it is a tool_result of the user's now")
        block = {"type": "tool_result", "tool_use_id": str(plain["tool_call_id"]), "content": plain.get("content")}
        plain = {"role": "user", "content": [block]}
    elif given not in ("user", "assistant", "system"):
        plain["role"] = _ROLES.get(given, "user") if isinstance(given, str) else "user"
        history.note(where, f"it has the role {joined([repr(given)])}; it has {plain['role']!r} now")
    _mend_content(history, where, plain)
    _mend_calls(history, where, plain)
    is_answer = plain.get("type") == "message" and plain["role"] == "assistant"
    foreign = [] if is_answer else sorted(name for name in plain.keys() - _OWN if name in _FIELDS)
    if foreign:
        history.note(
            where, f"it has fields that a turn of the API does not have; they were taken out: {joined(foreign)}"
        )
    turn = with_request_id(turn_of({name: each for name, each in plain.items() if name not in foreign}), value)
    history.turns.append(_without_marks(history, DraftTurn.of(where, turn)))


def _mend_content(history: HistoryDraft, where: str, plain: dict[str, Any]) -> None:
    content = plain.get("content")
    if isinstance(content, str):
        return
    if content is None:
        plain["content"] = []
        return
    if isinstance(content, dict) or not isinstance(content, list):
        history.note(where, "its content is neither a text nor a list; it is a list of one block now")
        content = [content]
    blocks: list[Any] = []
    for index, block in enumerate(content):
        if isinstance(block, str):
            history.note(f"{where}.content[{index}]", "it is a text where a block is due; it is a text block now")
            blocks.append({"type": "text", "text": block})
        elif isinstance(block, dict) and isinstance(block.get("type"), str):
            blocks.append(block)
        else:
            history.note(f"{where}.content[{index}]", "it is no block: it has no type; it was taken out")
    plain["content"] = blocks


def _mend_calls(history: HistoryDraft, where: str, plain: dict[str, Any]) -> None:
    calls = plain.get("tool_calls")
    if plain["role"] != "assistant" or not isinstance(calls, list) or not calls:
        return
    content = plain["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    for call in calls:
        function = call.get("function", call) if isinstance(call, dict) else {}
        given = function.get("arguments", function.get("args"))
        blocks.append(
            {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": given}
            if function
            else call
        )
    plain["content"] = [block for block in blocks if isinstance(block, dict)]
    history.note(where, "it has tool_calls; they are tool_use blocks now")


def _without_marks(history: HistoryDraft, turn: DraftTurn) -> DraftTurn:
    """Take fields off blocks that the service refuses, and decode a call's input."""
    for number, (where, block) in enumerate(turn.blocks):
        changed = {name: value for name, value in block.items() if name not in _BLOCK_FIELDS}
        if len(changed) < len(block):
            history.note(
                where, f"it has a client's own fields; they were taken out: {joined(block.keys() - changed.keys())}"
            )
        if block.get("type") == "tool_use" and not isinstance(block.get("input"), dict):
            changed["input"] = _input(block.get("input"))
            history.note(where, "its input is no object; it is one now")
        if changed != block:
            turn.replace(
                [*turn.blocks[:number], turn.blocks[number]._replace(block=changed), *turn.blocks[number + 1 :]]
            )
    return turn


def _input(given: Any) -> dict[str, Any]:
    try:
        value = loads(given) if isinstance(given, str) else given
    except ValueError:
        value = given
    return value if isinstance(value, dict) else {} if not value else {"input": value}
