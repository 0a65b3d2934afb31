"""Rules on context editing and compaction."""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.service.compaction import compact_edit, signature_fault, text_of

__all__ = ["RULES"]

WHEEL: Final = "anthropic 2.14.0, types/compaction_*_error.py"
LEAST_TRIGGER: Final = 50_000
THINKING_EDIT: Final = "clear_thinking_20251015"


@rule("context-edits", "docs: Context editing; docs: Compaction", about=("context_management",))
def context_edits(request: MessageRequest) -> str | None:
    """Clearing thinking comes first and while the model thinks, and a compaction's trigger is at least 50,000 tokens."""
    kinds = [edit["type"] for edit in (request.body.get("context_management") or {}).get("edits") or []]
    if THINKING_EDIT in kinds:
        if kinds[0] != THINKING_EDIT:
            return f"context_management.edits: `{THINKING_EDIT}` must be the first edit"
        if (request.body.get("thinking") or {}).get("type", "disabled") == "disabled":
            return f"context_management: `{THINKING_EDIT}` strategy requires `thinking` to be enabled or adaptive"
    value = ((compact_edit(request.body) or {}).get("trigger") or {}).get("value", LEAST_TRIGGER)
    if value < LEAST_TRIGGER:
        return (
            f"context_management.edits: the trigger of compact_20260112 must be at least {LEAST_TRIGGER} input tokens"
        )
    return None


@rule(
    "compaction-alone",
    "anthropic 2.14.0, types/beta/message_create_params.py, lib/tools/_beta_runner.py",
    about=("compaction",),
)
def compaction_alone(request: MessageRequest) -> str | None:
    """A compaction request has no field that only shapes an answer, and no `context_management`."""
    body = request.body
    if body.get("compaction") is None or request.endpoint == "count_tokens":
        return None
    for name in ("context_management", "stop_sequences", "output_format"):
        if body.get(name):
            return f"compaction: cannot be combined with `{name}`"
    if (body.get("output_config") or {}).get("format"):
        return "compaction: cannot be combined with `output_config.format`"
    if (body.get("tool_choice") or {}).get("type") in {"any", "tool"}:
        return "compaction: cannot be combined with a `tool_choice` that forces a tool"
    return None


def _refusal(code: str, message: str) -> ServiceError:
    return ServiceError("invalid_request_error", message, details={"error_code": code})


@rule("compaction-request", WHEEL, about=("compaction",))
def compaction_request(request: MessageRequest) -> ServiceError | None:
    """There is something to compact, and it does not end in an unfinished turn of the assistant."""
    if request.body.get("compaction") is None or request.endpoint == "count_tokens":
        return None
    spoken = [message for message in request.messages if message["role"] != "system"]
    if not any(text_of(message).strip() for message in spoken):
        return _refusal("compaction_nothing_to_summarize", "messages: there is no content to summarize")
    last = [block.get("type") for _, block in (request.turns[-1].blocks if request.turns else [])][-1:]
    if spoken[-1]["role"] == "assistant" and last in (["tool_use"], ["server_tool_use"], ["mcp_tool_use"]):
        return _refusal("compaction_incomplete_turn", "messages: the conversation ends on an unfinished assistant turn")
    return None


def _signed(request: MessageRequest) -> list[tuple[str, str, dict[str, Any]]]:
    return [each for each in request.blocks if each[2].get("type") == "compaction" and each[2].get("signature")]


@rule("compaction-block", WHEEL, about=("compaction",))
def compaction_block(request: MessageRequest) -> ServiceError | None:
    """A signed compaction block comes back unchanged, once, and first in the conversation."""
    signed = _signed(request)
    for role, path, block in signed:
        if code := signature_fault(block):
            return _refusal(code, f"{path}: the `compaction` block is not as it was returned ({code})")
        first = request.messages[0] if request.messages[0]["role"] != "system" else request.messages[1]
        is_first = isinstance(first["content"], list) and first["content"][0] is block
        if role == "system" or (not is_first and len(signed) == 1):
            return _refusal("compaction_block_misplaced", f"{path}: a `compaction` block must be the first block")
    if len(signed) > 1:
        return _refusal("compaction_block_ambiguous", "messages: more than one `compaction` block has content")
    return None


RULES: Final[tuple[Rule, ...]] = (context_edits, compaction_alone, compaction_request, compaction_block)
