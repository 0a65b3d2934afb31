"""Compaction: the conversation so far becomes one block with its summary, which later requests send in its place.

Two parameters ask for it. The edit `compact_20260112` compacts when the input is long, and the answer follows in the same
reply, unless `pause_after_compaction` is set. `compaction` compacts at once, and the reply is the block alone, signed.
A later request's block stands for everything before it. The summary is a digest: who said what, each shortened.

Source: the wheel's `types/beta/beta_compaction*.py`, `beta_compact_20260112_edit_param.py`, `beta_usage.py` and
`types/compaction_*_error.py`. The words of the summary are the simulator's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any, Final

import msgspec

__all__ = [
    "TRIGGER_TOKENS",
    "after_compaction",
    "compact_edit",
    "compaction_block",
    "digest",
    "signature_fault",
    "text_of",
]

Block = dict[str, Any]

TRIGGER_TOKENS: Final = 150_000
LONGEST_LINE: Final = 300
MOST_LINES: Final = 60
LATEST: Final = "\n\nLatest request: "
KEY: Final = b"keybearer simulator: compaction signatures"
DIGEST: Final = hashlib.sha256().digest_size

_canonical = msgspec.json.Encoder(order="sorted")


def compact_edit(body: dict[str, Any]) -> Block | None:
    """Return the request's edit `compact_20260112`, if it has one."""
    edits = (body.get("context_management") or {}).get("edits") or []
    return next((edit for edit in edits if edit.get("type") == "compact_20260112"), None)


def text_of(message: Block) -> str:
    """Join a message's texts; a tool's call and result are named."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    words = []
    for block in content or []:
        match block.get("type"):
            case "text" | "compaction":
                words.append(str(block.get("text") or block.get("content") or ""))
            case "tool_use" | "server_tool_use" | "mcp_tool_use":
                words.append(f"[called {block.get('name')}]")
            case "tool_result":
                inner = block.get("content")
                words.append(f"[result: {inner if isinstance(inner, str) else text_of({'content': inner or []})}]")
    return " ".join(words)


def digest(messages: list[Block], instructions: str | None = None) -> str:
    """Write the summary of a conversation.

    Args:
        messages: The conversation.
        instructions: What the request says about the summary; an empty text counts as absent.

    Returns:
        One line for each message, the newest if there are too many, and the user's latest request.
    """
    lines = []
    latest = ""
    for message in messages:
        text = " ".join(text_of(message).split())
        if not text or message.get("role") == "system":
            continue
        lines.append(f"{message['role']}: {text[:LONGEST_LINE]}{'…' if len(text) > LONGEST_LINE else ''}")
        latest = text if message["role"] == "user" and not text.startswith("[result:") else latest
    head = ["Summary of the conversation so far."]
    if instructions and instructions.strip():
        head.append(f"Made by these instructions: {instructions.strip()[:LONGEST_LINE]}")
    return "\n".join([*head, *lines[-MOST_LINES:]]) + LATEST + latest


def compaction_block(summary: str, *, tool_changes: list[Block] | None = None, signed: bool) -> Block:
    """Make the block (`BetaCompactionBlock` of the wheel).

    Args:
        summary: Its text.
        tool_changes: The changes of tools in the summarized conversation; for a signed block.
        signed: Whether it has a signature, as the parameter `compaction` gives it, or the edit's opaque content.

    Returns:
        The block.
    """
    if signed:
        changes = tool_changes or []
        signature = _sign(summary, changes)
        return {
            "type": "compaction", "content": summary, "encrypted_content": None, "signature": signature,
            "tool_changes": changes,
        }  # fmt: skip
    opaque = base64.b64encode(hashlib.sha256(KEY + summary.encode()).digest()).decode()
    return {"type": "compaction", "content": summary, "encrypted_content": opaque}


def _hash(value: Any) -> bytes:
    return hashlib.sha256(_canonical.encode(value)).digest()


def _sign(content: str, changes: list[Block]) -> str:
    recorded = _hash(content) + _hash(changes)
    return base64.b64encode(recorded + hmac.digest(KEY, recorded, "sha256")).decode()


def signature_fault(block: Block) -> str | None:
    """Return the `error_code` of a signed block that was changed; None for one that was not, or has no signature."""
    signature = block.get("signature")
    if signature is None:
        return None
    try:
        raw = base64.b64decode(str(signature), validate=True)
    except ValueError:
        return "compaction_signature_invalid"
    recorded = raw[: 2 * DIGEST]
    if len(raw) != 3 * DIGEST or not hmac.compare_digest(raw[2 * DIGEST :], hmac.digest(KEY, recorded, "sha256")):
        return "compaction_signature_invalid"
    if recorded[:DIGEST] != _hash(block.get("content")):
        return "compaction_content_mismatch"
    if "tool_changes" in block and recorded[DIGEST:] != _hash(block["tool_changes"] or []):
        return "compaction_tool_changes_mismatch"
    return None


def after_compaction(messages: list[Any]) -> list[Any]:
    """Put the summary of the last compaction block in place of everything before it.

    Args:
        messages: The conversation as the client sent it.

    Returns:
        The conversation as the model sees it; the same list if no block has content. When nothing follows the block, the
        latest request is repeated after the summary, because it is what the model goes on with.
    """
    found = [
        (index, place, block)
        for index, message in enumerate(messages)
        if isinstance(message.get("content"), list)
        for place, block in enumerate(message["content"])
        if block.get("type") == "compaction"
    ]
    if not found:
        return messages
    whole = [each for each in found if each[2].get("content")]
    if not whole:
        return [kept for message in messages if (kept := _without_compaction(message))["content"]]
    index, place, block = whole[-1]
    rest = {**messages[index], "content": messages[index]["content"][place + 1 :]}
    later = [kept for message in (rest, *messages[index + 1 :]) if (kept := _without_compaction(message))["content"]]
    marked = {"cache_control": block["cache_control"]} if block.get("cache_control") else {}
    summary = {"role": "user", "content": [{"type": "text", "text": block["content"], **marked}]}
    if not later and LATEST in block["content"]:
        later = [{"role": "user", "content": block["content"].rpartition(LATEST)[2] or "…"}]
    return [summary, *later]


def _without_compaction(message: Any) -> Any:
    """Drop compaction blocks: those that failed have no content, and the service treats them as nothing."""
    content = message["content"]
    if not isinstance(content, list):
        return message
    return {**message, "content": [block for block in content if block.get("type") != "compaction"]}
