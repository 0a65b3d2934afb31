"""The cases of the rules on context editing and compaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keybearer.simulator.service.compaction import compaction_block
from support.rule_cases.blocks import TOOL, USER, Change, assistant, call, user

EDITS = ("context-management-2025-06-27", "compact-2026-01-12")
COMPACT = ("compact-2026-09-04",)
TOOL_CHANGES = ("mid-conversation-tool-changes-2026-07-01",)
THINKING = {"type": "enabled", "budget_tokens": 1024}
CLEAR_TOOLS = {"type": "clear_tool_uses_20250919"}
CLEAR_THINKING = {"type": "clear_thinking_20251015"}
SUMMARIZE: dict[str, Any] = {"model": "claude-opus-4-6", "compaction": {"type": "summarize"}, "betas": COMPACT}


MODEL = "claude-opus-4-6"
"""A model that thinks with a budget, and compacts."""


def edited(*edits: dict[str, Any], **more: Any) -> Change:
    """A request with edits."""
    return {"context_management": {"edits": list(edits)}, "model": MODEL, "betas": EDITS, **more}


def compacts_at(tokens: int) -> Change:
    """A request that is compacted from so many tokens on."""
    return edited({"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": tokens}})


def contexts() -> Iterator[tuple[str, Change, Change, str]]:
    """The rules of `rules/context.py`."""
    thinks: Change = {"thinking": THINKING, "max_tokens": 2000}
    yield (
        "context-edits",
        edited(CLEAR_THINKING, CLEAR_TOOLS, **thinks),
        edited(CLEAR_TOOLS, CLEAR_THINKING, **thinks),
        "must be the first edit",
    )
    yield "context-edits", edited(CLEAR_THINKING, **thinks), edited(CLEAR_THINKING), "requires `thinking`"
    yield "context-edits", compacts_at(50_000), compacts_at(49_999), "at least 50000 input tokens"
    fields: tuple[Change, ...] = (
        {"stop_sequences": ["x"]},
        {"tools": [TOOL], "tool_choice": {"type": "any"}},
        {
            "output_config": {
                "format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}
            }
        },
    )
    for field in fields:
        yield "compaction-alone", SUMMARIZE, {**SUMMARIZE, **field}, "compaction: cannot be combined"
    empty: Change = {**SUMMARIZE, "messages": [user({"type": "container_upload", "file_id": "file_1"})]}
    yield "compaction-request", SUMMARIZE, empty, "no content to summarize"
    calling = {"messages": [USER, assistant(call())], "tools": [TOOL]}
    answered = {"messages": [USER, assistant({"type": "text", "text": "Hello"})]}
    yield "compaction-request", {**SUMMARIZE, **answered}, {**SUMMARIZE, **calling}, "unfinished assistant turn"
    block = compaction_block("They met.", signed=True)
    removal = {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "add"}}

    def talk(*messages: Any) -> Change:
        return {"model": MODEL, "messages": list(messages), "betas": (*COMPACT, *TOOL_CHANGES)}

    first = talk(assistant(block), USER)
    for change, words in (
        ({"content": "They fought."}, "compaction_content_mismatch"),
        ({"tool_changes": [removal]}, "compaction_tool_changes_mismatch"),
        ({"signature": "bm9uZQ=="}, "compaction_signature_invalid"),
    ):
        yield "compaction-block", first, talk(assistant({**block, **change}), USER), words
    yield "compaction-block", first, talk(USER, assistant(block), USER), "must be the first block"
    yield "compaction-block", first, talk(assistant(block), USER, assistant(block), USER), "more than one"
