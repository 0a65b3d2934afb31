"""Context editing: clears old tool results and old thinking from a request before the model sees it.

An edit is a pure function from the request to the request and to what it cleared. The service keeps nothing of an edit: the
client sends its whole conversation again, and it is cleared again.

Source: the wheel's `types/beta/beta_clear_*_edit_param.py`; the API's "Context editing" page for the defaults. The words in
the place of a result, and which results of the service's own tools are cleared, are guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from keybearer.simulator.service import tokens

__all__ = ["EDITS", "PLACEHOLDER"]

Body = dict[str, Any]
Block = dict[str, Any]

PLACEHOLDER: Final = "[Old tool result content cleared]"
CALLS: Final = ("tool_use", "server_tool_use", "mcp_tool_use")
CLEARED: Final[dict[str, Any]] = {
    "tool_result": PLACEHOLDER,
    "mcp_tool_result": PLACEHOLDER,
    "web_search_tool_result": [],
}
"""The type of a result to the content that it has when it is cleared."""
THINKING: Final = ("thinking", "redacted_thinking")
TRIGGER: Final[Block] = {"type": "input_tokens", "value": 100_000}
KEEP_TOOL_USES: Final = 3
KEEP_THINKING_TURNS: Final = 1


def _blocks(message: Any) -> list[Block]:
    content = message.get("content")
    return content if isinstance(content, list) else []


def _rewritten(body: Body, change: Callable[[int, Block], Block | None]) -> Body:
    """Change every block by its message's index; None removes it, and a message that is left empty goes with it."""
    messages = []
    for index, message in enumerate(body.get("messages") or []):
        blocks = _blocks(message)
        kept = [made for block in blocks if (made := change(index, block)) is not None]
        if not blocks:
            messages.append(message)
        elif kept:
            messages.append({**message, "content": kept})
    return {**body, "messages": messages}


def _calls(body: Body) -> Iterator[tuple[str, str]]:
    """Yield id and name of every call that has a result which can be cleared, oldest first."""
    blocks = [block for message in body.get("messages") or [] for block in _blocks(message)]
    answered = {block.get("tool_use_id") for block in blocks if block.get("type") in CLEARED}
    for block in blocks:
        if block.get("type") in CALLS and block.get("id") in answered:
            yield str(block["id"]), str(block.get("name"))


def _clear_tool_uses(body: Body, edit: Block) -> tuple[Body, Block | None]:
    """Replace the results of old calls, and empty their inputs if that is asked for."""
    calls = list(_calls(body))
    trigger = edit.get("trigger") or TRIGGER
    before = tokens.count_prompt(body)
    if (len(calls) if trigger["type"] == "tool_uses" else before) <= trigger["value"]:
        return body, None
    keep = (edit.get("keep") or {}).get("value", KEEP_TOOL_USES)
    spared = {name for name, _ in calls[max(0, len(calls) - keep) :]}
    excluded = edit.get("exclude_tools") or ()
    old = {name: tool for name, tool in calls if name not in spared and tool not in excluded}
    emptied = edit.get("clear_tool_inputs") or False

    def change(_index: int, block: Block) -> Block:
        if block.get("type") in CLEARED and block.get("tool_use_id") in old:
            return {**block, "content": CLEARED[block["type"]]}
        tool = old.get(str(block.get("id"))) if block.get("type") in CALLS else None
        wanted = tool is not None and (emptied is True or (isinstance(emptied, list) and tool in emptied))
        return {**block, "input": {}} if wanted else block

    made = _rewritten(body, change)
    cleared = before - tokens.count_prompt(made)
    if not old or cleared < max(1, (edit.get("clear_at_least") or {}).get("value", 0)):
        return body, None
    return made, {"type": edit["type"], "cleared_input_tokens": cleared, "cleared_tool_uses": len(old)}


def _is_asking(message: Any) -> bool:
    """Return whether a message begins a turn: the user's words, not a tool's results alone."""
    blocks = _blocks(message)
    return message.get("role") == "user" and (not blocks or any(block.get("type") != "tool_result" for block in blocks))


def _clear_thinking(body: Body, edit: Block) -> tuple[Body, Block | None]:
    """Remove the thinking of all but the last turns that have some; a tool loop is one turn."""
    keep = edit.get("keep")
    if keep == "all" or (isinstance(keep, dict) and keep.get("type") == "all"):
        return body, None
    turn, turn_of = 0, {}
    for index, message in enumerate(body.get("messages") or []):
        turn += _is_asking(message)
        if message.get("role") == "assistant" and any(block.get("type") in THINKING for block in _blocks(message)):
            turn_of[index] = turn
    thought = sorted(set(turn_of.values()))
    last = int(keep["value"]) if isinstance(keep, dict) else KEEP_THINKING_TURNS
    old = set(thought[: max(0, len(thought) - last)])
    if not old:
        return body, None
    before = tokens.count_prompt(body)
    made = _rewritten(
        body,
        lambda index, block: None if block.get("type") in THINKING and turn_of.get(index) in old else block,
    )
    cleared = before - tokens.count_prompt(made)
    return made, {"type": edit["type"], "cleared_input_tokens": cleared, "cleared_thinking_turns": len(old)}


EDITS: Final[dict[str, Callable[[Body, Block], tuple[Body, Block | None]]]] = {
    "clear_thinking_20251015": _clear_thinking,
    "clear_tool_uses_20250919": _clear_tool_uses,
}
"""The type of an edit to the function that makes it, and gives its entry of `applied_edits` if it cleared anything."""
