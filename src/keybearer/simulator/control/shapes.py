"""The shapes of a scripted reply: blocks, events, usage and stop reason, checked when the script is read.

The tables hold the fields that a client needs; a test compares them with the wheel's types. A block, an event or a stop
reason of a type that nobody knows yet passes, unless it is almost a known one.

Source: anthropic 2.14.0, types/beta/beta_content_block.py, beta_raw_message_stream_event.py, beta_usage.py,
beta_stop_reason.py.
"""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.control.wrong import Path, ScriptError, check_keys, dotted, refuse_near_miss
from keybearer.simulator.core.reply import encode

__all__ = ["BLOCKS", "EVENTS", "STOP_REASONS", "USAGE", "check_blocks", "check_encodes", "check_events", "check_usage"]

Fields = dict[str, type | tuple[type, ...]]

RESULT: Final[Fields] = {"tool_use_id": str, "content": (list, dict)}
CALL: Final[Fields] = {"name": str}
BLOCKS: Final[dict[str, Fields]] = {
    "text": {"text": str},
    "thinking": {"thinking": str},
    "redacted_thinking": {"data": str},
    "tool_use": CALL,
    "server_tool_use": CALL,
    "mcp_tool_use": {"name": str, "server_name": str},
    "mcp_tool_result": {"tool_use_id": str, "content": (list, str)},
    "mcp_tool_listing": {"mcp_server_name": str, "tools": list},
    "web_search_tool_result": RESULT,
    "web_fetch_tool_result": RESULT,
    "advisor_tool_result": RESULT,
    "code_execution_tool_result": RESULT,
    "bash_code_execution_tool_result": RESULT,
    "text_editor_code_execution_tool_result": RESULT,
    "tool_search_tool_result": RESULT,
    "container_upload": {"file_id": str},
    "compaction": {"content": (str, type(None))},
    "fallback": {"from": dict, "to": dict, "trigger": dict},
}
"""Block type to the fields that a script gives; `id`, `input` and `signature` are added where they are missing."""

EVENTS: Final[dict[str, Fields]] = {
    "message_start": {"message": dict},
    "content_block_start": {"index": int, "content_block": dict},
    "content_block_delta": {"index": int, "delta": dict},
    "content_block_stop": {"index": int},
    "message_delta": {"delta": dict, "usage": dict},
    "message_stop": {},
    "ping": {},
    "error": {"error": dict},
}

STOP_REASONS: Final = (
    "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "compaction", "refusal",
    "model_context_window_exceeded",
)  # fmt: skip

USAGE: Final[dict[str, type]] = {
    "input_tokens": int,
    "output_tokens": int,
    "cache_creation_input_tokens": int,
    "cache_read_input_tokens": int,
    "cache_creation": dict,
    "output_tokens_details": dict,
    "server_tool_use": dict,
    "fallback_credit": dict,
    "service_tier": str,
    "inference_geo": str,
    "speed": str,
    "iterations": list,
}

WORDS: Final = {
    str: "a string", int: "a whole number from 0", dict: "a mapping", list: "a list", type(None): "null",
}  # fmt: skip


def _check_field(value: Any, kind: type | tuple[type, ...], path: Path) -> None:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    good = isinstance(value, kinds) and not isinstance(value, bool) and not (isinstance(value, int) and value < 0)
    if not good:
        wanted = " or ".join(WORDS[each] for each in kinds)
        raise ScriptError(f"{dotted(path)} should be {wanted}, not {value!r:.60}", path)


def _check_typed(value: Any, table: dict[str, Fields], what: str, path: Path) -> None:
    """Check an object that has a `type`: one of a table, or one that nobody knows yet."""
    if not isinstance(value, dict):
        raise ScriptError(f"{dotted(path)} should be {what}: a mapping with its `type`, not {value!r:.60}", path)
    kind = value.get("type")
    if not isinstance(kind, str):
        raise ScriptError(f"{dotted(path)} has no `type`; {what} has one of {', '.join(table)}", path)
    refuse_near_miss(kind, table, (*path, "type"))
    for name, wanted in table.get(kind, {}).items():
        if name not in value:
            raise ScriptError(f"{dotted(path)}: {what} of type {kind!r} needs {name!r}", path)
        _check_field(value[name], wanted, (*path, name))


def check_blocks(value: Any, path: Path) -> list[dict[str, Any]]:
    """Return the blocks of a reply's `content`.

    Raises:
        ScriptError: It is no list of blocks, or a block lacks what its type needs.
    """
    if not isinstance(value, list):
        instead = f"; for a text write `text: {value}`" if isinstance(value, str) else ""
        raise ScriptError(f"{dotted(path)} should be a list of blocks, not {value!r:.60}{instead}", path)
    for index, block in enumerate(value):
        _check_typed(block, BLOCKS, "a block", (*path, index))
        if "input" in block:
            _check_field(block["input"], dict, (*path, index, "input"))
    return value


def check_events(value: Any, path: Path) -> list[dict[str, Any]]:
    """Return the events of a reply; their order is the script's own business.

    Raises:
        ScriptError: It is no list of events, or an event lacks what its type needs.
    """
    if not isinstance(value, list):
        raise ScriptError(f"{dotted(path)} should be a list of events, not {value!r:.60}", path)
    for index, event in enumerate(value):
        _check_typed(event, EVENTS, "an event", (*path, index))
    return value


def check_usage(value: Any, path: Path) -> dict[str, Any]:
    """Return a reply's `usage`.

    Raises:
        ScriptError: It has an unknown field, or one of the wrong type.
    """
    usage = check_keys(value, USAGE, "a usage", path)
    for name, amount in usage.items():
        if amount is not None:
            _check_field(amount, USAGE[name], (*path, name))
    return usage


def check_encodes(value: Any, path: Path) -> None:
    """Refuse a value that JSON cannot express, such as an object of a test's own.

    Raises:
        ScriptError: It is one.
    """
    try:
        encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise ScriptError(f"{dotted(path)} cannot be written as JSON: {error}", path) from error
