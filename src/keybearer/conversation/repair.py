"""`repair`: makes a history from elsewhere one that the service takes, and says each change.

Strategy: the turns are made into turns of the API, then each mend looks at the whole, in order.
A turn that nothing is wrong with stays the value that it was.

Contract: a history with nothing to mend comes back unchanged, and so does a repaired one.
Consecutive turns of one role are left as they are: the service joins them, and so does each mend here.
Whether a signature is genuine only the service knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from keybearer.conversation import mend_blocks, mend_calls
from keybearer.conversation.conversation import Conversation
from keybearer.conversation.draft import Change, DraftTurn, HistoryDraft, Placed
from keybearer.conversation.foreign import add_turn
from keybearer.conversation.saving import is_saved
from keybearer.conversation.transcript import is_transcript, read_transcript
from keybearer.errors import UsageError
from keybearer.wire.json import loads

__all__ = ["Repaired", "repair"]

BEGINNING: Final = "(The beginning of this conversation is not there.)"
_UNFINISHED: Final = frozenset({"server_tool_use", "mcp_tool_use", "compaction"})


class Repaired(NamedTuple):
    """What `repair` made.

    Attributes:
        conversation: The conversation.
        changes: What was changed, in the order of the mends; empty when nothing had to be.
    """

    conversation: Conversation
    changes: tuple[Change, ...]


class _Takes(NamedTuple):
    """What a model takes.

    Attributes:
        images: The most images of a request (docs/protocol.md).
        systems: Whether a turn may have the role `system`.
        prefill: Whether the answer may go on from an assistant's turn.
    """

    images: int = 600
    systems: bool = True
    prefill: bool = False


_OLD: Final = _Takes(images=100, systems=False, prefill=True)
_OLDER_MODELS: Final = {
    "claude-opus-4-7": _Takes(systems=False),
    "claude-opus-4-6": _Takes(systems=False),
    "claude-sonnet-4-6": _Takes(systems=False),
    "claude-mythos-preview": _Takes(systems=False),
    "claude-3": _OLD,
    "claude-haiku-4-5": _OLD,
    "claude-opus-4-": _OLD,
    "claude-sonnet-4-": _OLD,
}
"""Models that take less than the newest, by how their names begin; opus-4-8 and all others are as the newest. A guess from the public
tables of litellm (supports_assistant_prefill, supports_mid_conversation_system): neither the wheel nor the API's documents list it."""


def _takes(model: str | None) -> _Takes:
    if not model or model.startswith("claude-opus-4-8"):
        return _Takes()
    return next((takes for name, takes in _OLDER_MODELS.items() if model.startswith(name)), _Takes())


def repair(
    history: Conversation | Iterable[Any] | str | bytes, *, model: str | None = None, to_send: bool = False
) -> Repaired:
    """Make a history from elsewhere one that the service takes.

    Args:
        history: Turns as dicts, answers, or objects of the official SDK or of pydantic; a conversation; the decoded lines of a
            transcript of Claude Code; or the JSON text of any of these, as a list or as lines.
        model: The model that is to go on with it; older ones take less. None for the newest.
        to_send: Whether it is to be sent as it is. A turn of the assistant at its end, which most models do not go on from, is
            taken out then.

    Returns:
        The conversation, and each change in words.

    Raises:
        UsageError: It is no history: a text that is no JSON, or nothing to iterate over.
        ConversationError: It is the text of a saved conversation with a line that cannot be read.

    Example:
        >>> repaired = repair([{"role": "assistant", "content": "Hello "}])
        >>> [change.where for change in repaired.changes], len(repaired.conversation)
        (['messages[0]', 'messages[0]'], 2)
    """
    drawn = HistoryDraft()
    talk, values = _values(drawn, history)
    takes = _takes(model)
    drawn.system = talk.defaults.get("system")
    placed = read_transcript(drawn, values) if is_transcript(values) else None
    for where, value in placed if placed is not None else ((f"messages[{n}]", each) for n, each in enumerate(values)):
        add_turn(drawn, where, value)
    _mend(drawn, talk, takes, to_send=to_send)
    if not drawn.changes and isinstance(history, Conversation):
        return Repaired(history, ())
    turns = [turn.finished() for turn in drawn.turns]
    return Repaired(talk.replace(messages=turns, system=drawn.system), tuple(drawn.changes))


def _values(drawn: HistoryDraft, given: Any) -> tuple[Conversation, list[Any]]:
    """Return the settings and the turns of what was given."""
    if isinstance(given, Conversation):
        return given, list(given)
    if isinstance(given, str | bytes):
        return _decoded(drawn, given)
    if isinstance(given, Mapping):
        given = given.get("messages", [given])
    if not isinstance(given, Iterable):
        raise UsageError(f"A history is a list of turns; this is of type {type(given).__name__}.")
    values = list(given)
    return Conversation(), values


def _decoded(drawn: HistoryDraft, text: str | bytes) -> tuple[Conversation, list[Any]]:
    try:
        value = loads(text)
    except ValueError:
        value = None
    if isinstance(value, list) or (isinstance(value, Mapping) and "messages" in value):
        return _values(drawn, value)
    values: list[Any] = []
    lines: list[Any] = text.split("\n") if isinstance(text, str) else text.split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                values.append(loads(line))
        except ValueError:
            if number == 1:
                raise UsageError(
                    "The text is no history: neither it nor its first line is JSON.", hint="Give the decoded turns."
                ) from None
            values.append(None)
            drawn.note(f"line {number}", "it is no JSON; it was left out")
        if number == 1 and values and is_saved(values[0]):
            talk = Conversation.loads(text, recover=True)
            return talk, list(talk)
    return Conversation(), values


def _mend(drawn: HistoryDraft, talk: Conversation, takes: _Takes, *, to_send: bool) -> None:
    if not takes.systems:
        _mend_system(drawn)
        _mend_system_turns(drawn)
    mend_blocks.mend_roles(drawn)
    mend_blocks.mend_texts(drawn)
    mend_blocks.mend_thinking(drawn)
    mend_blocks.mend_images(drawn, takes.images)
    mend_calls.mend_ids(drawn)
    mend_calls.mend_pairs(drawn)
    mend_blocks.mend_last_thinking(drawn)
    mend_blocks.mend_empty(drawn)
    _mend_system(drawn)
    _mend_first(drawn)
    _mend_last(drawn, takes, to_send=to_send)
    mend_blocks.mend_last_thinking(drawn)
    mend_blocks.mend_empty(drawn)
    mend_blocks.mend_cache(drawn, {**talk.defaults, "system": drawn.system})


def _mend_system(drawn: HistoryDraft) -> None:
    """Put system turns at the beginning into the system prompt, which every model takes, and empty texts out of it."""
    parts = (
        drawn.system
        if isinstance(drawn.system, list)
        else [{"type": "text", "text": drawn.system}]
        if drawn.system
        else []
    )
    kept = [part for part in parts if not (isinstance(part, Mapping) and part.get("text") == "")]
    if len(kept) < len(parts):
        drawn.note("system", "it has an empty text; it was taken out")
        drawn.system = parts = kept
    moved = False
    while drawn.turns and drawn.turns[0].role == "system" and not drawn.turns[0].silent:
        turn = drawn.turns.pop(0)
        drawn.note(turn.where, "the history begins with a system turn; its text is in the system prompt now")
        parts, moved = [*parts, *(placed.block for placed in turn.blocks if placed.block.get("text"))], True
    if moved:
        drawn.system = parts or None


def _mend_system_turns(drawn: HistoryDraft) -> None:
    for turn in list(drawn.turns):
        if turn.role == "system" and turn.blocks:
            drawn.note(turn.where, "the model takes no system turn; it is one of the user's now")
            made = DraftTurn(
                turn.where, "user", [placed for placed in turn.blocks if placed.kind == "text"], changed=True
            )
            drawn.turns[drawn.turns.index(turn)] = made
        elif turn.role == "system":
            drawn.note(turn.where, "the model takes no system turn; it was taken out")
            drawn.turns.remove(turn)


def _mend_first(drawn: HistoryDraft) -> None:
    spans = drawn.spans()
    if spans and spans[0].role == "assistant" and [placed.kind for placed in spans[0].blocks[:1]] != ["compaction"]:
        where = spans[0].turns[0].where
        drawn.note(where, "the history begins with the assistant; a turn of the user's that says so is before it now")
        drawn.turns.insert(
            0, DraftTurn(where, "user", [Placed(where, {"type": "text", "text": BEGINNING})], changed=True)
        )


def _mend_last(drawn: HistoryDraft, takes: _Takes, *, to_send: bool) -> None:
    """Strip the end of a last turn of the assistant, and take it out where it is to be sent and the model does not go on from it."""
    spans = drawn.spans()
    while to_send and not takes.prefill and spans and spans[-1].role == "assistant":
        if _UNFINISHED.intersection(placed.kind for placed in spans[-1].blocks):
            return
        for turn in spans.pop().turns:
            drawn.note(turn.where, "the model does not go on from a turn of the assistant; it was taken out")
            drawn.turns.remove(turn)
    while spans and spans[-1].role == "assistant" and spans[-1].blocks:
        turn = next(each for each in reversed(spans[-1].turns) if each.blocks)
        last = turn.blocks[-1]
        text = last.block.get("text")
        if last.kind != "text" or not isinstance(text, str) or text == text.rstrip():
            return
        drawn.note(last.where, "the last turn ends with white space; its end was stripped")
        rest = [last._replace(block={**last.block, "text": text.rstrip()})] if text.strip() else []
        turn.replace([*turn.blocks[:-1], *rest])
        if not turn.blocks:
            drawn.turns.remove(turn)
            spans = drawn.spans()
