"""What the model sees of a request: after compaction blocks and context edits."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.service import tokens
from keybearer.simulator.service.compaction import TRIGGER_TOKENS, after_compaction, compact_edit
from keybearer.simulator.service.context_edits import EDITS

__all__ = ["SeenContext", "seen_by", "seen_context"]


class SeenContext(Struct, frozen=True):
    """A request as the model sees it.

    Args:
        body: The body, with what was cleared left out.
        applied: The entries of `context_management.applied_edits`.
        is_long: Whether the edit `compact_20260112` compacts it now.
    """

    body: dict[str, Any]
    applied: list[dict[str, Any]]
    is_long: bool = False


def seen_by(request: MessageRequest) -> SeenContext:
    """Return what the model sees of a request, worked out once."""
    if "seen" not in request.kept:
        request.kept["seen"] = seen_context(request.body)
    seen: SeenContext = request.kept["seen"]
    return seen


def seen_context(body: dict[str, Any]) -> SeenContext:
    """Work out what the model sees of a request whose shape has been checked.

    Args:
        body: The request's body.

    Returns:
        The context; its body is the request's own if nothing is cleared.
    """
    messages = body.get("messages") or []
    kept = after_compaction(messages)
    seen = body if kept is messages else {**body, "messages": kept}
    applied = []
    for edit in (body.get("context_management") or {}).get("edits") or []:
        if make := EDITS.get(edit["type"]):
            seen, entry = make(seen, edit)
            applied += [entry] if entry else []
    compact = compact_edit(body)
    limit = ((compact or {}).get("trigger") or {}).get("value", TRIGGER_TOKENS)
    return SeenContext(seen, applied, compact is not None and tokens.count_prompt(seen) >= limit)
